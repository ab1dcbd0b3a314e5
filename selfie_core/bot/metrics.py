"""What the bot does, in figures, for Prometheus or a pair of eyes."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from selfie_core.base.errors import DataError
from selfie_core.base.figures import Figure, prometheus
from selfie_core.bot.bot import ENDS, Bot


def metrics(bot: Bot) -> str:
    """Return the figures in the text format of Prometheus."""
    waiting, since = bot.state.waiting()
    oldest = max(0.0, time.time() - since) if since else 0.0
    quiet = time.monotonic() - bot.found_at if bot.found_at else float("nan")
    counts = bot.counts
    ends = {f'end="{end}"': counts[end] for end in ENDS}
    return prometheus(
        [
            Figure("selfie_bot_posts_total", "counter",
                   "Posts that came to an end since the start, by which.", ends),
            Figure("selfie_bot_waiting", "gauge", "Posts that wait to be answered.", waiting),
            Figure("selfie_bot_oldest_waiting_seconds", "gauge", "Age of the oldest of these.",
                   round(oldest, 1)),
            Figure("selfie_bot_last_list_seconds", "gauge",
                   "Since the network last said who called us.", round(quiet, 1)),
        ]
    )  # fmt: skip


@contextmanager
def serve_metrics(bot: Bot, port: int | None, *, host: str = "127.0.0.1") -> Iterator[int | None]:
    """Answer GET /metrics while the block runs; yield the port, which is free if 0 was asked for.

    Raises:
        DataError: The port is taken.
    """
    if port is None:
        yield None
        return

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.path == "/metrics"
            data = metrics(bot).encode() if known else b"see /metrics\n"
            self.send_response(200 if known else 404)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing of who asks."""

    try:
        server = ThreadingHTTPServer((host, port), Handler)
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", error)
        raise DataError(f"can't serve metrics on {host}:{port}: {why}") from error
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
