"""Tokens that independent implementations signed."""
