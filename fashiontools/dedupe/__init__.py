"""Photos that are copies of each other."""
