"""Sets whose photos are pairs, side by side in one file."""
