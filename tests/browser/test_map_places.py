"""Who gets a face on the map, and when: the rule itself, on points of a test's choice."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

from tests.support.phone_page import static_files

pytestmark = pytest.mark.browser

PAGES = Path(__file__).resolve().parents[2] / "pages"
THIN = """async ({ address, x, y, order }) => {
  const { Index, Thinning } = await import(address);
  const thinning = new Thinning(new Index(Float32Array.from(x), Float32Array.from(y)), order);
  thinning.stepFor(1e-9);
  return { steps: [...thinning.steps], first: thinning.first, last: thinning.made };
}"""


def test_every_step_shows_all_faces_that_keep_their_distance(browser: Browser) -> None:
    rng = np.random.default_rng(0)
    spread = rng.normal(0.5, rng.choice([0.005, 0.05, 0.2], 1500)[:, None], (1500, 2))
    places = np.vstack([spread, spread[:20]]).astype(np.float32)  # some stand on another
    order = rng.permutation(len(places))
    with static_files(PAGES) as base:
        page = browser.new_page()
        page.goto(f"{base}score/score.css")
        x, y = places.T.tolist()
        asked = {"address": f"{base}map/parts/place/places.js", "x": x, "y": y}
        found = page.evaluate(THIN, asked | {"order": order.tolist()})
        page.close()
    steps = np.array(found["steps"])
    apart = np.abs(places[:, None] - places).max(axis=2).astype(np.float64)
    np.fill_diagonal(apart, np.inf)
    rank = np.empty(len(order), int)
    rank[order] = np.arange(len(order))
    for step in range(found["last"] + 1):
        distance = found["first"] * 2 ** (-step / 4)
        shown = steps <= step
        assert apart[np.ix_(shown, shown)].min(initial=np.inf) >= distance
        # Whoever is not shown is kept away by one of before, or of this step and earlier in order.
        near = apart[~shown][:, shown] < distance
        before = (steps[shown] < step) | (rank[shown] < rank[~shown][:, None])
        assert (near & before).any(axis=1).all()
