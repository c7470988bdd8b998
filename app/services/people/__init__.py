"""The people whose data a project holds: found, exported, erased."""
