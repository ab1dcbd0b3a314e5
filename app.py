"""The web app: `streamlit run app.py` or `selfie app` serve the pages and, beside them, the files.

SELFIE_GALLERY and SELFIE_CELEBRITIES name other folders than the demo's.
"""

import os
import sys
from pathlib import Path

import streamlit as st
from starlette.formparsers import MultiPartParser
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount, Route

# Any way of starting finds the pages' shared modules and, in a checkout, the library.
HERE = Path(__file__).resolve().parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))

from pages.shared import ui  # noqa: E402
from pages.shared.access import access  # noqa: E402
from pages.shared.galleries import gallery_of, main_gallery, open_galleries  # noqa: E402
from pages.shared.link import link_preview  # noqa: E402
from pages.shared.opening import opening  # noqa: E402
from pages.shared.scripts import preload, script_routes, sums  # noqa: E402
from pages.shared.watching import watch  # noqa: E402
from selfie_core.base.errors import SelfieError  # noqa: E402
from selfie_core.web.gallery_routes import gallery_routes  # noqa: E402
from selfie_core.web.gate import Gate  # noqa: E402
from selfie_core.web.phone_routes import phone_routes  # noqa: E402
from selfie_core.web.rest import rest_routes  # noqa: E402
from selfie_core.web.shield import Shield  # noqa: E402
from selfie_core.web.watch import log_as_json  # noqa: E402

# Uploads stay in memory; above 1 MB they would pass through a temporary file.
MultiPartParser.spool_max_size = 0  # for tempfile: no limit

# By page, the script that it begins with.
FIRST = {"map": "map/selfie_map.js", "continuum": "grid/selfie_grid.js"}


def below_base_path(route: BaseRoute) -> BaseRoute:
    """Return a route below server.baseUrlPath, as Streamlit's own are."""
    if isinstance(route, Route):
        return Route(f"{ui.base_path()}{route.path}", route.endpoint, methods=route.methods)
    assert isinstance(route, Mount)
    return Mount(f"{ui.base_path()}{route.path}", route.app)


if os.environ.get("SELFIE_LOG") == "json":
    log_as_json()
try:
    who = access()
except SelfieError as error:
    sys.exit(f"selfie: {error}")
base = ui.base_path()
ours = [
    *watch().routes(main_gallery, open_galleries),
    *gallery_routes(gallery_of),
    *rest_routes(main_gallery),
    *script_routes(),
]
ours += phone_routes(main_gallery)
app = st.App(
    HERE / "pages" / "router.py",
    routes=[below_base_path(route) for route in ours],
    middleware=[
        Middleware(watch().over),
        Middleware(Shield, base=base, sums=sums()),
        Middleware(Gate, access=who, base=base),
        Middleware(link_preview),
        Middleware(preload, entries=FIRST),
    ],
    lifespan=opening,
)

if __name__ == "__main__":
    app.run()
