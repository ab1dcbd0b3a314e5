"""The map's program: its modules joined into one file, which a browser fetches once and keeps.

Inside the component it would go through the websocket, 120 KB at every visit.
"""

import functools
import re
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from selfie_core.base.store import content_id
from selfie_core.web.map_routes import FOREVER

_HERE = Path(__file__).parent

# What the component itself holds: it fetches the program and hands on each call and the cleanup.
LOADER = """
export default function (component) {
  const address = new URL(component.data.code, document.baseURI).href;
  const cleanup = import(address).then((program) => program.default(component));
  return () => cleanup.then((leave) => leave());
}
"""


@functools.cache
def program() -> str:
    """Return all modules as one text, without their imports of each other."""
    files = [*sorted((_HERE / "parts").rglob("*.js")), _HERE / "selfie_map.js"]
    text = "\n".join(file.read_text("utf-8") for file in files)
    return re.sub(r"^import .*?;\n|^export (?!default)", "", text, flags=re.MULTILINE | re.DOTALL)


@functools.cache
def address() -> str:
    """Return the program's path; it changes with the program."""
    return f"/map-code/{content_id(program().encode())}.js"


def routes() -> list[Route]:
    """Return the route of the program."""

    def serve(request: Request) -> Response:
        if request.url.path.rsplit("/", 1)[-1] != address().rsplit("/", 1)[-1]:
            return PlainTextResponse("the map was updated; reload the page", 404)
        return Response(program(), media_type="text/javascript", headers=FOREVER)

    return [Route("/map-code/{name}", serve)]
