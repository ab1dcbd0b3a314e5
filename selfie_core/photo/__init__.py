"""One photo, without a net: opening it, its faces, its factors, its edits, its near-copies."""
