"""Labelled photos to a scorer, and how good that is."""
