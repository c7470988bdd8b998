"""Which events are the same bug: what counts of a stack, and what of a message."""
