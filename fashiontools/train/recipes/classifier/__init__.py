"""The recipe `classifier`."""
