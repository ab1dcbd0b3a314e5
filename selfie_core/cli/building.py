"""app, build, watch: a gallery is made, kept up to date and shown."""

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from selfie_core.base.errors import DataError
from selfie_core.base.names import quoted
from selfie_core.base.settings import LayoutConfig
from selfie_core.base.words import counted
from selfie_core.cli.bar import bar, say
from selfie_core.cli.flags import ENGINE, command, config_of, flag, path

if TYPE_CHECKING:
    import threading

    from selfie_core.base.engine import Engine
    from selfie_core.gallery.gallery import Gallery
    from selfie_core.gallery.remote import RemoteGallery


@command(
    "app",
    flag("gallery", help="folder or s3://...; the demo gallery by default", nargs="?"),
    path("--celebrities", "a named set to rank", metavar="DIR"),
    flag("--host", default="127.0.0.1", help="this machine only by default; 0.0.0.0 for all"),
    flag("--port", type=int, help="8501 or the next free one by default"),
    flag("--no-browser", action="store_true", help="only print the address"),
    path("--watch", "folder whose photos go into GALLERY as they arrive", metavar="PHOTOS"),
)
def app(args: argparse.Namespace) -> None:
    """Open the app in the browser, on the demo gallery or on yours."""
    from selfie_core.base import store

    _check_address(args.host, args.port or 0)
    if named := os.environ.get("SELFIE_GALLERY"):
        args.gallery = args.gallery or named
    if args.watch:
        if not args.gallery:
            raise DataError("--watch wants a gallery to put the photos in: selfie app GALLERY")
        _watch_beside(args.watch, args.gallery)
    if args.gallery:
        os.environ["SELFIE_GALLERY"] = _whole(_here(args.gallery))
    if args.celebrities:
        os.environ["SELFIE_CELEBRITIES"] = _whole(args.celebrities)
    # Streamlit's own opening brings an advertisement along, and its welcome asks a server of
    # others for the address: app.py says and opens it.
    flags = ["--server.headless=true", f"--server.address={args.host}"]
    flags += ["--logger.hideWelcomeMessage=true"]
    flags += [f"--server.port={args.port}"] * bool(args.port)
    os.environ["SELFIE_SHOW"] = "say" if args.no_browser else "open"
    # Streamlit reads its settings below the folder it is started in.
    os.chdir(store.site())
    os.execv(sys.executable, [sys.executable, "-m", "streamlit", "run", "app.py", *flags])


def _whole(gallery: Path) -> str:
    """Return the folder of a gallery that opens; to look at the demo's would cost half a second."""
    from selfie_core.gallery.gallery import Gallery

    return str(Gallery.open(gallery).folder)


def _check_address(host: str, port: int) -> None:
    """Refuse, before anything is read, an address that is not this machine's or is in use."""
    import socket

    try:
        family, kind, _, _, found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as tried:
            if os.name == "posix":  # else what was closed a moment ago counts as in use
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind((found[0], port, *found[2:]))
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        at = f"{host}, port {port}" if port else host
        said = f"can't listen at {at}: {why}; choose another --host or --port"
        raise DataError(said) from error


def _remote(gallery: str | Path) -> "RemoteGallery | None":
    """Return the gallery at an address; None of a folder."""
    from selfie_core.gallery.remote import RemoteGallery

    return RemoteGallery(str(gallery)) if "://" in str(gallery) else None


def _here(gallery: str | Path) -> Path:
    """Return the folder of a gallery; one at an address is brought to this machine."""
    if not (remote := _remote(gallery)):
        return Path(gallery)
    with bar("file") as tell:
        return remote.fetch(progress=tell)


def _watch_beside(photos: Path, gallery: str) -> None:
    """Start a process that keeps a gallery up to date for as long as this one lives.

    A gallery that is there is shown at once, though it can't be built now: by a full disk, or
    because another server does.
    That process ends when its input does: this one's end of the pipe outlives `execv`, and closes
    however this one ends.
    """
    import subprocess

    from selfie_core.base import store

    if not store.is_gallery(_here(gallery)):
        update(photos, gallery)
    elif not photos.is_dir():
        raise DataError(f"no folder {photos}; wanted a folder of photos; check the name")
    ours, theirs = os.pipe()
    os.set_inheritable(theirs, True)
    start = "import sys; from selfie_core.cli.main import main; sys.exit(main())"
    command = [sys.executable, "-c", start, "watch", str(photos.resolve())]
    where = gallery if "://" in gallery else str(Path(gallery).resolve())
    command += ["--gallery", where, "--until-eof"]
    subprocess.Popen(command, stdin=ours, start_new_session=True)
    os.close(ours)


FACELESS = flag(
    "--faceless",
    action=argparse.BooleanOptionalAction,
    help="keep photos in which no face is found; a gallery that is there stays as it is by default",
)


@command(
    "build",
    flag("photos", help="folder, .tar, .parquet, a folder of these, or s3://..."),
    flag("--out", required=True, metavar="GALLERY", help="folder or s3://..."),
    path("--posts", "followers, likes ... of the photos"),
    path("--scorer", "the gallery's own by default, for a new one that which ships"),
    flag("--name", help="title; the folder's name by default"),
    flag("--photo-side", type=int, help="pixels of the kept photos (default 1024)"),
    FACELESS,
    flag("--verify", action="store_true", help="read all: an edit may keep a file's size and time"),
    flag("--retry", action="store_true", help="try again what could not be used before"),
    *ENGINE,
    config=LayoutConfig,
)
def build(args: argparse.Namespace) -> None:
    """Make a gallery of a folder, or bring it up to date; goes on after a stop."""
    from selfie_core.base.engine import open_engine
    from selfie_core.gallery.build import given_posts

    given = given_posts(args.posts) if args.posts else None
    asked = {"name": args.name, "photo_side": args.photo_side, "faceless": args.faceless}
    asked |= {"layout": config_of(args)}
    how = {"given": given, "verify": args.verify, "retry": args.retry}
    with open_engine(args.engine, args.address, say=say) as engine:
        gallery = update(
            args.photos, args.out, scorer=args.scorer, asked=asked, engine=engine, **how
        )
    say(f"{count_photos(gallery)}; open it by: selfie app {quoted(args.out)}")


def update(
    photos: str | Path,
    out: str | Path,
    *,
    scorer: Path | None = None,
    asked: Mapping[str, Any] = MappingProxyType({}),
    engine: "Engine | None" = None,
    **how: Any,
) -> "Gallery":
    """Return a gallery brought up to date, with what each change to a photo usually brings.

    `out` is a folder or an address; `asked` are fields of its settings, `how` further arguments of
    `build_gallery`.
    """
    from functools import partial

    from selfie_core.answer.usual import is_measured, measure_usual
    from selfie_core.base.engine import usual_engine
    from selfie_core.gallery.build import build_gallery, last_build
    from selfie_core.scorer.scorer import load_scorer

    remote = _remote(out)
    with bar("file") as tell:
        out = remote.fetch(progress=tell) if remote else Path(out)
    config, own = last_build(out, **asked)
    loaded = load_scorer(scorer or own)
    how["engine"] = engine or usual_engine(loaded.device)
    with bar() as tell:
        gallery = build_gallery(photos, out, scorer=loaded, config=config, progress=tell, **how)
        if not is_measured(gallery):
            measure_usual(gallery, loaded, progress=partial(tell, "usual gains"))
    if remote:
        with bar("file") as tell:
            remote.put(progress=tell)
    return gallery


@command(
    "watch",
    path("photos"),
    flag("--gallery", required=True, metavar="GALLERY", help="folder or s3://..."),
    path("--scorer", "as of `selfie build`"),
    flag(
        "--poll", action=argparse.BooleanOptionalAction,
        help="ask for the times of all files; by default on a network disk",
    ),
    flag("--until-eof", action="store_true", help=argparse.SUPPRESS),
)  # fmt: skip
def watch(args: argparse.Namespace) -> None:
    """Bring a gallery up to date whenever its folder changes: an app that is open shows it."""
    import threading
    from functools import partial

    from selfie_core.gallery.watch import watch_folder

    stop = threading.Event()
    if args.until_eof:
        threading.Thread(target=_stop_at_end, args=(stop,), daemon=True).start()
    build = partial(update, args.photos, args.gallery, scorer=args.scorer)
    known: set[str] | None = None
    remote = _remote(args.gallery)
    out = remote.folder if remote else Path(args.gallery)
    for gallery in watch_folder(args.photos, out, build, polling=args.poll, stop=stop):
        ids = set(gallery.table["id"])
        news = f"{len(ids - known)} new, {len(known - ids)} gone; " if known is not None else ""
        known = ids
        say(f"{news}{count_photos(gallery)}")


def _stop_at_end(stop: "threading.Event") -> None:
    sys.stdin.buffer.read()
    stop.set()


def count_photos(gallery: Any) -> str:
    """Return how many photos went in, and what was left out: "8 photos (1 copy left out)"."""
    counts = gallery.info["left_out"]
    left_out = ", ".join(
        counted(count, "copy", "copies") if why == "copies" else f"{count} {why}"
        for why, count in counts.items() if count
    )  # fmt: skip
    hint = "; --faceless keeps those without a face" if counts.get("without a face") else ""
    if counts.get("not read"):
        hint += f"; {gallery.folder / 'failed.csv'} says why, the same command tries them again"
    return counted(len(gallery), "photo") + f" ({left_out} left out{hint})" * bool(left_out)
