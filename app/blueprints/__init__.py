"""The rooms that speak HTTP. Each is a plugin, and none knows another."""
