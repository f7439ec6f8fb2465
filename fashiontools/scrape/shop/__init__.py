"""`scrape shop`: the products of fashion shops become photos with the shop's own words."""
