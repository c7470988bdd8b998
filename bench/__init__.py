"""What the service costs, measured; nothing here can fail a build."""
