"""What the audit page shows of groups: findings, charts and numbers, light against tone."""

import json
from typing import Any

import pandas as pd
import streamlit as st

from pages.learned import audit_charts as charts
from pages.shared import ui
from pages.shared.charts import show_chart
from pages.shared.downloads import offer_file, offer_table
from selfie_core.base.errors import DataError
from selfie_core.gallery.gallery import Gallery
from selfie_core.learned import groups as audit
from selfie_core.learned import trials
from selfie_core.learned.dossier import audit_gallery
from selfie_core.learned.dossier_page import dossier_page
from selfie_core.learned.groups import LightAndTone
from selfie_core.learned.regression import FEWEST
from selfie_core.learned.trials import Twins

_NAMED = 4  # groups in a sentence; the chart has all
ANY = "Nothing else"

MEANING = """
**What it means.** A gap here says that photos of one group score differently in *this* gallery.
That can come from the net, or from how the photos were taken: a group more often shot in the dark
scores lower without the net knowing anything of the group. The red dots hold light, framing and
finish fixed and show what is left; the scenes drawn twice show it exactly.

**What it does not mean.** A score is about a photo and its audience, never about a person or a
group. Equal numbers do not make a net fair for a use it was not made for, and no use that judges
people is one. Groups of fewer than 20 photos are not judged. Nothing here guesses who is in a
photo: a gallery that names no groups can't be audited, and that is as it should be.
"""


@ui.cached()
def groups(gallery: Gallery) -> dict[str, pd.Series]:
    """Return the groups that the gallery names."""
    return audit.groups_of(gallery.table)


@ui.cached("Counting ...", most=32)
def _frame(gallery: Gallery, titles: tuple[str, ...]) -> pd.DataFrame:
    """Return how each group fares, or each meeting of two."""
    known = groups(gallery)
    return audit.compare_groups(gallery.table, [known[title] for title in titles])


@ui.cached("Holding light, framing and finish fixed ...", most=32)
def _gaps(gallery: Gallery, title: str) -> pd.DataFrame:
    """Return how each group scores beside the rest."""
    return audit.group_gaps(gallery.table, title, groups(gallery)[title])


@ui.cached("Setting light against tone ...")
def _light_and_tone(gallery: Gallery) -> LightAndTone:
    """Return what light and skin tone each do to the score."""
    return audit.light_and_tone(gallery.table)


@ui.cached("Comparing every two groups, then planting gaps to see whether they are found ...")
def _dossier(gallery: Gallery) -> dict[str, Any]:
    """Return all that is known of the groups, for others."""
    return audit_gallery(gallery)


def show_groups(gallery: Gallery, title: str) -> None:
    """Show the top, the gaps, the distributions and the calibration of one column's groups."""
    table = _frame(gallery, (title,))
    gaps = _gaps(gallery, title)
    if not table["enough"].any():
        st.info(
            f"Each group of {ui.plain(title)} has fewer than {FEWEST} photos: too few to judge."
        )
        return
    st.markdown(_finding(table, gallery))
    if title == audit.WOMEN:
        st.caption(
            "The post, of its best 100 among 50,000: “there is not a single guy in the top 100”."
        )
    narrow = charts.narrow(table)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("## Share of the top, and of all photos")
        show_chart(charts.top_chart(narrow), key="audit_top")
        st.markdown("## How the scores spread")
        scores = gallery.table["score"].to_numpy()
        curves = audit.score_curves(scores, groups(gallery)[title])
        show_chart(charts.ridge_chart(charts.narrow(curves)), key="audit_spread")
    with right:
        st.markdown("## Above or below all others")
        if gaps["plain"].notna().any():
            show_chart(charts.gap_chart(charts.narrow(gaps)), key="audit_gaps")
        else:
            st.info(f"One group holds nearly all photos: fewer than {FEWEST} are left.")
        st.markdown("## Is the percent as right for each?")
        if table["labelled"].any():
            st.caption("Mean score less the share of photos that were liked: above 0 it flatters.")
            show_chart(charts.calibration_chart(narrow), key="audit_truth")
        else:
            st.info("This gallery has no labels, so nobody knows how the photos did.")
    _show_numbers(table, table.merge(gaps.drop(columns="n"), left_on="one", right_on="group"))


def show_meetings(gallery: Gallery, title: str, second: str) -> None:
    """Show the mean score where groups of two columns meet."""
    table = _frame(gallery, (title, second))
    st.markdown(f"## Mean score by {ui.plain(title.lower())} and {ui.plain(second.lower())}")
    st.caption("Below each the number of photos, and how many of them are in the top.")
    chart = charts.meeting_chart(charts.narrow(table), (title, second))
    show_chart(chart, key="audit_meet")
    _show_numbers(table, table)


def _show_numbers(table: pd.DataFrame, whole: pd.DataFrame) -> None:
    """Show the numbers as a table; the file has all of them."""
    with st.expander("The numbers", icon=":material/table:"):
        st.dataframe(_shown_table(table), hide_index=True)
        offer_table("Download the table", lambda: whole, "audit.csv", key="audit_file")


def show_tone(gallery: Gallery) -> None:
    """Show light against skin tone, where a column names the tone."""
    st.header("Light against skin tone", anchor="tone", divider=False)
    try:
        found = _light_and_tone(gallery)
    except DataError as error:
        st.info(ui.plain(str(error)))
        return
    st.caption(
        "A taste for light must not become one for light skin: the further apart the lines, the "
        f"more it has. Tone as given ({found.column.replace('_', ' ')}); bars are 95 % intervals."
    )
    left, right = st.columns([6, 5], gap="large", vertical_alignment="center")
    with left:
        ways = {"All else held fixed": found.held, "As they are": found.cells}
        cells = ways[ui.choose("Photos", ways, key="audit_how")]
        show_chart(charts.tone_chart(cells), key="audit_tone")
    metrics = trials.known_metrics(gallery.scorer_id)
    right.markdown(_tone_lines(found, trials.exact_twins("tone", metrics)))


def offer_dossier(gallery: Gallery) -> None:
    """Offer all groups at once, as files to hand on."""
    st.header("A dossier to hand on", anchor="dossier", divider=False)
    st.caption(
        "Every two groups compared at one fixed threshold, the worst ratios, and a check of the "
        "audit itself by gaps planted on purpose. One page to read or print, and its data."
    )
    if not st.button("Make the dossier", key="audit_make", icon=":material/description:"):
        return
    try:
        facts = _dossier(gallery)
    except DataError as error:
        st.info(ui.plain(str(error)))
        return
    with st.container(horizontal=True):
        page = dossier_page(facts).encode()
        offer_file("Page", page, "dossier.html", key="audit_page", kind="primary")
        offer_file("Data", json.dumps(facts).encode(), "dossier.json", key="audit_data")


def _finding(table: pd.DataFrame, gallery: Gallery) -> str:
    """Return who is in the top, beside the post's finding, in Markdown."""
    top = audit.top_of(len(gallery))
    judged = table[table["enough"]]
    named = judged.sort_values("in_top", ascending=False).head(_NAMED).to_dict("records")
    parts = [
        f"**{g['in_top']}** belong{'s' * (g['in_top'] == 1)} to **{ui.plain(g['one'])}** "
        f"({100 * g['share']:.0f} % of all)"
        for g in named
    ]
    if len(judged) > _NAMED:
        parts.append(f"and {ui.counted(len(judged) - _NAMED, 'smaller group')}")
    said = f"Of the best {top} of {len(gallery):,} photos here, {', '.join(parts)}."
    uneven = judged[judged["in_short"].isin(["more than its share", "less than its share"])]
    if uneven.empty:
        return f"{said} Each has about its share of the top."
    verdicts = [f"*{ui.plain(str(row.one))}* {row.in_short}" for row in uneven.itertuples()]
    return f"{said} Beyond chance: {', '.join(verdicts)}."


def _tone_lines(found: LightAndTone, twins: list[Twins]) -> str:
    """Return what light and tone do with all else held fixed, in Markdown."""
    lines = []
    for words, effect in (
        ("From the darkest to the brightest third of the **light**", found.light),
        ("From the lowest to the highest third of the **skin tone**", found.tone),
    ):
        if effect:
            value, low, high = (ui.signed(100 * part) for part in effect)
            said = f"**{value} points ({low} to {high})**"
            lines.append(f"- {words}, all else held fixed: {said}.")
    if widest := found.widest():
        size, way = 100 * abs(widest[1]), "above" if widest[1] > 0 else "below"
        lines.append(
            f"- The tones differ most in this light: **{ui.plain(widest[0])}**. There the highest "
            f"third of the tones scores **{size:.1f} points {way}** the lowest third, light left "
            "as it is."
        )
    for twin in twins:
        size, low, high = (ui.signed(part, "+.2f") for part in twin.size)
        lines.append(
            f"- {twin.pairs} scenes drawn twice, {twin.change}: "
            f"**{ui.points(twin.size.value * found.spread)}**, {size} standard deviations "
            f"({low} to {high})."
        )
    return "\n".join(lines)


def _shown_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers as people read them; a group of too few photos keeps only its count."""
    few = ~table["enough"]
    names = {"Group": table["one"]} | ({"and": table["two"]} if "two" in table else {})
    shown = pd.DataFrame({**names, "Photos": table["n"], "In the top": table["in_top"]})
    for title, name in (("Mean score", "mean"), ("Of the top", "top_share"), ("Good", "good")):
        if table[name].notna().any():
            percent = (100 * table[name]).map("{:.0f} %".format, na_action="ignore")
            shown[title] = percent.mask(few, "too few")
    return shown.assign(**{"In short": table["in_short"]})
