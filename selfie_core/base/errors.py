"""Errors that a person can repair: each message says what was seen, wanted, and what to do."""


class SelfieError(Exception):
    """A person's mistake; `str(error)` is one line fit to be shown as it is."""


class DataError(SelfieError):
    """A photo, table or gallery is not what a step needs."""


class ModelError(SelfieError):
    """A scorer file is missing, foreign, damaged or does not fit the gallery."""
