"""Finding, exporting and erasing a person."""
