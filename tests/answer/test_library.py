"""Picks into the library: a folder is listed once, however many photos lie in it."""

from collections import Counter
from pathlib import PurePosixPath
from typing import ClassVar

from selfie_core.answer.library import changes_of
from selfie_core.photo.sidecar import Mark, marked


class Name(str):
    """A file's name that counts how often it is compared, in any case."""

    __slots__ = ()
    compared: ClassVar[Counter[str]] = Counter()

    def casefold(self) -> str:
        self.compared[self] += 1
        return super().casefold()


def test_each_folder_is_listed_once_and_each_name_compared_once() -> None:
    photos = [f"{folder}/{number}.jpg" for folder in ("a", "b") for number in range(50)]
    names = [Name(f"{number}.jpg") for number in range(50)] + [Name("7.JPG.xmp")]
    listed: list[str] = []

    def listing(folder: PurePosixPath) -> list[Name]:
        listed.append(str(folder))
        return names

    Name.compared.clear()
    changes = changes_of(
        dict.fromkeys(photos, Mark(3)), {file: PurePosixPath(file) for file in photos},
        listed=listing, read=lambda path: marked(None, Mark(label="Red")),
    )  # fmt: skip
    found = {file: (str(path), change.state) for file, path, change in changes}
    assert listed == ["a", "b"]
    assert set(Name.compared.values()) == {2}  # once in each folder
    assert len(found) == 100
    assert found["a/7.jpg"] == ("a/7.JPG.xmp", "added to")
    assert found["b/8.jpg"] == ("b/8.jpg.xmp", "new")
