"""Photos to score and fc7: nets, weights, export, and the one loop over files."""
