"""What each command does with its arguments: what it reads, writes and prints.

Heavy imports stay inside the commands, so that `selfie --help` answers at once.
"""

import argparse
import os
import sys

from selfie_core.base.errors import DataError
from selfie_core.cli.bar import bar
from selfie_core.cli.flags import config_of


def app(args: argparse.Namespace) -> None:
    """Open the app in the browser, on the demo gallery or on yours."""
    from selfie_core.base import store
    from selfie_core.gallery.gallery import Gallery

    if args.gallery:
        os.environ["SELFIE_GALLERY"] = str(Gallery.open(args.gallery).folder)
    if args.celebrities:
        os.environ["SELFIE_CELEBRITIES"] = str(Gallery.open(args.celebrities).folder)
    flags = [f"--server.headless={str(args.no_browser).lower()}"]
    if args.port:
        flags.append(f"--server.port={args.port}")
    # Streamlit reads its settings below the folder it is started in.
    os.chdir(store.site())
    command = [sys.executable, "-m", "streamlit", "run", "app.py", *flags]
    os.execv(sys.executable, command)


def build(args: argparse.Namespace) -> None:
    """Make a gallery of a folder: faces, scores, map, thumbnails; goes on after a stop."""
    from selfie_core.gallery.build import BuildConfig, build_gallery, given_posts
    from selfie_core.scorer.scorer import load_scorer

    given = given_posts(args.posts) if args.posts else None
    config = BuildConfig(name=args.name, layout=config_of(args))
    with bar() as tell:
        gallery = build_gallery(
            args.photos, args.out, scorer=load_scorer(args.scorer), given=given, config=config,
            progress=tell,
        )  # fmt: skip
    left_out = ", ".join(
        f"{count} {why}" for why, count in gallery.info["left_out"].items() if count
    )
    print(
        f"{len(gallery)} photos{f' ({left_out} left out)' if left_out else ''}; "
        f"open it by: selfie app {args.out}",
        file=sys.stderr,
    )


def grid(args: argparse.Namespace) -> None:
    """Paste the continuum, the best or the worst photos into one picture."""
    from selfie_core.base import store
    from selfie_core.gallery.gallery import Gallery
    from selfie_core.gallery.grids import paste_grid, pick_rows

    if args.rows < 1:
        raise DataError(f"--rows is {args.rows}; wanted 1 or more")
    gallery = Gallery.open(args.gallery)
    rows = pick_rows(gallery, args.kind, args.rows * args.columns)
    picture = paste_grid(gallery, rows, columns=args.columns, cell=args.cell)
    store.write_picture(args.out, picture)
    print(f"{len(rows)} photos; wrote {args.out}", file=sys.stderr)


def map_gallery(args: argparse.Namespace) -> None:
    """Draw the map of a gallery as one large picture, or complete the map of an older gallery."""
    from selfie_core.base import store
    from selfie_core.gallery.gallery import Gallery
    from selfie_core.gallery.grids import paste_map

    gallery = Gallery.open(args.gallery)
    if args.poster:
        if args.out is None:
            raise DataError("a poster wants a file; add --out MAP.jpg")
        store.check_target(args.out, ".jpg", ".jpeg", ".png", ".webp")
        store.write_picture(args.out, paste_map(gallery, side=args.size, layout=args.layout))
        print(f"wrote {args.out}", file=sys.stderr)
        return
    from selfie_core.gallery.remap import complete_map

    with bar("step") as tell:
        gallery = complete_map(gallery, progress=tell)
    facts = gallery.info["map"]
    names = ", ".join(mark.name for mark in gallery.landmarks) or "none found"
    print(f"landmarks: {names}; edit their names in {gallery.folder / 'landmarks.json'}")
    if "trustworthiness" in facts:
        print(
            f"trustworthiness {facts['trustworthiness']:.3f}; of the ten nearest in fc7 "
            f"{100 * facts['recall_at_10']:.0f} % are among the ten nearest on the map"
        )


def celebrities(args: argparse.Namespace) -> None:
    """Rank a folder of named photos and paste them into a sheet."""
    from selfie_core.base import store
    from selfie_core.gallery.celebrities import build_celebrities, celebrity_sheet, rank_celebrities
    from selfie_core.scorer.scorer import load_scorer

    with bar() as tell:
        gallery = build_celebrities(
            args.folder, args.out, scorer=load_scorer(args.scorer), progress=tell
        )
    store.write_picture(args.out / "sheet.jpg", celebrity_sheet(gallery))
    ranking = rank_celebrities(gallery)
    for place, (name, score) in enumerate(ranking[["name", "score"]].to_numpy(), 1):
        print(f"{place:3}. {name}  {100 * score:.1f} %")
    print(f"wrote {args.out / 'sheet.jpg'}", file=sys.stderr)
