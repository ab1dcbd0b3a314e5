"""Errors that a person can repair: each message says what was seen, wanted, and what to do."""

import errno
import os
from pathlib import Path

_IN_THE_MAKING = (".new-", ".phone-")
_FULL = "; make room and try again"
_CLOSED = "; choose a folder that can be written"
_NO_FOLDER = "; a file stands where a folder is wanted, choose another place"
_TO_DO = {
    errno.ENOSPC: _FULL,
    getattr(errno, "EDQUOT", errno.ENOSPC): _FULL,  # which Windows has not
    **dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), _CLOSED),
    **dict.fromkeys((errno.EEXIST, errno.ENOTDIR), _NO_FOLDER),
}


class SelfieError(Exception):
    """A person's mistake; `str(error)` is one line fit to be shown as it is."""


class DataError(SelfieError):
    """A photo, table or gallery is not what a step needs."""


class ModelError(SelfieError):
    """A scorer file is missing, foreign, damaged or does not fit the gallery."""


def cant_write(path: Path, error: OSError) -> DataError:
    """Return what to say of a disk that does not take a file or folder."""
    # A folder in the making has a name that nobody knows, and another one the next time.
    shown = next((up.parent for up in path.parents if up.name.startswith(_IN_THE_MAKING)), path)
    # Arrow puts words of its own around the system's.
    why = os.strerror(error.errno) if error.errno else error.strerror or str(error)
    return DataError(f"can't write {shown}: {why}{_TO_DO.get(error.errno or 0, '')}")
