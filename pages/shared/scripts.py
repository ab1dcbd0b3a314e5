"""The pages' JavaScript as native modules, from a route of our own beside the pages.

The address holds a hash of all scripts, so that browsers keep them for ever and never mix two
versions; imports between modules are ordinary relative ones.
"""

import base64
import functools
import hashlib
import json
import posixpath
import re
from pathlib import Path

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from selfie_core.base.store import content_id
from selfie_core.web.map_routes import FOREVER

_PAGES = Path(__file__).parents[1]
# Of a module that it misses a browser hears a little later: from the module that imports it.
_IMPORT = re.compile(r'^(?:import|} from) (?:.*from )?"(\..+?)";$', re.MULTILINE)

# What Streamlit gets of a component: it asks for all modules at once, as a module would name its
# imports only after it has arrived, then hands on each call, in order, and the cleanup.
_LOADER = """
const addresses = ADDRESSES.map((path) => new URL(path, document.baseURI).href);
const modules = Promise.all(addresses.map((address) => import(address)));
export default function (component) {
  const failed = () => {
    const line = document.createElement("p");
    line.textContent = "This part of the page did not arrive. Reload the page to try again.";
    component.parentElement.replaceChildren(line);
  };
  const leave = modules.then(([entry]) => entry.default(component), failed);
  return () => leave.then((cleanup) => cleanup?.());
}
"""


@functools.cache
def scripts() -> dict[str, str]:
    """Return the text of each script by its path below `pages`; /phone brings its own."""
    files = sorted(file for file in _PAGES.rglob("*.js") if file.parent.name != "phone")
    return {file.relative_to(_PAGES).as_posix(): file.read_text("utf-8") for file in files}


@functools.cache
def _version() -> str:
    return content_id(json.dumps(scripts()).encode())


def address(script: str) -> str:
    """Return where browsers find a script; the address changes with any of them."""
    return f"scripts/{_version()}/{script}"


def run_script(script: str) -> None:
    """Run a script in the page itself, once per visit: what no component of its own can reach."""
    tag = f'<script type="module" src="{address(script)}"></script>'
    st.html(tag, unsafe_allow_javascript=True)


@functools.cache
def modules(entry: str) -> list[str]:
    """Return a script and all that it imports, and they in turn; the script first."""
    found = [entry]
    for script in found:  # grows on the way
        folder = posixpath.dirname(script)
        named = _IMPORT.findall(scripts()[script])
        imported = [posixpath.normpath(posixpath.join(folder, name)) for name in named]
        found += [other for other in dict.fromkeys(imported) if other not in found]
    return found


def loader(entry: str) -> str:
    """Return the JavaScript of a component that is the default export of a script."""
    return _LOADER.replace("ADDRESSES", json.dumps([address(one) for one in modules(entry)]))


def sums() -> list[str]:
    """Return the hashes of the scripts in Streamlit's page, for a Content-Security-Policy."""
    page = (Path(st.__file__).parent / "static" / "index.html").read_text("utf-8")
    texts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    hashes = [hashlib.sha256(text.encode()).digest() for text in texts]
    return [f"sha256-{base64.b64encode(one).decode()}" for one in hashes]


def script_routes() -> list[Route]:
    """Return the route of the scripts."""

    def serve(request: Request) -> Response:
        text = scripts().get(request.path_params["script"])
        if request.path_params["version"] != _version() or text is None:
            return PlainTextResponse("the app was updated; reload the page", 404)
        return Response(text, media_type="text/javascript", headers=FOREVER)

    return [Route("/scripts/{version}/{script:path}", serve)]


def preload(app: ASGIApp, entries: dict[str, str]) -> ASGIApp:
    """Return an app that names the scripts of a page in the header of its HTML.

    Browsers then fetch them while Streamlit starts, not after it has asked for the page's
    components: a first tooltip on the map as soon as with all of its modules in one file.
    `entries` has, by the last part of a page's address, the script that it begins with.
    """

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        entry = entries.get(scope.get("path", "").rstrip("/").rpartition("/")[2])

        async def sent(message: Message) -> None:
            if entry and message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    hint = "<{}>; rel=modulepreload; fetchpriority=low".format
                    headers.append("Link", ", ".join(hint(address(one)) for one in modules(entry)))
            await send(message)

        await app(scope, receive, sent)

    return answer
