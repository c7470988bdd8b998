"""How healthy each release is."""
