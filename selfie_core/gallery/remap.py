"""Draw the map of a gallery anew, or what an older one lacks."""

from selfie_core.base.errors import DataError
from selfie_core.base.progress import Stages
from selfie_core.gallery.columns import given_columns
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.intake import recipe_of
from selfie_core.gallery.ledger import Ledger
from selfie_core.gallery.renewal import Photos, renew


def complete_map(
    gallery: Gallery, *, anew: bool = False, progress: Stages | None = None
) -> Gallery:
    """Return a gallery with all that a map of today has; its rows and photos stay.

    Args:
        gallery: Some photo of which has a place, or all are placed anew.
        anew: Let t-SNE find all places anew; else they stay.
        progress: Called with (stage, done, of).

    Raises:
        DataError: It has no places to begin with.
    """
    if not (gallery.has_map or anew):
        raise DataError(
            f'the photos of {gallery.name} have no place on a map; rerun "selfie build" for one'
        )
    with Ledger(gallery.folder):
        gallery = Gallery.open(gallery.folder)  # as it is now that nobody else builds it
        rows = gallery.table[["file", *given_columns(gallery.table)]]
        return renew(
            gallery.folder,
            Photos(gallery.parts, gallery.at, rows),
            old=gallery,
            info=gallery.info,
            recipe=recipe_of(gallery.scorer_id, gallery.settings),
            drawing="anew" if anew else "complete",
            layout=gallery.layout,
            progress=progress or (lambda stage, done, of: None),
        )
