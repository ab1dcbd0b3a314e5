"""The audit: what the score does per group that the gallery names."""

import streamlit as st

from pages.learned import audit_view as view
from pages.shared import ui

gallery = ui.gallery()
st.title("Whom does it favour?", anchor=False)
st.caption(
    "The score per group, for every group that came with the photos. Nothing here guesses who is "
    "in a photo. Numbers are cut into thirds; bars are 95 % intervals."
)
known = view.groups(gallery)
if not known:
    st.info(
        "This gallery names no groups. Build it with a table that has a column such as "
        "`sex`, `age` or `lighting`: `selfie build PHOTOS --out GALLERY --posts POSTS.csv`.",
        icon=":material/group:",
    )
    st.markdown(view.MEANING)
    ui.honest_line()
    st.stop()

pick, also, _ = st.columns([3, 3, 4])
title = pick.selectbox("Groups by", list(known), key="audit_by", bind="query-params")
others = [view.ANY, *(name for name in known if name != title)]
second = also.selectbox("and by", others, key="and", bind="query-params")
if second == view.ANY:
    view.show_groups(gallery, title)
else:
    view.show_meetings(gallery, title, second)
st.space("small")
view.show_tone(gallery)
st.space("small")
view.offer_dossier(gallery)
st.space("small")
st.markdown(view.MEANING)
ui.honest_line()
