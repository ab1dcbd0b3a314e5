"""How much of a photo has the colour of skin: what the post feared that its net merely counts.

Letters: N photos.
"""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.segments import ATLAS_SIDE, CELL_SIDE, CELLS


def skin_share(gallery: Gallery) -> NDArray[np.float64]:
    """Return the share of each photo that has the colour of skin, shape (N,), in [0, 1].

    Counted on the 64 px thumbnails, once per gallery, and kept in the cache folder.  NaN for photos
    without colour or thumbnail.  It is a plain box of blue and red chroma: sand and wood count
    too, as they would for the counter that the post feared.

    Reference:
        D. Chai, K. Ngan, "Face Segmentation Using Skin-Color Map in Videophone Applications",
        1999: Cb 77 to 127, Cr 133 to 173.
    """
    kept = store.cache_folder() / f"skin-{gallery.version}.npy"
    if kept.is_file():
        try:
            shares = np.array(store.read_array(kept), float)
        except DataError:  # half a file of a full disk is counted anew
            shares = np.empty(0)
        if len(shares) == len(gallery):
            return shares
    parts = [_skin_of_atlas(gallery, number) for number in range(gallery.atlases)]
    shares = np.concatenate(parts)[gallery.slots] if parts else np.empty(0)
    if "monochrome" in gallery.table:
        shares[gallery.table["monochrome"].to_numpy(np.float64, na_value=np.nan) > 0.5] = np.nan
    store.write_array(kept, shares.astype(np.float32))
    return shares


def _skin_of_atlas(gallery: Gallery, number: int) -> NDArray[np.float64]:
    try:
        with Image.open(BytesIO(gallery.atlas(number))) as atlas:
            atlas.draft("YCbCr", atlas.size)  # as it is stored: no conversion there and back
            _, blue, red = (np.asarray(part) for part in atlas.convert("YCbCr").split())
    except OSError:  # missing, or cut off
        return np.full(CELLS, np.nan)
    like = (blue >= 77) & (blue <= 127) & (red >= 133) & (red <= 173)
    across = ATLAS_SIDE // CELL_SIDE
    return like.reshape(across, CELL_SIDE, across, CELL_SIDE).mean(axis=(1, 3)).ravel()
