"""bot bluesky, bot mastodon."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from selfie_core.base.errors import DataError
from selfie_core.base.words import counted
from selfie_core.cli.bar import say
from selfie_core.cli.flags import command, flag, path

SECRET = "SELFIE_BOT_SECRET"

_COMMON = (
    path("--secret-file", f"of mode 600; else the environment's {SECRET}", metavar="FILE"),
    path("--gallery", "what photos are compared with; the demo by default"),
    path("--state", "where it remembers whom it answered", metavar="FILE"),
    flag("--per-hour", type=int, default=6, help="answers to one author (default 6)"),
    flag("--every", type=float, default=5, help="seconds between looks for posts (default 5)"),
    flag("--metrics", type=int, metavar="PORT", help="serve /metrics there, on this machine"),
    flag("--check", action="store_true", help="only say what the profile lacks"),
    flag("--private", action="store_true", help="take http and private addresses: to test with"),
)


@command(
    "bluesky",
    flag("--handle", required=True, help="of the bot's account, such as selfie.bsky.social"),
    flag("--service", default="https://bsky.social", help="its server (default bsky.social)"),
    flag("--directory", default="https://plc.directory", help="of did:plc"),
    *_COMMON,
)
def bluesky(args: argparse.Namespace) -> None:
    """Answer who mentions a Bluesky account with a selfie; the secret is an app password."""

    def sign_in(secret: str, state: Any) -> Any:
        from functools import partial

        from selfie_core.bot.bluesky import Bluesky
        from selfie_core.bot.fetch import Fetcher

        kept: dict[str, Any] = {}
        if state:
            kept = {"session": state.kept("session"), "keep": partial(state.keep, "session")}
        return Bluesky(
            args.handle.removeprefix("@"), secret, service=args.service, directory=args.directory,
            fetcher=Fetcher(private=args.private), **kept,
        )  # fmt: skip

    _run(args, f"bluesky-{args.handle.removeprefix('@')}", sign_in)


@command(
    "mastodon",
    flag("--instance", required=True, help="of the bot's account, such as https://botsin.example"),
    *_COMMON,
)
def mastodon(args: argparse.Namespace) -> None:
    """Answer who mentions a Mastodon account with a selfie; the secret is an access token."""

    def sign_in(secret: str, state: Any) -> Any:
        from selfie_core.bot.fetch import Fetcher
        from selfie_core.bot.mastodon import Mastodon

        return Mastodon(args.instance, secret, fetcher=Fetcher(private=args.private))

    host = args.instance.partition("://")[2].strip("/") or args.instance
    _run(args, f"mastodon-{host}", sign_in)


def _run(args: argparse.Namespace, account: str, sign_in: Callable[[str, Any], Any]) -> None:
    from contextlib import ExitStack, closing

    from selfie_core.base import store
    from selfie_core.bot.network import Later
    from selfie_core.bot.state import State

    secret = _secret(args.secret_file)
    if args.per_hour < 1 or args.every < 1:
        raise DataError("--per-hour and --every are 1 or more")
    with ExitStack() as open_now:
        state = None if args.check else State(args.state or store.bot_state(account))
        if state:
            open_now.enter_context(closing(state))
        try:
            network = open_now.enter_context(closing(sign_in(secret, state)))
            lacks = network.lacks()
        except ImportError as error:
            raise DataError(
                "the bot needs more packages; run: pip install atproto Mastodon.py"
            ) from error
        except Later as error:
            raise DataError(f"{error}; try again later") from error
        if args.check and lacks:
            raise DataError(f"the profile lacks {'; '.join(lacks)}")
        if state is None:
            say("signed in; the profile has all that a bot's should have")
            return
        for what in lacks:
            say(f"the profile lacks {what}")
        _answer(args, network, state)


def _answer(args: argparse.Namespace, network: Any, state: Any) -> None:
    """Answer until the process is told to stop; what is begun is brought to its end."""
    import logging
    import signal
    import threading

    from selfie_core.base import store
    from selfie_core.base.progress import cores
    from selfie_core.bot.bot import Bot, Limits
    from selfie_core.bot.judge import Judge
    from selfie_core.bot.metrics import serve_metrics
    from selfie_core.gallery.gallery import Gallery
    from selfie_core.scorer.scorer import load_scorer

    logging.getLogger("selfie_core.bot").setLevel(logging.INFO)
    gallery = Gallery.open(args.gallery or store.demo_gallery())
    judge = Judge(load_scorer(gallery.scorer_path), gallery)
    judge([next(store.sample_photos().glob("*.jpg")).read_bytes()], "en", network.most_text, True)
    limits = Limits(per_hour=args.per_hour, every=args.every)
    bot = Bot(network, state, judge, limits=limits)
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    with serve_metrics(bot, args.metrics) as port:
        say("waiting for mentions" + f"; figures on http://127.0.0.1:{port}/metrics" * bool(port))
        bot.run(stop, workers=cores())
    say(f"stopped; {counted(sum(bot.counts.values()), 'post')} came to an end")


def _secret(file: Path | None) -> str:
    """Return what the account is signed in with: never from the command line, which others see."""
    if file is None:
        if secret := os.environ.get(SECRET, "").strip():
            return secret
        raise DataError(
            f"no secret; put it into the environment as {SECRET}, or name --secret-file"
        )
    from selfie_core.base import store

    secret = store.read_bytes(file).decode("utf-8", "replace").strip()
    if os.name == "posix" and file.stat().st_mode & 0o077:
        raise DataError(f"{file} can be read by others; run: chmod 600 {file}")
    if not secret:
        raise DataError(f"{file} is empty; put the secret into it")
    return secret
