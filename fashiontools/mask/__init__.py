"""Hole masks for photos."""
