"""Which events are one bug."""
