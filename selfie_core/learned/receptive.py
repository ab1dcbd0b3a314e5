"""Receptive fields: which pixels of the input each cell of a layer depends on.

They are measured, not worked out from a table of layers: a cell depends on the pixels that its
gradient reaches.  So any net made of convolutions gets its own.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor, nn

# Pictures side by side that wide fields are measured on.  An odd number of them has an odd width
# wherever one has, and layers with a stride pad it alike.
WIDTHS = (3, 7, 15)


@dataclass(frozen=True)
class Field:
    """The receptive field of a layer's cells: which pixels of the net's input each depends on.

    Attributes:
        size: Pixels that a cell sees, across and down.
        step: Pixels from one cell's field to the next one's; 0 if all see all.
        start: Where the first cell's begins; negative in the padding.
    """

    size: int
    step: int
    start: int

    def box(self, row: int, column: int) -> tuple[int, int, int, int]:
        """Return left, top, right, bottom of a cell's field; it may reach over the picture."""
        left, top = (self.start + place * self.step for place in (column, row))
        return left, top, left + self.size, top + self.size


def receptive_fields(
    net: "nn.Module", maps_of: "Callable[[Tensor], Sequence[Tensor]]", image_size: int
) -> list[Field]:
    """Return the receptive field of each of a net's maps.

    Kernels are taken to be square, so that one row of pixels tells all.  A cell that sees the
    whole of a strip many times as wide as the picture counts as seeing all.

    Args:
        net: Its weights and poolings are overwritten.
        maps_of: Runs the net on photos of any width, shape (B, 3, H, W); returns maps, of shape
            (B, C, h, w) each.
        image_size: Side of the square that the net sees, pixels.
    """
    import torch

    _let_all_through(net)
    fields: dict[int, Field] = {}
    known: Sequence[Tensor] = ()
    for width in WIDTHS:
        # So dark that no ReLU6 is full.
        photos = torch.full((1, 3, image_size, width * image_size), 1e-3, requires_grad=True)
        known = maps_of(photos)
        for number in set(range(len(known))) - set(fields):
            maps = known[number]
            middle = maps.shape[3] // 2
            left, right = _reached(maps, photos, middle)
            if left > 0 and right < width * image_size:
                step = _reached(maps, photos, middle + 1)[0] - left
                fields[number] = Field(right - left, step, left - middle * step)
        if len(fields) == len(known):
            break
    return [fields.get(number, Field(image_size, 0, 0)) for number in range(len(known))]


def _let_all_through(net: "nn.Module") -> None:
    """Give a net weights and poolings under which no gradient is 0 and none cancels another."""
    import torch
    from torch import nn

    chance = torch.Generator().manual_seed(0)
    for name, parameter in net.requires_grad_(False).named_parameters():
        if parameter.ndim > 1:
            weights = 0.5 + torch.rand(parameter.shape, generator=chance)
            parameter.data = weights / parameter[0].numel()
        else:
            parameter.data.fill_(0 if name.endswith("bias") else 1)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.reset_running_stats()
        if isinstance(module, nn.MaxPool2d):  # a maximum has a gradient at one pixel only
            size, stride, padding = module.kernel_size, module.stride, module.padding
            module.forward = nn.AvgPool2d(size, stride, padding).forward


def _reached(maps: "Tensor", photos: "Tensor", column: int) -> tuple[int, int]:
    """Return from and to which column of pixels the gradient of a cell of the middle row reaches.

    The second is the first that it does not reach.
    """
    import torch

    cell = maps[0, :, maps.shape[2] // 2, column].sum()
    (gradient,) = torch.autograd.grad(cell, photos, retain_graph=True)
    columns = gradient[0].abs().sum((0, 1)).nonzero()
    return int(columns[0]), int(columns[-1]) + 1
