"""grid, map, audit, export, phone, celebrities: what is made of a gallery."""

import argparse

from selfie_core.base.errors import DataError
from selfie_core.base.words import counted
from selfie_core.cli.bar import bar, say
from selfie_core.cli.building import FACELESS, count_photos
from selfie_core.cli.flags import command, flag, path


@command(
    "grid",
    path("gallery"),
    flag("--kind", choices=["continuum", "best", "worst"], default="continuum"),
    flag("--rows", type=int, default=12),
    flag("--columns", type=int, default=20),
    flag("--cell", type=int, default=96, help="pixels of one photo"),
    path("--out", required=True, metavar="GRID.jpg"),
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
    store.write_picture(args.out, picture, "grid")
    say(f"{counted(len(rows), 'photo')}; wrote {args.out}")


@command(
    "map",
    path("gallery"),
    flag("--poster", action="store_true", help="the whole map as one picture"),
    flag("--anew", action="store_true", help="place all photos anew, lying as they lay before"),
    flag("--layout", choices=["tsne", "grid"], default="tsne", help="places, or the filled grid"),
    flag("--size", type=int, default=8000, help="side in pixels (default 8000)"),
    path("--out", "of the poster", metavar="MAP.jpg"),
)
def map_gallery(args: argparse.Namespace) -> None:
    """Draw the map of a gallery as one large picture, or anew, or complete that of an older one."""
    from selfie_core.base import store
    from selfie_core.gallery.gallery import Gallery
    from selfie_core.gallery.grids import paste_map
    from selfie_core.gallery.remap import complete_map

    gallery = Gallery.open(args.gallery)
    if args.poster:
        if args.out is None:
            raise DataError("a poster wants a file; add --out MAP.jpg")
        store.check_target(args.out, ".jpg", ".jpeg", ".png", ".webp")
        with bar() as tell:
            picture = paste_map(gallery, side=args.size, layout=args.layout, progress=tell)
        store.write_picture(args.out, picture, "map")
        say(f"wrote {args.out}")
        return
    if args.out is not None:
        raise DataError("--out is of the poster; add --poster or leave it out")
    with bar("step") as tell:
        gallery = complete_map(gallery, anew=args.anew, progress=tell)
    facts = gallery.info["map"]
    names = ", ".join(mark.name for mark in gallery.landmarks) or "none found"
    print(f"landmarks: {names}; edit their names in {gallery.map_files / 'landmarks.json'}")
    if "trustworthiness" in facts:
        print(
            f"trustworthiness {facts['trustworthiness']:.3f}; of the ten nearest in fc7 "
            f"{100 * facts['recall_at_10']:.0f} % are among the ten nearest on the map"
        )


@command(
    "audit",
    path("gallery"),
    path("--out", "of DOSSIER.html and DOSSIER.json", required=True, metavar="DOSSIER"),
    flag("--threshold", type=float, default=0.5, help="score that passes (default 0.5)"),
)
def audit(args: argparse.Namespace) -> None:
    """Write what the score does per group as a dossier for others: to read, and as data."""
    from selfie_core.base import store
    from selfie_core.gallery.gallery import Gallery
    from selfie_core.learned.dossier import audit_gallery
    from selfie_core.learned.dossier_page import dossier_page

    if not args.out.name:
        raise DataError(f"{args.out} is a folder; name a file in it")
    name = args.out.stem if args.out.suffix in (".html", ".json") else args.out.name
    page, data = (args.out.with_name(name + ending) for ending in (".html", ".json"))
    store.check_target(page)
    with bar("step") as tell:
        facts = audit_gallery(Gallery.open(args.gallery), threshold=args.threshold, progress=tell)
    store.write_json(data, facts)
    store.write_text(page, dossier_page(facts))
    say(f"{counted(len(facts['pairs']), 'pair')} of groups compared; wrote {page} and {data.name}")


@command(
    "export",
    path("gallery"),
    path("--out", required=True, metavar="FILE.parquet"),
    epilog="""open it elsewhere:
  duckdb -c "SELECT file, score FROM 'FILE.parquet' ORDER BY score DESC LIMIT 10"
  embedding-atlas FILE.parquet --x x --y y --image thumbnail --disable-projection
""",
)
def export(args: argparse.Namespace) -> None:
    """Write a gallery as one table: scores, factors, places, features and thumbnails."""
    from selfie_core.gallery.export import export_gallery
    from selfie_core.gallery.gallery import Gallery

    gallery = Gallery.open(args.gallery)
    with bar() as tell:
        export_gallery(gallery, args.out, progress=tell)
    say(f"{counted(len(gallery), 'photo')}; wrote {args.out}")


@command(
    "phone",
    path("gallery", "folder; the demo gallery by default", nargs="?"),
    path("--out", required=True, metavar="DIR"),
)
def phone(args: argparse.Namespace) -> None:
    """Write the page that scores on the visitor's device, for any web host: static files."""
    from selfie_core.base import store
    from selfie_core.gallery.gallery import Gallery
    from selfie_core.web.phone import make_phone

    gallery = Gallery.open(args.gallery or store.demo_gallery())
    with bar("step") as tell:
        facts = make_phone(gallery, args.out, progress=tell)
    kept = f"weights of {facts['bits']} bits shift a score by {facts['shift']:.4f} at most"
    say(f"{kept}; wrote {args.out}, serve it by https")


@command(
    "celebrities",
    path("folder", "photos named like ada-vale.jpg, ada-vale-2.jpg"),
    path("--out", required=True, metavar="DIR"),
    path("--scorer"),
    FACELESS,
)
def celebrities(args: argparse.Namespace) -> None:
    """Rank a folder of named photos and paste them into a sheet."""
    from selfie_core.base import store
    from selfie_core.base.words import percent
    from selfie_core.gallery.celebrities import build_celebrities, celebrity_sheet, rank_celebrities
    from selfie_core.scorer.scorer import load_scorer

    scorer, sheet = load_scorer(args.scorer), args.out / "sheet.jpg"
    with bar() as tell:
        gallery = build_celebrities(
            args.folder, args.out, scorer=scorer, faceless=bool(args.faceless), progress=tell
        )
    store.write_picture(sheet, celebrity_sheet(gallery), "grid")
    ranking = rank_celebrities(gallery)
    for place, (name, score) in enumerate(ranking[["name", "score"]].to_numpy(), 1):
        print(f"{place:3}. {name}  {percent(score)}")
    say(f"{count_photos(gallery)}; wrote {sheet}")
