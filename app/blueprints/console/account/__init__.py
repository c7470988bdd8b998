"""Pages of whoever is logged in, and of who wants to."""
