"""Collects photos from web pages: politely, safely, and so that it can be stopped at any moment."""
