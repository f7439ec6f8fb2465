"""Descriptions: from words to vectors."""
