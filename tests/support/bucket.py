"""A bucket on a server of this machine that speaks S3, and answers badly when it is told to."""

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

Answer = Callable[..., Iterable[bytes]]
BUCKET = "selfies"


class Bucket:
    """The server; `fault` is called with the path of each GET, and says what becomes of it.

    "busy" is a 503, "half" a body of half the length that was promised; None lets it be.
    """

    def __init__(self, app: Any) -> None:
        self._app, self.name = app, BUCKET
        self.fault: Callable[[str], str | None] = lambda path: None
        self.got: list[str] = []

    def __call__(self, environ: dict[str, Any], start: Answer) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        reading = environ["REQUEST_METHOD"] == "GET" and "list-type" not in environ["QUERY_STRING"]
        fault = self.fault(path) if reading else None
        if reading:
            self.got.append(path)
        if fault == "busy":
            start("503 Slow Down", [("Content-Type", "application/xml")])
            return [b"<Error><Code>SlowDown</Code><Message>Slow down.</Message></Error>"]
        body = b"".join(self._app(environ, start))
        return [body[: len(body) // 2] if fault == "half" else body]


@contextmanager
def serve_bucket() -> Iterator[Bucket]:
    """Yield a bucket called `BUCKET`, empty, which s3fs finds by the environment."""
    import boto3
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log(self, *_: object) -> None:
            pass

    bucket = Bucket(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, bucket, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    before = dict(os.environ)
    os.environ |= {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    try:
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield bucket
    finally:
        os.environ.clear()
        os.environ |= before
        server.shutdown()
        server.server_close()
