"""The recipe `detector`."""
