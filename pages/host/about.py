"""About this server: what it shows, to whom, and how it does; for whoever manages it."""

import shutil
from datetime import datetime

import streamlit as st

from pages.shared import ui
from pages.shared.access import access
from pages.shared.galleries import open_galleries
from pages.shared.watching import watch
from selfie_core import __version__
from selfie_core.base import store
from selfie_core.photo.images import ROOM
from selfie_core.web.keys import read_keys
from selfie_core.web.watch import memory

st.title("About this server", anchor=False)
gallery = ui.gallery(own=False)  # the server's, not as a visitor's scorer sees it
shown = {
    "Requests": f"{sum(watch().requests.values()):,}",
    "Photos scored": f"{ROOM.taken:,}",
    "In line": f"{ROOM.waiting:,}",
    "Pages open": f"{watch().sockets:,}",
    "Memory": f"{memory() / 1e6:,.0f} MB",
}
with st.container(horizontal=True):
    for label, value in shown.items():
        st.metric(label, value, border=True, width="content")

st.markdown("## What it shows")
free = shutil.disk_usage(gallery.folder).free / 1e9
st.markdown(
    f"- selfie {__version__}, up since {datetime.fromtimestamp(watch().since):%d %B %Y, %H:%M}\n"
    f"- {ui.plain(gallery.name)}: {ui.counted(len(gallery), 'photo')} in `{gallery.folder}`, "
    f"version `{gallery.version}`, scored by `{gallery.scorer_id}`; "
    f"galleries open: {open_galleries()}\n"
    f"- {free:,.1f} GB free on the volume of the gallery\n"
    f"- what can be made again is kept in `{store.cache_folder()}`"
)

st.markdown("## Who may")
who = access()
if who.is_open:
    st.markdown("Everyone who reaches this server may do everything.")
elif who.provider:
    st.markdown(f"Whoever signs in at `{who.provider.issuer.metadata}` and has a role here.")
    given = who.provider.table.items()
    st.table(
        {
            "group or address": [name for name, _ in given],
            "roles": [", ".join(sorted(roles)) for _, roles in given],
        }
    )
else:
    st.markdown("Whoever has the password may look, upload and rate; keys give other roles.")
if keys := read_keys(who.keys.file):
    st.table({"key": [key.name for key in keys], "roles": [", ".join(key.roles) for key in keys],
              "since": [key.made for key in keys]})  # fmt: skip
st.caption("`selfie key` makes and revokes keys; `/metrics` has these figures for Prometheus.")
ui.honest_line()
