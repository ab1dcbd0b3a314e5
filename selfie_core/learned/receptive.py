"""Receptive fields: which pixels of the input each cell of a layer depends on.

They are computed by following every operation while a net runs, not from a table of its layers,
so that any net made of convolutions gets its own.
"""

import functools
from dataclasses import dataclass
from typing import Any


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

    def slide(
        self, *, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1
    ) -> "Field":
        """Return the field after a convolution or a pooling."""
        return Field(
            size=self.size + (kernel - 1) * dilation * self.step,
            step=self.step * stride,
            start=self.start - padding * self.step,
        )

    def join(self, other: "Field") -> "Field":
        """Return the field of cells that come of two."""
        if self.step != other.step:
            return self if self.step == 0 else other  # one of them sees all
        start = min(self.start, other.start)
        end = max(self.start + self.size, other.start + other.size)
        return Field(end - start, self.step, start)


def trace_fields(net: Any, photos: Any) -> tuple[list[Field], tuple[Any, ...]]:
    """Return the receptive field of each of a net's outputs, and the outputs.

    Every operation that runs is followed: convolutions, poolings and paddings widen the field by
    the usual formula; what works on each cell alone keeps it; what mixes cells sees all.  Kernels
    are taken to be square.

    Args:
        net: A module that returns a tuple of tensors.
        photos: A batch to run, shape (B, 3, H, W).
    """
    from torch import Tensor
    from torch.overrides import TorchFunctionMode

    everything = Field(photos.shape[-1], 0, 0)
    known: dict[int, Field] = {id(photos): Field(1, 1, 0)}
    alive: list[Any] = [photos]  # an id is only its own while the tensor lives

    class Follow(TorchFunctionMode):
        def __torch_function__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            made = func(*args, **(kwargs or {}))
            given = [known[id(t)] for t in _flat(args) if id(t) in known]
            if given:
                field = functools.reduce(Field.join, given)
                for tensor in _flat(made):
                    if isinstance(tensor, Tensor):
                        known[id(tensor)] = _after(
                            func.__name__, field, args, kwargs or {}, everything
                        )
                        alive.append(tensor)
            return made

    with Follow():
        made = net(photos)
    return [known.get(id(tensor), everything) for tensor in made], made


def _flat(items: Any) -> list[Any]:
    if isinstance(items, list | tuple):
        return [inner for item in items for inner in _flat(item)]
    return [items]


# Where each argument of torch's functions stands if it comes without its name.
_ORDER = {
    "conv2d": ("input", "weight", "bias", "stride", "padding", "dilation"),
    "max_pool2d": ("input", "kernel_size", "stride", "padding"),
    "avg_pool2d": ("input", "kernel_size", "stride", "padding"),
    "pad": ("input", "pad"),
}
_MIXING = {  # cells far from each other
    *("linear", "matmul", "__matmul__", "__rmatmul__", "einsum", "bmm", "mean", "sum", "flatten"),
    *("reshape", "view", "adaptive_avg_pool2d", "adaptive_max_pool2d", "interpolate"),
    "scaled_dot_product_attention",
}


def _after(name: str, field: Field, args: Any, kwargs: Any, everything: Field) -> Field:
    """Return the field after one of torch's functions."""
    if field == everything or name in _MIXING:
        return everything
    given = dict(zip(_ORDER.get(name, ()), args, strict=False)) | kwargs
    if name == "pad":
        return field.slide(kernel=1, padding=int(given["pad"][0]))
    if name not in _ORDER:
        return field
    kernel = given["weight"].shape[-1] if name == "conv2d" else _last(given["kernel_size"])
    dilation = _last(given.get("dilation", 1))
    padding = given.get("padding", 0)
    if isinstance(padding, str):
        padding = (kernel - 1) * dilation // 2 if padding == "same" else 0
    return field.slide(
        kernel=kernel,
        stride=_last(given.get("stride") or (1 if name == "conv2d" else kernel)),
        padding=_last(padding),
        dilation=dilation,
    )


def _last(value: Any) -> int:
    """Return a number given once or for each direction, as across."""
    return int(value[-1] if isinstance(value, list | tuple) else value)
