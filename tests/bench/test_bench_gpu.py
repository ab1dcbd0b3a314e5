"""The bench of the GPU, run small on the CPU: every part gives its figures or says why not."""

import json
import sys

import pytest

from tests.bench import bench_gpu

PARTS = ("card", "scores against the CPU's", "compact", "vgg16", "overfit of vgg16",
         "largest batch of vgg16", "vgg16, compiled", "compact, compiled")  # fmt: skip


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of torch.compile's own
def test_every_part_of_the_bench_gives_its_figures(tmp_path) -> None:
    bench_gpu.Bench("cpu", bench_gpu.TOY).report(tmp_path / "gpu.json")
    found = json.loads((tmp_path / "gpu.json").read_text())
    assert found["skipped"] == {}
    assert set(PARTS) <= set(found)
    off = found["scores against the CPU's"]
    assert off["float32"]["most"] == 0  # the same device
    assert 0 < off["bf16"]["mean"] <= off["bf16"]["most"] < 0.05
    assert found["overfit of vgg16"]["accuracy"] == 1
    assert found["largest batch of vgg16"]["batch"] == 4
    for part in ("compact", "vgg16", "vgg16, compiled", "compact, compiled"):
        names = {f"{what}, {how}" for what in ("forward", "training")
                 for how in ("plain", "channels last")}  # fmt: skip
        assert set(found[part]) == names
        assert all(rate["photos/s"] > 0 for rate in found[part].values())


def test_what_is_not_installed_is_skipped_with_a_word(tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    for name in [name for name in sys.modules if name.startswith("selfie_core.scorer")]:
        monkeypatch.delitem(sys.modules, name)
    bench = bench_gpu.Bench("cpu", bench_gpu.TOY)
    parts = [(name, part) for name, part in bench.parts() if name in PARTS[:2]]
    monkeypatch.setattr(bench, "parts", lambda: iter(parts))
    found = bench.report(tmp_path / "gpu.json")
    assert found["card"]["device"] == "cpu"
    assert found["skipped"][PARTS[1]].startswith("ModuleNotFoundError: import of timm")


def test_no_part_begins_when_the_time_is_over(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(bench_gpu, "MOST_SECONDS", -1)
    found = bench_gpu.Bench("cpu", bench_gpu.TOY).report(tmp_path / "gpu.json")
    assert found["skipped"] == dict.fromkeys(PARTS, "no time left")
