"""Requests to web servers: which are allowed, how often, and what comes back."""
