"""`scrape urls`: a list of URLs becomes a folder of photos."""
