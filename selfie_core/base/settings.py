"""The settings of each step, one frozen dataclass each; the command line makes its flags of them.

They stand apart from the steps so that --help imports nothing heavy.
"""

from contextlib import suppress
from dataclasses import Field, dataclass, field, fields
from math import inf
from typing import Any

from selfie_core.base.errors import DataError


def _setting(default: Any, about: str, *, least: float = -inf, most: float = inf) -> Any:
    """Return a dataclass field with its meaning, for the command line, and its bounds."""
    return field(default=default, metadata={"about": about, "least": least, "most": most})


_UNBOUNDED = {"least": -inf, "most": inf}


class _Checked:
    """Settings that refuse a value out of bounds when they are made."""

    def __post_init__(self) -> None:
        for item in fields(self):  # type: ignore[arg-type]
            value, (least, most) = getattr(self, item.name), _bounds(item)
            if isinstance(value, int | float) and not least <= value <= most:
                wanted = f"{least:g} or more" if most == inf else f"{least:g} to {most:g}"
                raise DataError(f"{item.name} is {value}; wanted {wanted}")


def _bounds(item: Field[Any]) -> tuple[float, float]:
    return item.metadata["least"], item.metadata["most"]


@dataclass(frozen=True)
class AudienceConfig(_Checked):
    """Settings of the simulated audience."""

    seed: int = _setting(0, "of all chance", least=0)
    agreement: float = _setting(
        0.70, "share of labels a perfect knower of appeal would get right", least=0.51, most=0.99
    )
    median_followers: int = _setting(1500, "of a user", least=1)
    spread: float = _setting(1.4, "standard deviation of log followers", least=0)
    posts_per_user: float = _setting(5.0, "on average, at least one", least=1)
    newest: str = _setting("2026-10-01", "date of the last post")
    days: int = _setting(730, "time over which the posts are spread", least=1)


@dataclass(frozen=True)
class LabelConfig(_Checked):
    """Settings of the labels; the group size and the rule are those of 2015."""

    group_size: int = _setting(100, "selfies in a peer group; half of them are good", least=2)
    min_followers: int = _setting(100, "fewer are friends, who like whatever comes", least=0)
    max_followers: int = _setting(50_000, "more are fans, who like whatever comes", least=0)
    max_tags: int = _setting(15, "more is fishing for likes", least=0)
    tag_bonus: float = _setting(
        0.01, "audience added by each tag, as a share of the followers", least=0
    )
    min_age_days: int = _setting(30, "younger posts are still collecting likes", least=0)
    val_share: float = _setting(0.1, "share of the users kept for validation", least=0, most=0.8)
    test_share: float = _setting(0.1, "share of the users kept for the test", least=0, most=0.8)
    seed: int = _setting(0, "of the split", least=0)


@dataclass(frozen=True)
class TrainConfig(_Checked):
    """Settings of one training run; the defaults suit a laptop without a GPU."""

    backbone: str = _setting("compact", "compact, vgg16 or the name of a timm net")
    weights: str = _setting("imagenet", "what the net starts from: imagenet, random or a file")
    image_size: int = _setting(128, "side in pixels", least=32, most=1024)
    whole: bool = _setting(
        False, "train every layer; without, the lower ones stay, which two cores can bear"
    )
    fc7_width: int = _setting(512, "activations of fc7; VGG16 has 4,096", least=2)
    copies: int = _setting(2, "augmented copies of each photo; 1 takes it as it is", least=1)
    epochs: int = _setting(6, "at most", least=1)
    epoch_photos: int = _setting(
        0, "photos in an epoch, the next of all copies; 0 takes all", least=0
    )
    head_epochs: int = _setting(1, "epochs in which only the new layers learn", least=0)
    patience: int = _setting(2, "epochs without a better validation AUC before it stops", least=1)
    batch_size: int = _setting(64, "photos per step", least=1)
    lr: float = _setting(1e-3, "peak learning rate of the new layers", least=0)
    lr_below: float = _setting(2e-4, "and of the layers that ImageNet taught", least=0)
    warmup: float = _setting(0.15, "share of the steps in which the rates rise", least=0, most=0.9)
    weight_decay: float = _setting(0.02, "of AdamW", least=0)
    dropout: float = _setting(0.0, "share of fc6 and fc7 left out; off in 2015", least=0, most=0.9)
    also: str = _setting("", "number columns of the labels that fc7 learns too: light,contrast")
    also_weight: float = _setting(0.3, "of their error, beside the label's", least=0)
    cache_gb: float = _setting(
        4.0, "memory for photos or what frozen layers make of them", least=0.1
    )
    seed: int = _setting(0, "of all chance", least=0)


@dataclass(frozen=True)
class LayoutConfig(_Checked):
    """Settings of the map; the defaults suit a hundred to a hundred thousand photos."""

    perplexity: float = _setting(
        30.0, "neighbours a photo cares for; lowered for few photos", least=1
    )
    pca: int = _setting(50, "dimensions kept before t-SNE", least=2)
    sample: int = _setting(
        200_000, "photos placed by t-SNE; of more, the rest are placed among them", least=100
    )
    seed: int = _setting(0, "of t-SNE", least=0, most=2**32 - 1)
    jobs: int = _setting(2, "threads", least=1)


@dataclass(frozen=True)
class BuildConfig(_Checked):
    """Settings of a gallery."""

    name: str = _setting("", "shown in titles; the folder's name by default")
    map: bool = _setting(True, "place the photos by t-SNE")
    photo_side: int = _setting(1024, "pixels of the longest side of a kept photo", least=128)
    quality: int = _setting(80, "of these, WebP", least=1, most=100)
    faceless: bool = _setting(False, "keep photos in which no face is found")
    layout: LayoutConfig = field(default_factory=LayoutConfig, metadata=_UNBOUNDED)


@dataclass(frozen=True)
class CullConfig(_Checked):
    """Settings of a choice among the photos of a roll."""

    threshold: float = _setting(
        0.5, "score from which the best of a moment is a keeper", least=0, most=1
    )
    stars: str = _setting("10,35,65,90", "percent of the photos below 2, 3, 4 and 5 stars")
    reject: bool = _setting(False, "in sidecars, reject what is no keeper instead of its stars")
    label: str = _setting("", "of keepers, in sidecars, such as Green")
    crop: bool = _setting(False, "give keepers their best crop in sidecars; takes a while")
    adobe: bool = _setting(False, "name new sidecars a.xmp alone, as Adobe does, not a.jpg.xmp")

    @property
    def cuts(self) -> tuple[float, ...]:
        """The percentiles at which 2, 3, 4 and 5 stars begin.

        Raises:
            DataError: They are not four rising numbers.
        """
        with suppress(ValueError):
            cuts = tuple(float(part) for part in self.stars.split(","))
            if len(cuts) == 4 and 0 <= cuts[0] < cuts[1] < cuts[2] < cuts[3] <= 100:
                return cuts
        raise DataError(
            f'stars is "{self.stars}"; wanted four rising percents, such as 10,35,65,90'
        )


@dataclass(frozen=True)
class CommonsConfig(_Checked):
    """Settings of an import from Wikimedia Commons or another MediaWiki."""

    api: str = _setting("https://commons.wikimedia.org/w/api.php", "address of the wiki's api.php")
    limit: int = _setting(20, "photos of each category at most", least=1)
    width: int = _setting(
        960, "pixels; one of the widths that Wikimedia keeps ready", least=64, most=3840
    )
    pause: float = _setting(1.0, "seconds between two photos", least=0, most=60)
    contact: str = _setting("", "your e-mail or web address, which Wikimedia asks for")
    subcategories: bool = _setting(False, "take each sub-category as one person")
