"""The audit: what the score does per group that the gallery names."""

import pandas as pd
import streamlit as st

from pages.learned import audit_view as view
from pages.shared import ui
from selfie_core.base.errors import DataError
from selfie_core.gallery.gallery import Gallery
from selfie_core.learned import trials
from selfie_core.learned.regression import FEWEST

_PLAIN = {"displayModeBar": False}


def _show_groups(gallery: Gallery, title: str) -> None:
    """Show the top, the gaps, the distributions and the calibration of one column's groups."""
    table = view.frame(gallery.version, gallery, (title,))
    gaps = view.gaps(gallery.version, gallery, title)
    if not table["enough"].any():
        st.info(f"Each group of {title} has fewer than {FEWEST} photos: too few to judge.")
        return
    st.markdown(view.finding(table, gallery))
    st.caption(
        "The post, of its best 100 among 50,000: “there is not a single guy in the top 100”."
    )
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("##### Share of the top, and of all photos")
        st.plotly_chart(view.top_chart(table), config=_PLAIN, key="audit_top")
        st.markdown("##### How the scores spread")
        curves = view.curves(gallery.version, gallery, title)
        st.plotly_chart(view.ridge_chart(curves), config=_PLAIN, key="audit_spread")
    with right:
        st.markdown("##### Above or below all others")
        if gaps["plain"].notna().any():
            st.plotly_chart(view.gap_chart(gaps), config=_PLAIN, key="audit_gaps")
        else:
            st.info(f"One group holds nearly all photos: fewer than {FEWEST} are left.")
        st.markdown("##### Is the percent as right for each?")
        if table["labelled"].any():
            st.caption("Mean score less the share of photos that were liked: above 0 it flatters.")
            st.plotly_chart(view.calibration_chart(table), config=_PLAIN, key="audit_truth")
        else:
            st.info("This gallery has no labels, so nobody knows how the photos did.")
    _show_numbers(table, table.merge(gaps.drop(columns="n"), left_on="one", right_on="group"))


def _show_meetings(gallery: Gallery, title: str, second: str) -> None:
    """Show the mean score where groups of two columns meet."""
    table = view.frame(gallery.version, gallery, (title, second))
    st.markdown(f"##### Mean score by {title.lower()} and {second.lower()}")
    st.caption("Below each the number of photos, and how many of them are in the top.")
    chart = view.meeting_chart(table, (title, second))
    st.plotly_chart(chart, config=_PLAIN, key="audit_meet")
    _show_numbers(table, table)


def _show_numbers(table: pd.DataFrame, whole: pd.DataFrame) -> None:
    """Show the numbers as a table; the file has all of them."""
    with st.expander("The numbers", icon=":material/table:"):
        st.dataframe(view.shown_table(table), hide_index=True)
        st.download_button(
            "Download the table",
            lambda: whole.to_csv(index=False).encode(),
            file_name="audit.csv",
            mime="text/csv",
            key="audit_file",
            icon=":material/download:",
            on_click="ignore",
        )


def _show_tone(gallery: Gallery) -> None:
    """Show light against skin tone, where a column names the tone."""
    st.header("Light against skin tone", anchor="tone", divider=False)
    try:
        found = view.light_and_tone(gallery.version, gallery)
    except DataError as error:
        st.info(str(error))
        return
    st.caption(
        "A taste for light must not become one for light skin: the further apart the lines, the "
        f"more it has. Tone as given ({found.column.replace('_', ' ')}); bars are 95 % intervals."
    )
    left, right = st.columns([6, 5], gap="large", vertical_alignment="center")
    with left:
        how = st.segmented_control(
            "Photos", ["All else held fixed", "As they are"], default="All else held fixed",
            required=True, key="audit_how", label_visibility="collapsed",
        )  # fmt: skip
        cells = found.cells if how == "As they are" else found.held
        st.plotly_chart(view.tone_chart(cells), config=_PLAIN, key="audit_tone")
    metrics = trials.known_metrics(gallery.scorer_id)
    right.markdown(view.tone_lines(found, trials.tone_twins(metrics)))


gallery = ui.gallery()
st.title("Whom does it favour?", anchor=False)
st.caption(
    "The score per group, for every group that came with the photos. Nothing here guesses who is "
    "in a photo. Numbers are cut into thirds; bars are 95 % intervals."
)
known = view.groups(gallery.version, gallery)
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
title = pick.selectbox("Groups by", list(known), key="by", bind="query-params")
others = [view.ANY, *(name for name in known if name != title)]
second = also.selectbox("and by", others, key="and", bind="query-params")
if second == view.ANY:
    _show_groups(gallery, title)
else:
    _show_meetings(gallery, title, second)
st.space("small")
_show_tone(gallery)
st.space("small")
st.markdown(view.MEANING)
ui.honest_line()
