"""Networks that make an image of another image."""
