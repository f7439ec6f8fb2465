"""A real browser, for sites whose pages are made by their own scripts."""
