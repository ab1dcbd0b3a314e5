"""A table of the renderer in the terms of measured factors: what its own words and boxes mean."""

import pandas as pd

from selfie_core.photo.faces import Face
from selfie_core.photo.factors import cut_eyes

# Mean brightness of the demo gallery's photos by light, what the background adds to it, and how
# strong a filter leaves the colours.
_LIGHT = {"dark": 0.37, "flash": 0.37, "harsh": 0.51, "soft": 0.51, "bright": 0.57}
_BACKGROUND = {"night": -0.17, "car": -0.03, "shelf": -0.015, "bath": 0.0, "plain": 0.0,
               "room": 0.0, "city": 0.01, "beach": 0.015, "park": 0.015}  # fmt: skip
_SATURATION = {"bw": 0.0, "desat": 0.11, "fade": 0.16, "none": 0.22, "cool": 0.24,
               "vignette": 0.24, "vivid": 0.28, "sepia": 0.35}  # fmt: skip
_SHADOWS = {"fade": 0.32, "vignette": 0.15}
_USUAL_SHADOWS = 0.20


def _eyes_cut(face: dict) -> float:
    """Return the share of a face's eyes outside the frame; missing where they are not told."""
    if "eyes" not in face:
        return float("nan")
    left, right = map(tuple, face["eyes"])
    return cut_eyes(Face(0, 0, 1, 1, 1.0, (left, right, left, left, right)), (0, 0, 1, 1))


_OF_FACE = {
    "face_height": lambda face: face["face_h"],
    "face_y": lambda face: face["center"][1],
    "off_centre": lambda face: abs(face["center"][0] - 0.5),
    "face_cut": lambda face: 1 - face["forehead_visible"],
    "eyes_cut": _eyes_cut,
}


def with_factors(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with the factors that the renderer's columns tell of beside them.

    Columns of another table mean nothing here, and a factor that is there already stays as it is;
    the renderer's `light`, though, is a word: it names what lights the scene.

    Args:
        table: One row per photo: of `lighting`, `background`, `filter`, `border`, `n` (people) and
            `truth` (a list of faces, shares of the frame) whatever there is.
    """
    known: dict[str, pd.Series] = {}
    if "lighting" in table:
        known["light"] = table["lighting"].map(_LIGHT)
        if "background" in table:
            known["light"] += table["background"].map(_BACKGROUND).fillna(0)
    if "filter" in table:
        known["saturation"] = table["filter"].map(_SATURATION)
        known["shadows"] = table["filter"].map(_SHADOWS).fillna(_USUAL_SHADOWS)
        known["monochrome"] = (table["filter"] == "bw").astype(float)
    if "border" in table:
        known["white_border"] = table["border"].isin([True, "white", 1]).astype(float)
    if "n" in table and "faces" not in table:
        known["group"] = (table["n"] > 1).astype(float)
    if "truth" in table and table["truth"].map(lambda faces: isinstance(faces, list)).all():
        largest = [max(faces, key=lambda face: face["face_h"], default=None) for faces in
                   table["truth"]]  # fmt: skip
        for factor, read in _OF_FACE.items():
            values = [face and read(face) for face in largest]
            known[factor] = pd.Series(values, table.index, dtype=float)
    given = table.select_dtypes("number")
    return table.assign(**{name: known[name] for name in known if name not in given})
