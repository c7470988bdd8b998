"""What a page asks of several nouns, so that nouns do not know each other in circles."""
