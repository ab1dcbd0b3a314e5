"""cull."""

import argparse

from selfie_core.base.names import quoted
from selfie_core.base.settings import CullConfig
from selfie_core.base.words import counted
from selfie_core.cli.bar import bar, say
from selfie_core.cli.flags import command, config_of, flag, path


@command(
    "cull",
    path("photos"),
    path("--out", "a row per photo", required=True, metavar="PICKS.csv"),
    path("--gallery", "what keeps the scores; by default beside PICKS.csv, named alike"),
    path("--sheet", "the keepers as one picture", metavar="SHEET.jpg"),
    path("--scorer", "the gallery's by default"),
    flag("--xmp", action="store_true", help="write stars as sidecars beside the photos"),
    flag("--dry-run", action="store_true", help="only say which, in the column xmp"),
    config=CullConfig,
)
def cull(args: argparse.Namespace) -> None:
    """Pick the best of a roll: moments, the best of each and why, keepers and the rest.

    A folder that grew costs only what is new.  `selfie app` opens the gallery that keeps it.  With
    --xmp, sidecars that are there are added to; a person's stars stay, and so do all photos.
    """
    from collections import Counter
    from typing import get_args

    from selfie_core.answer.cull import cull_folder
    from selfie_core.answer.library import plan_sidecars
    from selfie_core.base import store
    from selfie_core.photo.sidecar import State

    config = config_of(args)
    _ = config.cuts  # refused before the work is done
    store.check_target(args.out, ".csv", ".parquet", ".json")
    if args.sheet:
        store.check_target(args.sheet, ".jpg", ".jpeg", ".png", ".webp")
    gallery = args.gallery or args.out.with_suffix(".gallery")
    with bar() as tell:
        found = cull_folder(args.photos, gallery, scorer=args.scorer, config=config, progress=tell)
        planned = (
            plan_sidecars(args.photos, found, config=config, progress=tell)
            if args.xmp or args.dry_run else None
        )  # fmt: skip
    picks = found.picks
    if planned:
        picks = picks.assign(xmp=planned.told(picks["file"]))
    store.write_table(args.out, picks)
    if args.sheet:
        store.write_picture(args.sheet, found.sheet(), "grid")
        say(f"wrote {args.sheet}")
    if planned:
        if not args.dry_run:
            planned.write()
        counts = Counter(one.state for _, one in planned.all())
        told = ", ".join(f"{counts[state]} {state}" for state in get_args(State) if counts[state])
        say(f"sidecars: {told}{'; dry run, none is written' if args.dry_run else ''}")
    bad = int((picks["error"] != "").sum())
    keepers = counted(int(picks["keep"].sum()), "keeper")
    say(
        f"{counted(len(picks) - bad, 'photo')}{f', {bad} left out' if bad else ''}, "
        f"{counted(picks['moment'].max(), 'moment')}, {keepers}; wrote {args.out}; "
        f"see them all by: selfie app {quoted(gallery)}"
    )
