"""The inbox and a piece of feedback."""
