"""One photo among a gallery: its answer, crops, advice, reasons, bursts, the card."""
