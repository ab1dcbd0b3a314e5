"""Who may do what: roles, the role that each route wants, and the groups that have them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from math import inf

from selfie_core.base.errors import DataError

LOOK, UPLOAD, RATE, MANAGE = ROLES = ("look", "upload", "rate", "manage")
ANYONE = "anyone"  # no role is wanted: signing in, and the health of the server

# By path, or by what a path begins with where a star ends it.  What stands nowhere is refused.
ROUTES = {
    "/login": ANYONE,
    "/logout": ANYONE,
    "/auth/login": ANYONE,
    "/auth/logout": ANYONE,
    "/oauth2callback": ANYONE,
    "/_stcore/health": ANYONE,
    "/health/live": ANYONE,
    "/health/ready": ANYONE,
    "/metrics": MANAGE,
    # Galleries, and the page on the visitor's own device.
    "/gallery/*": LOOK,
    "/scripts/*": LOOK,
    "/phone": LOOK,
    "/phone/*": LOOK,
    # REST.
    "/api/v1/openapi.json": LOOK,
    "/api/v1/gallery/*": LOOK,
    "/api/v1/score": UPLOAD,
    "/api/v1/crop": UPLOAD,
    "/api/v1/advise": UPLOAD,
    "/api/*": LOOK,  # nothing is there, which is said as JSON
    # Pages.
    "/": LOOK,
    "/front": LOOK,
    "/continuum": LOOK,
    "/map": LOOK,
    "/celebrities": LOOK,
    "/guess": LOOK,
    "/rules": LOOK,
    "/audit": LOOK,
    "/network": LOOK,
    "/experiment": LOOK,
    "/score": UPLOAD,
    "/roll": UPLOAD,
    "/train": UPLOAD,
    "/taste": RATE,
    "/about": MANAGE,
    # What Streamlit serves.
    "/static/*": LOOK,
    "/index.html": LOOK,
    "/favicon.png": LOOK,
    "/manifest.json": LOOK,
    "/media/*": LOOK,
    "/component/*": LOOK,
    "/_stcore/stream": LOOK,
    "/_stcore/host-config": LOOK,
    "/_stcore/bidi-components/*": LOOK,
    "/_stcore/upload_file/*": UPLOAD,
    "/_stcore/script-health-check": MANAGE,
    "/_stcore/metrics": MANAGE,
    "/_stcore/agent/*": MANAGE,
}
_EXACT = {path for path in ROUTES if not path.endswith("*")}
# The longer of two first.
_BELOW = sorted((path[:-1] for path in ROUTES if path.endswith("*")), reverse=True)


def row_of(path: str) -> str | None:
    """Return the row of the table in which a path below the app's root stands."""
    if path in _EXACT:
        return path
    return next((f"{start}*" for start in _BELOW if path.startswith(start)), None)


def role_wanted(path: str) -> str | None:
    """Return the role that a path below the app's root wants; None if it stands in no row."""
    return ROUTES.get(row_of(path) or "")


@dataclass(frozen=True)
class Visitor:
    """Someone who was let in."""

    name: str
    roles: frozenset[str]
    until: float = inf  # seconds since 1970
    session: str = ""  # what it ends by; "" for a key or a token, which come with each request

    def may(self, role: str | None) -> bool:
        """Return whether a route that wants this role is open to the visitor."""
        return role == ANYONE or role in self.roles


EVERYONE = Visitor("", frozenset(ROLES))  # of a server that is open


def with_implied(roles: Iterable[str], *, of: str) -> frozenset[str]:
    """Return roles and those that come with them: look with any, all with manage.

    Raises:
        DataError: One is none of ours; `of` says whose it is.
    """
    given = frozenset(roles)
    if unknown := sorted(given - set(ROLES)):
        raise DataError(f'{of} has the role "{unknown[0]}"; wanted some of {", ".join(ROLES)}')
    if MANAGE in given:
        return frozenset(ROLES)
    return given | {LOOK} if given else given


def roles_of(names: Collection[str], table: Mapping[str, Collection[str]]) -> frozenset[str]:
    """Return the roles of one who goes by these names: groups, an e-mail address, "*" for all."""
    return frozenset().union(*(table[name] for name in names if name in table))
