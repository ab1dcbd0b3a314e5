"""Errors, settings, every path and file format, progress: what all of it stands on."""
