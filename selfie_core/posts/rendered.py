"""A table of the renderer in the terms of measured factors: what its own words and boxes mean."""

import pandas as pd

# Mean brightness of the demo gallery's photos by light, what the background adds to it, and how
# strong a filter leaves the colours.
_LIGHT = {"dark": 0.22, "flash": 0.33, "harsh": 0.50, "soft": 0.47, "bright": 0.56}
_BACKGROUND = {"night": -0.08, "shelf": -0.05, "park": -0.03, "car": 0.0, "city": 0.0,
               "plain": 0.02, "room": 0.03, "beach": 0.05, "bath": 0.06}  # fmt: skip
_SATURATION = {"bw": 0.0, "desat": 0.17, "fade": 0.19, "cool": 0.29, "none": 0.30,
               "vignette": 0.30, "sepia": 0.35, "vivid": 0.40}  # fmt: skip
_SHADOWS = {"fade": 0.29, "vignette": 0.13}
_USUAL_SHADOWS = 0.16
_OF_FACE = {
    "face_height": lambda face: face["face_h"],
    "face_y": lambda face: face["center"][1],
    "off_centre": lambda face: abs(face["center"][0] - 0.5),
    "face_cut": lambda face: 1 - face["forehead_visible"],
}


def with_factors(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with the factors that the renderer's columns tell of beside them.

    Columns of another table mean nothing here, and a factor that is there already stays as it is.

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
    return table.assign(**{name: known[name] for name in known if name not in table})
