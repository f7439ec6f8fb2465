"""Networks that are only looked through: their features compare images."""
