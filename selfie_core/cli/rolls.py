"""cull."""

import argparse

from selfie_core.base.names import quoted
from selfie_core.base.settings import CullConfig
from selfie_core.cli.bar import bar, say
from selfie_core.cli.flags import command, config_of, path


@command(
    "cull",
    path("photos"),
    path("--out", "a row per photo", required=True, metavar="PICKS.csv"),
    path("--gallery", "what keeps the scores; by default beside PICKS.csv, named alike"),
    path("--sheet", "the keepers as one picture", metavar="SHEET.jpg"),
    path("--scorer", "the gallery's by default"),
    config=CullConfig,
)
def cull(args: argparse.Namespace) -> None:
    """Pick the best of a roll: moments, the best of each and why, keepers and the rest.

    A folder that grew costs only what is new.  `selfie app` opens the gallery that keeps it.
    """
    from selfie_core.answer.cull import cull_folder
    from selfie_core.base import store

    config = config_of(args)
    _ = config.cuts  # refused before the work is done
    store.check_target(args.out, ".csv", ".parquet", ".json")
    if args.sheet:
        store.check_target(args.sheet, ".jpg", ".jpeg", ".png", ".webp")
    gallery = args.gallery or args.out.with_suffix(".gallery")
    with bar() as tell:
        found = cull_folder(args.photos, gallery, scorer=args.scorer, config=config, progress=tell)
    picks = found.picks
    store.write_table(args.out, picks)
    if args.sheet:
        store.write_picture(args.sheet, found.sheet(), "grid")
        say(f"wrote {args.sheet}")
    bad = int((picks["error"] != "").sum())
    say(
        f"{len(picks) - bad} photos{f', {bad} left out' if bad else ''}, "
        f"{picks['moment'].max()} moments, {picks['keep'].sum()} keepers; wrote {args.out}; "
        f"see them all by: selfie app {quoted(gallery)}"
    )
