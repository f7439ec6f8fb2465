"""Local copies of the sites that are scraped, under their real names: HTTPS on loopback, reached by `--connect-to`."""
