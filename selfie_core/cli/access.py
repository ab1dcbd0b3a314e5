"""key."""

import argparse

from selfie_core.base.errors import DataError
from selfie_core.cli.bar import say
from selfie_core.cli.flags import command, flag, path


@command(
    "key",
    flag("name", nargs="?", help="of whom or what it is for; without one, all keys are listed"),
    flag("--roles", metavar="ROLE,ROLE", help="what it opens: look, upload, rate, manage"),
    flag("--revoke", action="store_true", help="the key of this name opens nothing more"),
    path("--keys", "file with the hashes; SELFIE_KEYS or ~/.config/selfie/keys.json by default"),
)
def key(args: argparse.Namespace) -> None:
    """Make, list or revoke keys to a server that is not open to everyone."""
    from selfie_core.base import store
    from selfie_core.web.keys import add_key, read_keys, revoke_key

    file = args.keys or store.keys_file()
    if args.name is None:
        kept = read_keys(file)
        if not kept:
            say(f"no keys in {file}; make one by: selfie key NAME --roles look,upload")
        for known in kept:
            print(f"{known.name}  {', '.join(known.roles)}  since {known.made}")
    elif args.revoke:
        revoke_key(file, args.name)
        say(f'the key "{args.name}" opens nothing more')
    elif not args.roles:
        raise DataError(f'a key wants roles: selfie key "{args.name}" --roles look,upload')
    else:
        print(add_key(file, args.name, roles=args.roles.split(",")))
        say(f"this is shown once; its hash is in {file}")
