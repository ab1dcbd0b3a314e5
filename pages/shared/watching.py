"""The figures of this app, kept once per process."""

import functools

from pages.shared import ui
from selfie_core.web.watch import Watch


@functools.cache
def watch() -> Watch:
    """Return what counts the requests of this app."""
    return Watch(ui.base_path())
