"""The recipe `pix2pix`."""
