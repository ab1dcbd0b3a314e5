"""Receptive fields, computed, against the pixels that really move a cell."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from selfie_core.base import store
from selfie_core.learned.layers import measure_layers, with_layers
from selfie_core.learned.receptive import Field, receptive_fields
from selfie_core.scorer.checkpoint import ScorerConfig
from selfie_core.scorer.nets import build_net
from selfie_core.scorer.weights import load_net

SIZE = 160


def positive(net: nn.Module) -> nn.Module:
    """Give a net weights under which no ReLU is silent and nothing cancels out."""
    generator = torch.Generator().manual_seed(0)
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            inputs = module.weight[0].numel()
            noise = torch.rand(module.weight.shape, generator=generator)
            module.weight.data = (0.5 + noise) / inputs
            if module.bias is not None:
                module.bias.data.zero_()
        if isinstance(module, nn.BatchNorm2d):
            module.reset_running_stats()
            module.weight.data.fill_(1)
        if isinstance(module, nn.MaxPool2d):  # a maximum has a gradient at one pixel only
            size, stride, padding = module.kernel_size, module.stride, module.padding
            module.forward = nn.AvgPool2d(size, stride, padding).forward
    return net


def seen_by(maps: Tensor, photos: Tensor, row: int, column: int) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom of the pixels with a gradient, by running it backwards."""
    (gradient,) = torch.autograd.grad(maps[0, :, row, column].sum(), photos, retain_graph=True)
    rows, columns = gradient[0].abs().sum(0).nonzero().T
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def inside(box: tuple[int, ...], size: int) -> tuple[int, ...]:
    return tuple(min(max(edge, 0), size) for edge in box)


@pytest.mark.parametrize(
    "backbone",
    [
        *("tf_efficientnet_lite0", "efficientnet_lite0", "resnet18"),
        pytest.param("vgg16", marks=pytest.mark.slow),
    ],
)
def test_field_is_where_the_gradient_is(backbone: str) -> None:
    width = 4096 if backbone == "vgg16" else ScorerConfig.fc7_width
    config = replace(ScorerConfig(), backbone=backbone, image_size=SIZE, fc7_width=width)
    net = build_net(config)
    layers = measure_layers(net, SIZE)
    positive(net)
    photos = torch.full((1, 3, SIZE, SIZE), 0.1, requires_grad=True)
    narrow = [layer for layer in layers if 0 < layer.field.size < SIZE]
    assert len(narrow) >= 3
    names = [layer.name for layer in layers]
    made = dict(zip(names, with_layers(net, names)(photos), strict=False))
    for layer in narrow:
        last, middle = layer.side - 1, layer.side // 2
        for row, column in ((middle, middle), (0, middle), (middle, last), (last, 0)):
            box = inside(layer.field.box(row, column), SIZE)
            assert seen_by(made[layer.name], photos, row, column) == box, (layer, row, column)


def test_field_of_dilated_pooled_and_padded_layers() -> None:
    class Odd(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one = nn.Conv2d(3, 4, 3, stride=2, padding=2, dilation=2)
            self.pool = nn.MaxPool2d(2)
            self.two = nn.Conv2d(4, 4, 5, padding="same")

        def forward(self, photos: Tensor) -> tuple[Tensor, ...]:
            padded = nn.functional.pad(photos, (1, 2, 1, 2))
            maps = self.pool(torch.relu(self.one(padded)))
            return maps, self.two(maps) + maps, maps * maps.mean((2, 3), keepdim=True)

    net = positive(Odd())
    photos = torch.rand(1, 3, 64, 64, requires_grad=True)
    odd = Odd()
    fields = receptive_fields(odd, odd, 64)
    assert fields == [Field(7, 4, -3), Field(23, 4, -11), Field(64, 0, 0)]
    _, maps, _ = net(photos)
    # A maximum passes one pixel on: the field is where the gradient may be.
    left, top, right, bottom = seen_by(maps, photos, 8, 8)
    box = fields[1].box(8, 8)
    assert box[0] <= left and box[1] <= top and right <= box[2] and bottom <= box[3]


def test_fields_of_the_shipped_net_are_these() -> None:
    net, config = load_net(store.demo_scorer())
    fields = {layer.name: layer.field for layer in measure_layers(net, config.image_size)}
    assert fields == {
        "stem": Field(3, 2, 0),
        "stage 1": Field(7, 2, -2),
        "stage 2": Field(19, 4, -6),
        "stage 3": Field(67, 8, -26),
        "stage 4": Field(147, 16, -58),
        "stage 5": Field(339, 16, -154),
        "stage 6": Field(787, 32, -362),
        "stage 7": Field(851, 32, -394),
        "head": Field(851, 32, -394),
        "style": Field(16, 16, 0),
        "places": Field(339, 16, -154),
    }


def test_boxes_move_by_the_step() -> None:
    field = Field(19, 4, -6)
    assert field.box(0, 0) == (-6, -6, 13, 13)
    assert field.box(2, 5) == (14, 2, 33, 21)
