"""What a ConvNet thinks about your selfie: labels, scorer, grids, map and crops."""

__version__ = "0.1.0"
