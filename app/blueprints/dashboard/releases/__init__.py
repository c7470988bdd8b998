"""Release health over the API and by command."""
