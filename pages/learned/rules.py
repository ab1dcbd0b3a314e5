"""Do's and don'ts: the advice of the post, checked against this gallery."""

from pathlib import Path

import streamlit as st

from pages.learned import rules_view as view
from pages.learned.rule_list import rule_list
from pages.shared import ui
from pages.shared.downloads import offer_table
from selfie_core.learned.findings import MATTERS, Finding, Findings

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


gallery = ui.gallery()
st.html(Path(__file__).with_name("rules.css"))
st.title("Do’s and don’ts", anchor=False)
st.caption(
    f"What the post of 2015 advised, held against {ui.counted(len(gallery), 'selfie')}: each rule "
    "is computed from this gallery, none is taken on trust."
)
found = view.findings(gallery)
finding = _chosen(found)
st.markdown(view.verdicts_line(found))
rules, detail = st.columns([6, 6], gap="large")
with rules:
    rule_list(found, finding.rule.key)
    offer_table("Download the table", found.table, "rules.csv", key="rules_file")
with detail, st.container(key="rules_detail"):
    view.show_rule(gallery, found, finding)
with st.expander("How this is computed", icon=":material/function:"):
    users = (
        f"allow for photos of one user being alike: they are taken over {found.clusters:,} users"
        if found.clusters
        else "take the photos one by one, as no users are told apart"
    )
    st.markdown(
        _METHOD.format(
            spread=100 * MATTERS * found.spread,
            rules=len(found.of),
            explained=100 * found.explained,
            users=users,
        )
    )
ui.honest_line()
