"""The recipe `coarse-to-fine`."""
