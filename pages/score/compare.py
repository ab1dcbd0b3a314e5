"""Two pictures of a photo, before and after, with a line to wipe between them."""

from pathlib import Path

from pages.shared.component import component

_compare = component(Path(__file__).parent, "compare", css="parts")


def compare(
    before: tuple[str, str, str], after: tuple[str, str, str], *, aspect: float, key: str
) -> None:
    """Show two pictures of a photo with a line to wipe between them.

    Args:
        before: Picture as an address, what it is, and its score; may be "".
        after: Likewise.
        aspect: Width / height of the stage.
        key: Key of the widget.
    """
    names = ("picture", "label", "score")
    sides = (dict(zip(names, side, strict=True)) for side in (before, after))
    _compare(key=key, data={"aspect": aspect, **dict(zip(("before", "after"), sides, strict=True))})
