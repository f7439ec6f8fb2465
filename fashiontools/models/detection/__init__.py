"""Networks that find things in photos."""
