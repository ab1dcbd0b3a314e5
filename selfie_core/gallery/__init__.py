"""A gallery on disk: build, open, rank, filter, search; the named set."""
