"""The gallery from best to worst, the best 100, the worst 300; or all of it, ranked."""

from pages.browse.continuum_view import show_all, show_grids
from pages.grid import stars
from pages.grid.detail import open_selfie
from pages.grid.filter import ask_subset, say_none, show_chips
from pages.shared import ui

_GRIDS, _ALL = _VIEWS = ("Grids", "All")

gallery = ui.gallery()
stars.follow_address(gallery)
with ui.title_row("From best to worst"):
    chosen = ask_subset(gallery)
    view = ui.choose("View", _VIEWS, key="continuum_view", linked=True)
show_chips(chosen)
if not len(chosen.rows):
    say_none(gallery, chosen)
    ui.honest_line()
elif view == _ALL:
    show_all(gallery, chosen)
else:
    show_grids(gallery, chosen)
    ui.honest_line()
open_selfie(gallery, among=chosen.rows)
