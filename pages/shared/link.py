"""What each page is in a line, and how a link to it shows where it is shared (Open Graph)."""

import contextlib
from html import escape

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.shared import galleries, ui
from selfie_core.base.errors import DataError

# By the page's file: its title as an invitation, and its line.
WAYS = {
    "browse/continuum.py": ("Browse the grids", "{} from best to worst. Filter them, "
                            "star your own best."),
    "map/map.py": ("Look around the map", "What looks alike to the net stands together. Zoom in "
                   "until it is faces."),
    "score/score.py": ("Score your own", "Its score, its rank, and the crops that would do "
                       "better. Nothing is saved."),
}  # fmt: skip
MORE = {
    "score/roll.py": ("Best of my roll", "Many photos in: the best of each moment, and why."),
    "browse/guess.py": ("Could you tell?", "Two selfies, one was liked more. You against the net."),
    "taste/taste.py": ("Your taste", "Which of two do you prefer? It learns what you like."),
    "browse/celebrities.py": ("Celebrities", "A named set, ranked, over all photos of each name."),
    "learned/rules.py": ("Do’s and don’ts", "What the score follows, computed and not asserted."),
    "learned/audit.py": ("Audit", "What it does to groups of people, and where it fails."),
    "learned/network.py": ("Under the hood", "One selfie through the net, layer by layer."),
    "training/experiment.py": ("The experiment", "How labels were made, and how well it learned."),
    "training/train.py": ("Train your own", "Two piles of photos in, a scorer out."),
}
_FRONT = (
    "What does a neural net think of your selfie?",
    "A ConvNet learned which selfies do better than their peers; now it can judge yours.",
)
# By the page's address.
_PAGES = {"": _FRONT} | {
    file.rpartition("/")[2].removesuffix(".py"): words for file, words in (WAYS | MORE).items()
}
_GRID = "grid.jpg?kind=best&count=50&columns=10&cell=118"  # 1,200 x 600 pixels, as links want it
_PART = {b"accept-encoding", b"if-none-match", b"if-modified-since", b"range"}


def link_preview(app: ASGIApp) -> ASGIApp:
    """Return an app whose pages name title, line and picture in their HTML.

    Who makes a preview of a link runs no script, and Streamlit's HTML says "Streamlit" only.
    """

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        known = scope["type"] == "http" and scope["method"] == "GET"
        page = scope["path"].removeprefix(f"{ui.base_path()}/").strip("/") if known else None
        if page not in _PAGES:
            await app(scope, receive, send)
            return
        tags = await run_in_threadpool(_tags, Request(scope), *_PAGES[page])
        start: Message = {}
        body = b""

        async def sent(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            headers = MutableHeaders(raw=start["headers"])
            if headers.get("content-type", "").startswith("text/html"):
                body = body.replace(b"<title>Streamlit</title>", tags.encode())
                headers["content-length"] = str(len(body))
                for name in ("etag", "last-modified", "accept-ranges"):  # of Streamlit's file
                    del headers[name]
            await send(start)
            await send({"type": "http.response.body", "body": body})

        # The page as a whole, and as it is.
        asked = [(name, value) for name, value in scope["headers"] if name not in _PART]
        await app({**scope, "headers": asked}, receive, sent)

    return answer


def _tags(request: Request, title: str, line: str) -> str:
    """Return the tags of a page; the picture is the photo that it opens, or the best ones."""
    picture = selfies = None
    before = request.headers.get("x-forwarded-prefix", "").rstrip("/")  # what a proxy took off
    with contextlib.suppress(DataError):  # there is no gallery
        gallery = galleries.main_gallery()
        selfies = ui.counted(len(gallery), "selfie")
        row = gallery.row_of(request.query_params.get("id", ""))
        path, _, query = (_GRID if row is None else f"photo/{row}").partition("?")
        root = f"{before}{ui.base_path()}"
        picture = request.url.replace(path=f"{root}/{ui.base(gallery)}/{path}", query=query)
    said = {
        "og:type": "website",
        "og:site_name": "Selfie",
        "og:title": title,
        "og:description": line.format(selfies) if selfies else "",
        "og:url": str(request.url.replace(path=f"{before}{request.url.path}")),
        "og:image": str(picture or ""),
        "twitter:card": "summary_large_image",
    }
    tags = [
        f'<meta property="{name}" content="{escape(said[name])}">' for name in said if said[name]
    ]
    return "\n    ".join([f"<title>{escape(title)} · Selfie</title>", *tags])
