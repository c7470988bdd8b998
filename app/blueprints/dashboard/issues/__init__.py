"""Issues over the API."""
