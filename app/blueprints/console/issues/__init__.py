"""Issues and their events."""
