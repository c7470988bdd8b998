"""The instance as a whole: ready, backed up, restored, moved, cleaned, examined."""
