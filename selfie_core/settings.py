"""The settings of each step, one frozen dataclass each; the command line makes its flags of them.

They stand apart from the steps so that --help imports nothing heavy.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


def _setting(default: Any, about: str) -> Any:
    """Return a dataclass field whose meaning and unit the command line can show."""
    return field(default=default, metadata={"about": about})


@dataclass(frozen=True)
class AudienceConfig:
    """Settings of the simulated audience."""

    seed: int = _setting(0, "of all chance")
    agreement: float = _setting(0.70, "share of labels a perfect knower of appeal would get right")
    median_followers: int = _setting(1500, "of a user")
    spread: float = _setting(1.4, "standard deviation of log followers")
    posts_per_user: float = _setting(5.0, "on average, at least one")
    newest: str = _setting("2026-10-01", "date of the last post")
    days: int = _setting(730, "time over which the posts are spread")


@dataclass(frozen=True)
class LabelConfig:
    """Settings of the labels; the group size and the rule are those of 2015."""

    group_size: int = _setting(100, "selfies in a peer group; half of them are good")
    min_followers: int = _setting(100, "fewer are friends, who like whatever comes")
    max_followers: int = _setting(50_000, "more are fans, who like whatever comes")
    max_tags: int = _setting(15, "more is fishing for likes")
    tag_bonus: float = _setting(0.01, "audience added by each tag, as a share of the followers")
    min_age_days: int = _setting(30, "younger posts are still collecting likes")
    val_share: float = _setting(0.1, "share of the users kept for validation")
    test_share: float = _setting(0.1, "share of the users kept for the test")
    seed: int = _setting(0, "of the split")


@dataclass(frozen=True)
class TrainConfig:
    """Settings of one training run; the defaults suit a laptop without a GPU."""

    backbone: str = _setting("compact", "compact, vgg16 or the name of a timm net")
    weights: Path | None = _setting(None, "file of ImageNet weights, where they can't be had")
    image_size: int = _setting(128, "side in pixels")
    fc7_width: int = _setting(512, "activations of fc7; VGG16 has 4,096")
    copies: int = _setting(2, "augmented copies of each photo")
    epochs: int = _setting(3, "passes over all copies, at most")
    patience: int = _setting(2, "epochs without a better validation AUC before it stops")
    batch_size: int = _setting(64, "photos a step")
    lr: float = _setting(3e-3, "peak learning rate of the new last layer")
    lr_below: float = _setting(5e-5, "and of the layers below, which ImageNet taught")
    weight_decay: float = _setting(0.05, "of AdamW")
    seed: int = _setting(0, "of all chance")


@dataclass(frozen=True)
class LayoutConfig:
    """Settings of the map; the defaults suit a hundred to a hundred thousand photos."""

    perplexity: float = _setting(30.0, "neighbours a photo cares for; lowered for few photos")
    pca: int = _setting(50, "dimensions kept before t-SNE")
    seed: int = _setting(0, "of t-SNE")
    jobs: int = _setting(2, "threads")
