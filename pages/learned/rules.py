"""Do's and don'ts: the advice of the post, checked against this gallery."""

import streamlit as st

from pages.learned import rules_view as view
from pages.shared import ui
from selfie_core.base.errors import DataError
from selfie_core.gallery.gallery import Gallery
from selfie_core.learned import findings, trials
from selfie_core.learned.findings import Finding, Findings

_PAIRS = 4
_TRYING = "Changing and scoring photos"
_METHOD = """
**The score** is the net's, from 0 to 100 points. **As they are**: the mean of the photos that
follow the rule less the mean of those that don't. **All else held fixed**: the same difference in
one regression of the score on all factors at once, each a smooth curve; it says what is left when
photos are alike in the others. Its intervals {users}.

**A rule holds** if the whole 95 % interval lies on the side that the post names and the difference
is at least a tenth of a standard deviation ({spread:.1f} points here). It **does not hold** if the
whole interval lies below that. Otherwise nobody **can tell** from these photos. Of {rules}
intervals about one misses the truth by chance.

In this gallery the factors together explain {explained:.0f} % of how the scores differ.
They are light, framing and place of the face, tilt, colour, shadows, grain, border, the number of
people, skin-like pixels, and what came with the photos. What a rule itself changes is left free: a
filter, for one, changes colour. None of this proves a cause; a photo that was itself changed does.
"""


def _chosen(found: Findings) -> Finding:
    """Return the rule of the address, or the one that moves the score most."""
    asked = st.query_params.get("rule", "")
    strongest = max(found.of.values(), key=lambda f: abs(f.held.value) if f.held else 0.0)
    return found.of.get(asked, strongest)


def _show(gallery: Gallery, found: Findings, finding: Finding) -> None:
    """Show one rule: its sentence, chart, pairs of photos, and photos that were changed."""
    rule = finding.rule
    st.html(view.head(finding))
    st.html(view.lead(finding))
    if len(finding.bins) > 1:
        st.plotly_chart(view.chart(finding), config={"displayModeBar": False}, key="rules_chart")
        st.html(view.chart_key(finding))
    if finding.plain and (pairs := findings.alike_pairs(found, rule, gallery.table, count=_PAIRS)):
        st.markdown("##### Alike but for this")
        st.caption(view.pairs_line(rule, gallery, pairs))
        st.html(view.pairs(gallery, pairs))
    _show_changed(gallery, found, finding)


def _show_changed(gallery: Gallery, found: Findings, finding: Finding) -> None:
    """Show what happens when the same photo is changed: measured before, or tried now."""
    rule = finding.rule
    twins = trials.exact_twins(rule, trials.known_metrics(gallery.scorer_id))
    can_try = finding.plain is not None and rule.key in trials.EDITS
    if not twins and not can_try:
        return
    st.markdown("##### The same photo, changed")
    if twins:
        st.markdown("\n".join(map(view.twins_line, twins)))
    if can_try and st.button(
        f"Try it here: {trials.EDITS[rule.key].title.lower()}",
        key=f"rules_try_{rule.key}",
        icon=":material/experiment:",
    ):
        _try(gallery, found, finding)


def _try(gallery: Gallery, found: Findings, finding: Finding) -> None:
    edit, values = (
        trials.EDITS[finding.rule.key],
        found.factors[finding.rule.factor].to_numpy(float),
    )
    bar = st.progress(0.0, _TRYING)
    try:
        tried = trials.try_edit(
            gallery, finding, values, ui.scorer(),
            progress=lambda done, of: bar.progress(done / of, f"{_TRYING}: {done} of {of}"),
        )  # fmt: skip
    except DataError as error:
        st.info(str(error))
        return
    finally:
        bar.empty()
    st.markdown(view.tried_line(tried, edit))
    st.html(view.tried_pairs(gallery, tried, edit))


gallery = ui.gallery()
st.html(view.STYLE)
st.title("Do’s and don’ts", anchor=False)
st.caption(
    f"What the post of 2015 advised, held against {len(gallery):,} selfies: each rule is computed "
    "from this gallery, none is taken on trust."
)
found = view.findings(gallery.version, gallery)
finding = _chosen(found)
st.markdown(view.verdicts_line(found))
rules, detail = st.columns([6, 6], gap="large")
with rules:
    view.rule_list(found, finding.rule.key)
    st.download_button(
        "Download the table",
        lambda: found.table().to_csv(index=False).encode(),
        file_name="rules.csv",
        mime="text/csv",
        key="rules_file",
        icon=":material/download:",
        on_click="ignore",
    )
with detail, st.container(key="rules_detail"):
    _show(gallery, found, finding)
with st.expander("How this is computed", icon=":material/function:"):
    users = (
        f"allow for photos of one user being alike: they are taken over {found.clusters:,} users"
        if found.clusters
        else "take the photos one by one, as no users are told apart"
    )
    st.markdown(
        _METHOD.format(
            spread=100 * findings.MATTERS * found.spread,
            rules=len(found.of),
            explained=100 * found.explained,
            users=users,
        )
    )
ui.honest_line()
