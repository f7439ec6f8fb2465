"""fashiontools: small commands that pipe together, for people who build generative models of fashion."""

__version__ = "0.1.0"
