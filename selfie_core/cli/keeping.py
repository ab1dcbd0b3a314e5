"""migrate, backup, restore."""

import argparse
from pathlib import Path

from selfie_core.base.light import torch_for
from selfie_core.base.words import counted
from selfie_core.cli.bar import bar, say
from selfie_core.cli.flags import command, path


@command("migrate", path("gallery", metavar="GALLERY|SCORER"))
def migrate(args: argparse.Namespace) -> None:
    """Bring a gallery or a scorer of an earlier version into the format of this one."""
    if args.gallery.suffix == ".safetensors":
        _migrate_scorer(args.gallery)
        return
    from selfie_core.gallery.generation import FORMAT, read_facts
    from selfie_core.gallery.remap import migrate_gallery

    before = read_facts(args.gallery)["format"]
    with bar() as tell:
        gallery = migrate_gallery(args.gallery, progress=tell)
    was = "is" if before == FORMAT else f"was of format {before} and is"
    say(f"{args.gallery} {was} of format {FORMAT}; {counted(len(gallery), 'photo')}")


def _migrate_scorer(scorer: Path) -> None:
    with torch_for("selfie migrate of a scorer"):
        from selfie_core.scorer.checkpoint import VERSION
        from selfie_core.scorer.weights import migrate_scorer

    before = migrate_scorer(scorer)
    if before == VERSION:
        say(f"{scorer} is of version {VERSION}")
        return
    say(
        f"{scorer} was of version {before} and is of version {VERSION}; it scores as before. "
        f"Galleries know it by its old content: build them again with it"
    )


@command("backup", path("gallery"), path("file", metavar="FILE.tar"))
def backup(args: argparse.Namespace) -> None:
    """Write a gallery into one file, while the app or a build runs."""
    from selfie_core.gallery.backup import backup_gallery

    with bar("file") as tell:
        count = backup_gallery(args.gallery, args.file, progress=tell)
    say(f"{counted(count, 'file')}; wrote {args.file}")


@command("restore", path("file", metavar="FILE.tar"), path("gallery"))
def restore(args: argparse.Namespace) -> None:
    """Put the gallery of a backup in place, once each file is as it was; the app may run."""
    from selfie_core.gallery.backup import restore_gallery

    with bar("file") as tell:
        gallery = restore_gallery(args.file, args.gallery, progress=tell)
    say(f"{counted(len(gallery), 'photo')}, all files as they were; wrote {args.gallery}")
