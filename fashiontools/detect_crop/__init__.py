"""Boxes of garments on photos, and crops of them."""
