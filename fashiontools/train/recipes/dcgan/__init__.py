"""The recipe `dcgan`."""
