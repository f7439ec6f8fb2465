"""`scrape pinterest`: boards and searches become folders of photos."""
