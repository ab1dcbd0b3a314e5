"""A light install: no torch, and all but training and other nets works."""

import json
import re
from importlib.metadata import requires
from pathlib import Path

import pytest

from selfie_core.base import store
from selfie_core.base.light import LEFT_OUT, light_requirements
from selfie_core.base.words import percent
from selfie_core.scorer.checkpoint import read_config
from selfie_core.scorer.export import graph_file
from tests.support.changed import sample_score
from tests.support.light import run_light

SAMPLE = store.sample_photos() / "sample-1.jpg"

COMMANDS = f"""
import contextlib, io, json, sys
from starlette.applications import Starlette
from starlette.testclient import TestClient
from selfie_core.bot.judge import Judge
from selfie_core.cli.main import main
from selfie_core.gallery.gallery import Gallery
from selfie_core.base import store
from selfie_core.scorer.scorer import load_scorer
from selfie_core.web.rest import rest_routes

def done(*words):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(list(words))
    return code, out.getvalue() + err.getvalue()

photo, photos, folder = {str(SAMPLE)!r}, sys.argv[1], sys.argv[2]
said = {{}}
said["score"] = done("score", photo)
said["crop"] = done("crop", photo, "--out", folder + "/crops")
said["advise"] = done("advise", photo, "--out", folder + "/better")
said["build"] = done("build", photos, "--out", folder + "/gallery", "--faceless")
said["migrate"] = done("migrate", str(store.demo_scorer()))
said["train"] = done("train", photos, folder + "/labels.csv", "--out", folder + "/s.safetensors")
gallery = Gallery.open(store.demo_gallery())
api = TestClient(Starlette(routes=rest_routes(lambda: gallery)))
body = open(photo, "rb").read()
for path in ("score", "crop", "advise"):
    answer = api.post("/api/v1/" + path, files={{"image": body}})
    said["API " + path] = (0 if answer.status_code == 200 else 1, answer.text)
judged = Judge(load_scorer(), gallery)([body], "en", 300, True)
said["bot"] = (0, judged.text)
print(json.dumps(said))
"""


def test_all_but_training_runs_without_torch(photo_folder: Path, tmp_path: Path) -> None:
    code = f"import sys\nsys.argv[1:] = {[str(photo_folder), str(tmp_path)]}\n{COMMANDS}"
    said = json.loads(run_light(code, cache=tmp_path / "cache").splitlines()[-1])
    for name, what in (("train", "training a net"), ("migrate", "selfie migrate of a scorer")):
        code, line = said.pop(name)
        assert code == 1
        assert re.match(f"selfie: {what} needs t.*, which a light install leaves out;", line)
        assert line.count("\n") == 1
    assert {name: code for name, (code, _) in said.items() if code} == {}
    score = percent(sample_score("sample-1"))
    assert score in said["score"][1]
    assert score in said["bot"][1]
    assert (tmp_path / "gallery" / "gallery.json").is_file()
    assert not list((tmp_path / "cache").rglob("*.onnx"))  # nothing was exported


def test_net_that_is_not_known_says_what_it_needs(tmp_path: Path) -> None:
    config = read_config(store.demo_scorer())
    assert graph_file(config, "net").is_relative_to(store.site())
    code = """
import dataclasses
from pathlib import Path
from selfie_core.base import store
from selfie_core.base.errors import ModelError
from selfie_core.scorer import checkpoint, export
config = checkpoint.read_config(store.demo_scorer())
export.read_config = lambda path: dataclasses.replace(config, backbone="vgg16", image_size=224)
try:
    export.whole_net(store.demo_scorer())
except ModelError as error:
    print(error)
"""
    line = run_light(code, cache=tmp_path)
    assert line.startswith("a scorer of vgg16 at 224 pixels needs t")


def test_what_is_left_out_is_a_dependency_by_that_name() -> None:
    wanted = [line for line in requires("selfie") or () if "extra ==" not in line]
    light = light_requirements()
    assert len(wanted) - len(light) == len(LEFT_OUT)
    assert not [line for line in light if line.startswith(LEFT_OUT)]
    assert [line for line in light if line.startswith("onnxruntime>=")]


def test_nobody_is_sent_to_the_package_of_others_that_has_our_name() -> None:
    root = Path(__file__).resolve().parents[2]
    texts = [*root.glob("*.md"), *(root / "selfie_core").rglob("*.md")]
    texts += [file for top in ("selfie_core", "pages") for file in (root / top).rglob("*.py")]
    told = re.compile(r"pip install [\"']?selfie\b")
    assert not [file for file in texts if told.search(file.read_text("utf-8"))]


@pytest.mark.parametrize("part", ["net", "maps", "layers"])
def test_graph_that_ships_names_no_file_of_who_made_it(part: str) -> None:
    graph = graph_file(read_config(store.demo_scorer()), part).read_bytes()
    assert b".py" not in graph
    assert len(graph) < 200_000
