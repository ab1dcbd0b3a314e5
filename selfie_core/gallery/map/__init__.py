"""The map of a gallery: positions, cells, seams, names; it never sees a gallery."""
