"""Folders of files from a manifest."""
