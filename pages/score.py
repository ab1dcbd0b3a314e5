"""Score yours: a photo's score, where it stands in the gallery, and better crops of it."""

import hashlib
from functools import partial
from pathlib import Path

import score_view as view
import streamlit as st
import ui
from detail import open_selfie
from score_view import Seen
from selfie_grid import selfie_grid

from selfie_core import images
from selfie_core.answer import answer_photo
from selfie_core.crops import Crop, suggest_crops
from selfie_core.errors import DataError
from selfie_core.gallery import Gallery

_SEARCHING = "Looking for better crops"
Photo = tuple[str, bytes]  # name and content of a file


def _ask() -> Photo | None:
    """Return the photo chosen last: an upload, one from the camera, or a sample."""
    samples = view.samples()
    tall = st.session_state.get("score_camera_on", False)
    drop, others = st.columns([6, 5], gap="large", vertical_alignment="top" if tall else "center")
    with drop, st.container(key="score_drop"):
        uploaded = st.file_uploader(
            "Your selfie",
            type=["image", *images.PHOTO_SUFFIXES],
            key=f"score_photo_{st.session_state.setdefault('score_turn', 0)}",
            label_visibility="collapsed",
            on_change=_take,
            args=("upload",),
        )
    with others:
        with st.container(horizontal=True, vertical_alignment="center"):
            if samples:
                st.caption("Or try one of these, rendered in 3D", width="stretch")
            camera = st.toggle("Use the camera", key="score_camera_on")
        if samples:
            _offer(samples)
        if camera:
            taken = st.camera_input(
                "Camera", key="score_camera", label_visibility="collapsed",
                on_change=_take, args=("camera",),
            )  # fmt: skip
    match st.session_state.get("score_from", "sample"):
        case "upload":
            return (uploaded.name, uploaded.getvalue()) if uploaded else None
        case "camera":
            return ("camera.jpg", taken.getvalue()) if camera and taken else None
    path = samples.get(st.query_params.get("sample", ""))
    return (path.name, path.read_bytes()) if path else None


def _take(source: str) -> None:
    """Let one source give the photo, and clear away the others."""
    st.session_state.score_from = source
    st.query_params.pop("sample", None)
    if source != "upload":
        st.session_state.score_turn += 1  # a new key empties the uploader
    if source != "camera":
        st.session_state.score_camera_on = False


def _offer(samples: dict[str, Path]) -> None:
    """Show the sample photos, each a button."""
    with st.container(horizontal=True, wrap=False, gap="small", key="score_samples"):
        for place, (name, path) in enumerate(samples.items(), 1):
            chosen = st.query_params.get("sample") == name
            st.html(f"<style>{view.sample_style(place, path)}</style>")
            st.button(
                f"Sample photo {place}",
                key=f"score_sample_{place}",
                type="primary" if chosen else "secondary",
                on_click=_take_sample,
                args=(name,),
            )


def _take_sample(name: str) -> None:
    _take("sample")
    st.query_params["sample"] = name


def _look(photo: Photo, gallery: Gallery) -> Seen:
    """Return what is to be shown of a photo; of the one seen last, at once."""
    key = f"{gallery.version}-{hashlib.sha256(photo[1]).hexdigest()}"
    seen = st.session_state.get("score_seen")
    if seen is None or seen.key != key:
        scorer = ui.scorer()
        opened = images.open_photo(photo[1])
        seen = Seen(
            key=key,
            answer=answer_photo(opened, scorer=scorer, gallery=gallery, crops=False),
            size=opened.size,
            picture=view.data_address(opened, side=1280),
            thumb=view.data_address(opened, side=160, square=True),
        )
        st.session_state.score_seen = seen
    return seen


def _crops(photo: Photo, seen: Seen, *, keep_face: bool) -> list[tuple[Crop, str]]:
    """Return the best crops with small pictures of them, searched for under a bar."""
    if keep_face not in seen.crops:
        bar = st.progress(0.0, _SEARCHING)
        opened = images.open_photo(photo[1])
        try:
            found = suggest_crops(
                opened, ui.scorer(), faces=seen.answer.faces, keep_face=keep_face,
                progress=lambda done, of: bar.progress(done / of, f"{_SEARCHING}: {done} of {of}"),
            )  # fmt: skip
        finally:
            bar.empty()
        seen.crops[keep_face] = [
            (crop, view.data_address(opened.crop(crop.box), side=480)) for crop in found
        ]
    return seen.crops[keep_face]


def _show_crops(photo: Photo, seen: Seen, crops: list[tuple[Crop, str]]) -> None:
    columns = st.columns(3, gap="medium", wrap=False)
    for place, (column, (crop, picture)) in enumerate(zip(columns, crops, strict=False), 1):
        with column, st.container(key=f"score_crop_{place}", gap="small"):
            st.html(view.crop_card(place, crop, picture, seen=seen))
            st.download_button(
                "Download",
                partial(view.crop_file, photo[1], crop),
                file_name=f"{Path(photo[0]).stem}-crop-{place}.jpg",
                mime="image/jpeg",
                key=f"score_file_{place}",
                icon=":material/download:",
                on_click="ignore",
                width="stretch",
            )


def _show_neighbours(seen: Seen, gallery: Gallery) -> int | None:
    """Show the photos most like this one, and its place on the map; return the row clicked."""
    answer = seen.answer
    alike, where = st.columns([1, 1], gap="large") if answer.place else (st.container(), None)
    with alike:
        st.subheader("Most alike, to the net", anchor=False)
        rows = [near.row for near in answer.nearest]
        clicked = selfie_grid(gallery, rows, columns=4, cell=160, smallest=64, key="score_near")
    if where and answer.place:
        with where:
            st.subheader("Where it lands on the map", anchor=False)
            st.markdown(view.little_map(gallery, seen), unsafe_allow_html=True)
            x, y = answer.place
            five = [near.row for near in answer.nearest[:5]]
            st.session_state.score_mark = {"x": x, "y": y, "label": "Your photo", "rows": five}
            st.page_link(
                "map.py",
                label="Open the map here",
                icon=":material/scatter_plot:",
                query_params={"view": f"{x:.4f},{y:.4f},5"},
            )
    return clicked


def _show(photo: Photo, seen: Seen, gallery: Gallery) -> int | None:
    """Show the answer, then search for crops; return the row of a neighbour clicked."""
    st.space("small")
    left, right = st.columns([6, 5], gap="large", vertical_alignment="center")
    frames = left.empty()
    frames.html(view.photo_with_frames(seen))
    right.markdown(view.score_card(seen), unsafe_allow_html=True)
    st.html(view.strip(gallery, seen))
    st.space("small")
    below = st.container()
    st.space("small")
    clicked = _show_neighbours(seen, gallery)
    with below:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader("Best crops", anchor=False, width="stretch")
            keep_face = st.toggle(
                "Keep the face",
                value=True,
                key="score_keep_face",
                disabled=not seen.answer.faces,
                help="Off, the search may cut the person out, as the original's sometimes did.",
            )
        try:
            crops = _crops(photo, seen, keep_face=keep_face)
        except DataError as error:
            st.info(str(error))
            return clicked
        st.caption(view.verdict(seen, [crop for crop, _ in crops]))
        frames.html(view.photo_with_frames(seen, [crop for crop, _ in crops]))
        _show_crops(photo, seen, crops)
    return clicked


gallery = ui.gallery()
st.html(view.STYLE)
st.title("Score yours", anchor=False)
st.caption(
    "Drop in a selfie: the net scores the photo, shows where it stands among "
    f"{len(gallery):,} others, and looks for a better crop. It stays in memory and is never saved."
)
photo = _ask()
clicked = None
if photo:
    try:
        clicked = _show(photo, _look(photo, gallery), gallery)
    except DataError as error:
        st.error(f"{photo[0]}: {error}", icon=":material/error:")
else:
    st.space("medium")
    st.html(view.strip(gallery))
ui.honest_line()
open_selfie(gallery, clicked)
if not photo:
    view.warm_up(gallery, ui.scorer())
