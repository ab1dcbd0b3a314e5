"""A folder that is watched: what arrives is in the gallery within seconds."""

import threading
import time
from pathlib import Path

import pytest

from selfie_core.base.errors import DataError
from selfie_core.gallery.build import BuildConfig, build_gallery
from selfie_core.gallery.ledger import Ledger
from selfie_core.gallery.watch import is_remote, watch_folder
from tests.support.drawn import draw_photo

LIMIT = 180  # seconds; a loaded machine takes its time


@pytest.mark.parametrize("polling", [False, True])
def test_photos_that_arrive_and_leave_are_seen(
    tmp_path: Path, brightness_scorer, polling: bool, monkeypatch
) -> None:
    monkeypatch.setattr("selfie_core.gallery.watch._POLL", 200)
    photos = tmp_path / "photos"
    photos.mkdir()
    draw_photo(0).save(photos / "0.png")
    out, stop = photos / "gallery", threading.Event()  # inside: what it writes is no news

    def build():
        return build_gallery(photos, out, scorer=brightness_scorer, config=BuildConfig(map=False))

    timer = threading.Timer(LIMIT, stop.set)
    timer.start()
    galleries = watch_folder(photos, out, build, polling=polling, stop=stop)
    assert len(next(galleries)) == 1
    for number in (1, 2):
        draw_photo(number).save(photos / f"{number}.png")
    seen = len(next(galleries))
    while seen < 3:  # the second one may come by itself
        seen = len(next(galleries))
    with Ledger(out):  # another process builds
        (photos / "0.png").unlink()
        time.sleep(1.5)
    assert len(next(galleries)) == 2
    stop.set()
    timer.cancel()
    assert list(galleries) == []


def test_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no folder .*gone; wanted a folder of photos"):
        next(watch_folder(tmp_path / "gone", tmp_path / "out", lambda: None))  # type: ignore[arg-type]


def test_network_disks_are_told_by_their_mounts(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    share, spaced = tmp_path / "share", tmp_path / "my photos"
    lines = ["/dev/sda1 / ext4 rw 0 0", f"nas:/photos {share} nfs4 rw 0 0"]
    lines.append(f"//nas/my\\040photos {tmp_path}/my\\040photos cifs rw 0 0")
    mounts.write_text("\n".join(lines))
    assert is_remote(share / "2024", mounts) and is_remote(spaced / "2024", mounts)
    assert not is_remote(tmp_path / "other", mounts)
    assert not is_remote(tmp_path, tmp_path / "no mounts")
