"""Projects, members, tokens and audit over the API and by command."""
