"""One function per use case; each owns one transaction and takes the time as an argument."""
