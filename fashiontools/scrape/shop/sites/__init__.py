"""The shops that need more than the generic reader: one file each, found through the table of `sites`."""
