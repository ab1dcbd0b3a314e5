"""What a photo and those most like it have in common, or that nothing is like it."""

import numpy as np

from selfie_core.answer.answer import Answer
from selfie_core.gallery.explore import Difference, set_apart, usual_distance
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo.factors import FACTORS

# Of two photos drawn at random.  In the demo gallery no photo was further from its nearest than
# 0.58, none of 20 portraits than 0.53; blank pictures and noise were 0.67 to 0.95.
FAR = 0.6
TOLD = 3  # things in common


def say_alike(answer: Answer, gallery: Gallery) -> str:
    """Return in one or two sentences what the photos nearest to one share with it.

    What is measured is told where the photo lies on their side of the rest of the gallery; what the
    gallery's table knows besides, such as a background, is told of them alone.  Empty where a
    gallery is too small to tell.
    """
    rows = np.array([near.row for near in answer.nearest], np.intp)
    if not len(rows):
        return ""
    share = answer.nearest[0].distance / usual_distance(gallery)
    if share > FAR:
        return (
            f"Nothing in this gallery is much like it: the nearest photo is {100 * share:.0f} % as "
            "far away as two photos drawn at random."
        )
    differences = set_apart(gallery, rows, count=3 * TOLD)
    told = [words for one in differences if (words := _words(one, rows, answer, gallery))]
    return f"What they have in common: {', '.join(told[:TOLD])}." if told else ""


def _words(one: Difference, rows: np.ndarray, answer: Answer, gallery: Gallery) -> str:
    factor = next((factor for factor in FACTORS if factor.title == one.title), None)
    if factor is None:  # a word of a column
        return f"{one.title.lower()} ({one.here}, elsewhere {one.rest})" if one.size > 0 else ""
    values = gallery.table[factor.name].to_numpy(np.float64, na_value=np.nan)
    value, rest = answer.factors[factor.name], np.nanmean(np.delete(values, rows))
    if not (value - rest) * one.size > 0:  # on the other side, or not known
        return ""
    return f"{factor.title.lower()} {factor.show(value)} (theirs {one.here}, elsewhere {one.rest})"
