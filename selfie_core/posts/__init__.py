"""Likes to labels: tables of posts, a simulated audience, importers."""
