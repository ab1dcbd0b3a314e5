"""Your taste: of two photos, which do you prefer?  After thirty pairs, what you like."""

from pages.shared import ui
from pages.taste import deck, taste_view

_GALLERY, _OWN = "This gallery", "Your photos"

gallery = ui.gallery(own=False)
with ui.title_row("Your taste"):
    source = ui.choose("Photos", (_GALLERY, _OWN), key="taste_source")
shown = deck.of_gallery(gallery) if source == _GALLERY else deck.of_dropped()
if shown:
    taste_view.play(shown)
ui.honest_line()
