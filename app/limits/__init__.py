"""What a project or an address may send, and where it is counted."""
