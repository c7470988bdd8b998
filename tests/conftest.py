"""The fixtures that all tests share, each in the file of its subject, and how the tests are run."""

# What imports from another stands after it: pytest rewrites the asserts of what it loads itself.
pytest_plugins = [
    "tests.garbage",
    "tests.traced",
    "tests.kept_connections",
    "tests.servers.fixtures",
    "tests.servers.browser",
    "tests.fixtures.clocks",
    "tests.fixtures.apps",
    "tests.fixtures.databases",
    "tests.fixtures.furnished",
    "tests.fixtures.people",
    "tests.fixtures.posted",
    "tests.fixtures.commands",
    "tests.fixtures.logs",
]
