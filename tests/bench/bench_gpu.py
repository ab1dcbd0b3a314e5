"""What a GPU gives: are the scores the CPU's, how many photos a second, does VGG16 learn?

python tests/bench/bench_gpu.py --out gpu.json

Needs the working tree, torch, torchvision, numpy, pillow and safetensors; what needs more (timm,
for the compact net) is skipped with a word.  Ends within eight minutes and writes its JSON after
every part.  --toy runs all of it small, on any machine.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode
from torchvision.models import vgg16

SCORER = Path(__file__).resolve().parents[2] / "assets" / "scorer.safetensors"
MOST_SECONDS = 420  # after which no further part begins: one takes a minute at most


@dataclass(frozen=True)
class Sizes:
    """How much of everything."""

    side: int = 224  # pixels of a photo
    batch: int = 128
    steps: int = 12  # timed
    compared: int = 256  # photos of which scores are compared
    learned: int = 64  # photos that VGG16 is to learn by heart
    epochs: int = 200  # at most, to do so
    largest: int = 8192  # batch that is tried at most
    matrix: int = 8192  # side of the square matrices that tell the card's rate
    width: int = 4096  # of VGG16's fc6 and fc7
    compiler: str = "inductor"


TOY = Sizes(32, 2, 1, 4, 8, 40, 4, 128, 64, "eager")


def draw_photos(count: int, side: int) -> tuple[Tensor, Tensor]:
    """Return drawn photos, shape (N, 3, S, S) in [0, 1], and labels: 1 if its disc is bright."""
    rng, photos = np.random.default_rng(0), []
    for number in range(count):
        photo = Image.new("RGB", (side, side), tuple(rng.integers(60, 180, 3).tolist()))
        x, y = rng.uniform(0.2, 0.8, 2) * side
        level = (235 if number % 2 else 20,) * 3
        box = (x - side / 5, y - side / 5, x + side / 5, y + side / 5)
        ImageDraw.Draw(photo).ellipse(box, level)
        photos.append(np.asarray(photo, np.float32) / 255)
    labels = torch.arange(count) % 2
    return torch.from_numpy(np.stack(photos)).permute(0, 3, 1, 2), labels.float()


def standard(photos: Tensor) -> Tensor:
    """Return photos as nets want them: ImageNet's mean and deviation taken out."""
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    return (photos - torch.tensor(mean).view(3, 1, 1)) / torch.tensor(std).view(3, 1, 1)


def compact_net(side: int | None = None) -> tuple[nn.Module, int]:
    """Return the shipped scorer's net and its side; of another side, untrained."""
    from safetensors.torch import load_file

    from selfie_core.scorer import nets
    from selfie_core.scorer.checkpoint import read_config

    config = read_config(SCORER)
    net = nets.build_net(replace(config, image_size=side or config.image_size))
    if not side:
        stored = load_file(SCORER).items()  # float16
        net.load_state_dict({n: w.float() if w.is_floating_point() else w for n, w in stored})
    return net, config.image_size


def vgg16_net(width: int) -> nn.Module:
    """Return the net of 2015, untrained: fc6 and fc7 of a width, one logit, no dropout."""
    net = vgg16(weights=None, num_classes=1, dropout=0.0)
    if width != net.classifier[0].out_features:
        fc6, fc7 = nn.Linear(512 * 7 * 7, width), nn.Linear(width, width)
        net.classifier = nn.Sequential(fc6, nn.ReLU(), fc7, nn.ReLU(), nn.Linear(width, 1))
    return net


def logits(found: Any) -> Tensor:
    """Return what a net says of each photo, shape (B,)."""
    return (found[0] if isinstance(found, tuple) else found).flatten().float()


class Bench:
    """One run: a device, sizes, and a deadline."""

    def __init__(self, device: str, sizes: Sizes) -> None:
        self.device, self.sizes, self.start = device, sizes, time.monotonic()
        self.matrix_rate: float | None = None  # bf16 operations per second

    def half(self) -> torch.autocast:
        """Return the context in which matrices are bf16."""
        return torch.autocast(self.device, torch.bfloat16)

    def seconds(self, work: Callable[[], object], times: int) -> float:
        """Return the seconds of one call, the device being warm and done."""
        for _ in range(2):
            work()
        self.wait()
        start = time.perf_counter()
        for _ in range(times):
            work()
        self.wait()
        return (time.perf_counter() - start) / times

    def wait(self) -> None:
        """Wait until the device has done all."""
        if self.device == "cuda":
            torch.cuda.synchronize()

    def card(self) -> dict[str, Any]:
        """Return what the device is, and the rate of its matrices in bf16, as measured."""
        side = self.sizes.matrix
        one = torch.randn(side, side, device=self.device, dtype=torch.bfloat16)
        self.matrix_rate = 2 * side**3 / self.seconds(lambda: one @ one, self.sizes.steps)
        facts: dict[str, Any] = {"bf16 tera operations/s": self.matrix_rate / 1e12}
        if self.device == "cuda":
            facts["name"] = torch.cuda.get_device_name()
            facts["GB"] = torch.cuda.get_device_properties(0).total_memory / 1e9
        return {"device": self.device, "torch": torch.__version__, **facts}

    @torch.inference_mode()
    def scores(self) -> dict[str, Any]:
        """Return how far the device's scores are from the CPU's: mean and most."""
        net, side = compact_net()
        photos = standard(draw_photos(self.sizes.compared, side)[0])
        torch.backends.cudnn.allow_tf32 = False
        wanted = torch.sigmoid(logits(net(photos)))
        net, there = net.to(self.device), photos.to(self.device)
        exact = torch.sigmoid(logits(net(there))).cpu()
        with self.half():
            rough = torch.sigmoid(logits(net(there))).cpu()
        torch.backends.cudnn.allow_tf32 = True
        named = {"float32": (exact - wanted).abs(), "bf16": (rough - wanted).abs()}
        return {name: {"mean": float(off.mean()), "most": float(off.max())}
                for name, off in named.items()}  # fmt: skip

    def rates(self, make: Callable[[], nn.Module], *, compiled: bool) -> dict[str, Any]:
        """Return photos per second in bf16, training and forward, and as a share of the card."""
        sizes, found = self.sizes, {}
        photos, labels = draw_photos(sizes.batch, sizes.side)
        photos, labels = standard(photos).to(self.device), labels.to(self.device)
        for layout in (torch.contiguous_format, torch.channels_last):
            net = make().to(self.device, memory_format=layout)
            seen = photos.contiguous(memory_format=layout)
            with FlopCounterMode(display=False) as counter, torch.no_grad():
                net(seen[:1])
            run = torch.compile(net, backend=sizes.compiler) if compiled else net
            step = self.step(net, run, seen, labels)
            works = {"training": (step, 3), "forward": (self.forward(run, seen), 1)}
            for name, (work, passes) in works.items():
                net.train(name == "training")
                rate = sizes.batch / self.seconds(work, sizes.steps)
                busy = rate * passes * counter.get_total_flops() / (self.matrix_rate or np.nan)
                key = f"{name}, {'channels last' if layout == torch.channels_last else 'plain'}"
                found[key] = {"photos/s": rate, "share of the card's rate": busy}
        return found

    def forward(self, net: Callable[[Tensor], Any], photos: Tensor) -> Callable[[], object]:
        """Return a call that scores a batch in bf16."""

        def work() -> object:
            with torch.inference_mode(), self.half():
                return net(photos)

        return work

    def step(
        self, net: nn.Module, run: Callable[[Tensor], Any], photos: Tensor, labels: Tensor
    ) -> Callable[[], Tensor]:
        """Return a call that learns from a batch in bf16 and gives the logits before."""
        learner = torch.optim.AdamW(net.parameters(), lr=1e-4)

        def work() -> Tensor:
            learner.zero_grad()
            with self.half():
                said = logits(run(photos))
            nn.functional.binary_cross_entropy_with_logits(said, labels).backward()
            learner.step()
            return said.detach()

        return work

    def overfit(self) -> dict[str, Any]:
        """Return after how many epochs VGG16 knows drawn photos by heart."""
        torch.manual_seed(0)
        photos, labels = draw_photos(self.sizes.learned, self.sizes.side)
        photos, labels = standard(photos).to(self.device), labels.to(self.device)
        net = vgg16_net(self.sizes.width).to(self.device)
        step, accuracy, epoch = self.step(net, net, photos, labels), 0.0, 0
        while accuracy < 1 and epoch < self.sizes.epochs:
            accuracy = float(((step() > 0) == (labels > 0.5)).float().mean())
            epoch += 1
        return {"photos": len(photos), "epochs": epoch, "accuracy": accuracy}

    def largest_batch(self) -> dict[str, Any]:
        """Return the largest batch, in powers of two, that VGG16 learns from."""
        net, batch, fits = vgg16_net(self.sizes.width).to(self.device), 1, 0
        while batch <= self.sizes.largest:
            shape = (batch, 3, self.sizes.side, self.sizes.side)
            try:
                photos = torch.rand(shape, device=self.device)
                self.step(net, net, photos, torch.zeros(batch, device=self.device))()
                self.wait()
            except torch.OutOfMemoryError:
                break
            batch, fits = 2 * batch, batch
        return {"batch": fits, "px": self.sizes.side}

    def parts(self) -> Iterator[tuple[str, Callable[[], dict[str, Any]]]]:
        """Yield all that is measured; what takes longest comes last."""
        yield "card", self.card
        yield "scores against the CPU's", self.scores
        nets: dict[str, Callable[[], nn.Module]] = {
            "compact": lambda: compact_net(self.sizes.side)[0],
            "vgg16": lambda: vgg16_net(self.sizes.width),
        }
        for name, make in nets.items():
            yield name, lambda make=make: self.rates(make, compiled=False)
        yield "overfit of vgg16", self.overfit
        yield "largest batch of vgg16", self.largest_batch
        for name, make in reversed(nets.items()):
            yield f"{name}, compiled", lambda make=make: self.rates(make, compiled=True)

    def report(self, out: Path) -> dict[str, Any]:
        """Measure all parts and write them to a file, part by part."""
        found: dict[str, Any] = {"skipped": {}}
        for name, part in self.parts():
            if time.monotonic() - self.start > MOST_SECONDS:
                found["skipped"][name] = "no time left"
                continue
            with noted(found["skipped"], name):
                found[name] = part()
            if self.device == "cuda":
                torch.cuda.empty_cache()
            found["seconds"] = time.monotonic() - self.start
            out.write_text(json.dumps(found, indent=1), "utf-8")
            print(name, json.dumps(found.get(name, found["skipped"].get(name))), flush=True)
        return found


@contextmanager
def noted(skipped: dict[str, str], name: str) -> Iterator[None]:
    """Note why a part can't be run here, and go on with the next."""
    try:
        yield
    except (ImportError, RuntimeError) as error:  # no timm, no compiler, no memory
        skipped[name] = f"{type(error).__name__}: {error}"[:300]


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("gpu.json"))
    parser.add_argument("--toy", action="store_true", help="all of it small, to try it")
    args = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cpu" and not args.toy:
        raise SystemExit("no CUDA device here; --toy tries it on the CPU")
    Bench(device, TOY if args.toy else Sizes()).report(args.out)


if __name__ == "__main__":
    main()
