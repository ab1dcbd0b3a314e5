"""Where the photos of "score yours" come from: an upload, the camera, a sample."""

import base64
import functools
from pathlib import Path

import streamlit as st

from pages.shared import pictures, ui
from pages.shared.component import component
from selfie_core.photo import images

Photo = tuple[str, bytes]  # name and content of a file

_live = component(Path(__file__).parent, "live", css="parts")

_SNAPSHOT, _CONTINUOUS = "Snapshot", "Continuous"


def ask() -> list[Photo]:
    """Return the photos chosen last; they are kept in this session and nowhere else."""
    samples = pictures.samples()
    camera = st.session_state.get("score_camera_on", False)
    drop, others = st.columns([6, 5], gap="large", vertical_alignment="center")
    with drop, st.container(key="score_drop"):
        key = f"score_photo_{st.session_state.setdefault('score_turn', 0)}"
        # Of any type: what an uploader refuses by its ending would be gone without a word.
        st.file_uploader(
            "Your selfies", accept_multiple_files=True, key=key, label_visibility="collapsed",
            on_change=_take_upload, args=(key,),
        )  # fmt: skip
    with others:
        with st.container(horizontal=True, vertical_alignment="center"):
            if samples:
                st.caption("Or try one of these, rendered in 3D", width="stretch")
            st.toggle("Use the camera", key="score_camera_on")
        if samples:
            _offer(samples)
    if camera:
        _show_camera()
    if taken := st.session_state.get("score_files"):
        return taken
    path = samples.get(st.query_params.get("sample", ""))
    return [(path.name, path.read_bytes())] if path else []


def forget() -> None:
    """Drop the photos and all that was made of them."""
    for name in ("score_files", "score_seen", "score_burst", "score_open", "score_mark"):
        st.session_state.pop(name, None)
    st.query_params.pop("sample", None)


def offer_to_forget() -> None:
    """Show the button that drops the photos."""
    st.button(
        "Forget it", icon=":material/close:", type="tertiary", key="score_forget", on_click=forget
    )


def take(files: list[Photo]) -> None:
    """Let the page be about these photos."""
    forget()
    st.session_state.score_files = files
    st.session_state.score_camera_on = False


def _take_upload(key: str) -> None:
    """Take the files over and empty the uploader, so that the next ones stand for themselves."""
    if uploaded := st.session_state[key]:
        take([(file.name, file.getvalue()) for file in uploaded])
        st.session_state.score_turn += 1


def _offer(samples: dict[str, Path]) -> None:
    """Show the sample photos, each a button."""
    with st.container(horizontal=True, gap="small", key="score_samples"):
        for place, (name, path) in enumerate(samples.items(), 1):
            kind = "primary" if st.query_params.get("sample") == name else "secondary"
            st.html(f"<style>{_sample_style(place, path)}</style>")
            st.button(
                f"Sample photo {place}", key=f"score_sample_{place}", type=kind,
                on_click=_take_sample, args=(name,),
            )  # fmt: skip


def _take_sample(name: str) -> None:
    forget()
    st.session_state.score_camera_on = False
    st.query_params["sample"] = name


def _show_camera() -> None:
    """Take a snapshot, or score the camera's picture while it is on until one is kept."""
    mode = ui.choose("Camera", (_SNAPSHOT, _CONTINUOUS), key="score_camera_mode")
    if mode == _SNAPSHOT:
        with st.container(key="score_snapshot"):
            st.camera_input(
                "Camera", key="score_camera", label_visibility="collapsed",
                resolution="720p", on_change=_take_snapshot,
            )  # fmt: skip
        return
    if st.session_state.get(ui.OWN):
        st.caption("The live score is the app's own; the photo you take is scored by your scorer.")
    data = {"address": "api/v1/score"}
    _live(key="score_live", data=data, on_taken_change=_take_frame)


def _take_snapshot() -> None:
    if taken := st.session_state.score_camera:
        take([("camera.jpg", taken.getvalue())])


def _take_frame() -> None:
    """Take the picture that the visitor kept: a JPEG as a data address."""
    address: str = st.session_state.score_live["taken"]
    take([("camera.jpg", base64.b64decode(address.partition(",")[2]))])


@functools.lru_cache(maxsize=pictures.SAMPLES)
def _sample_style(place: int, path: Path) -> str:
    """Return the rule that lays a sample photo behind its button."""
    photo = images.open_photo(path, at_least=256)
    thumb = pictures.data_address(photo, side=208, square=True)
    return f".st-key-score_sample_{place} .stButton button {{ background-image: url({thumb}) }}"
