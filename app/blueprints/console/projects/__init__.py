"""A project: settings, tokens, members, audit."""
