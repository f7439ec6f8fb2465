"""Filling the holes of photos."""
