"""Reads what any shop says of its products, from whatever its pages say it in."""
