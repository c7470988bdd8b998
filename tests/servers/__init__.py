"""Real servers for tests, from Python packages that carry their binaries; nothing to install first.

They start when a test first asks for one and end with the tests. A newcomer may expect to find them
running already: each process of the tests has its own, so two test runs never meet.
"""
