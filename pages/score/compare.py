"""Two pictures of a photo, before and after, with a line to wipe between them."""

from pathlib import Path

from pages.shared.component import component

_compare = component(Path(__file__).parent, "compare", css="parts")


def compare(
    before: tuple[str, str, str], after: tuple[str, str, str], *, aspect: float, key: str
) -> None:
    """Show two pictures of a photo with a line to wipe between them.

    Of each its address, what it is, and its score or ""; `aspect` is the stage's width / height.
    """
    names = ("picture", "label", "score")
    sides = {"before": before, "after": after}
    data = {name: dict(zip(names, side, strict=True)) for name, side in sides.items()}
    _compare(key=key, data={"aspect": aspect, **data})
