"""Scoring images against references."""
