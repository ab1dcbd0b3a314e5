"""The ConvNets that judge a photo, each with a layer named fc7; saved and loaded by path alone.

Letters: B batch, D width of fc7, H W pixels.
"""

import timm
import torch
from timm.models.efficientnet import EfficientNet
from torch import Tensor, nn

from selfie_core.base.errors import ModelError
from selfie_core.scorer.checkpoint import ScorerConfig
from selfie_core.scorer.features import features_of

# Four of seven: edges, colours and textures are what ImageNet taught well.
FROZEN_STAGES = 4
CELL = 16  # pixels of the input per cell of the maps, across and down
PLACES = 24  # channels that keep where in the frame things are


class StyleMaps(nn.Module):
    """What a photo looks like, cell by cell: colour, light, white and black.

    A net taught to name things learned to overlook light and colour; here they are the matter.
    """

    CHANNELS = 17
    mean: Tensor
    std: Tensor
    steps: Tensor

    def __init__(self, config: ScorerConfig) -> None:
        super().__init__()
        for name, values in (("mean", config.mean), ("std", config.std)):
            self.register_buffer(name, torch.tensor(values).view(1, 3, 1, 1), persistent=False)
        steps = torch.linspace(0.05, 0.95, 10).view(1, 10, 1, 1)
        self.register_buffer("steps", steps, persistent=False)

    def forward(self, photos: Tensor) -> Tensor:
        """Return the means of each cell, shape (B, CHANNELS, H / CELL, W / CELL)."""
        colour = photos * self.std + self.mean  # (B, 3, H, W) in [0, 1]
        red, green, blue = colour.unbind(1)
        light = (0.299 * red + 0.587 * green + 0.114 * blue).unsqueeze(1)
        most, least = colour.amax(1, keepdim=True), colour.amin(1, keepdim=True)
        saturation = (most - least) / most.clamp(min=1 / 255)
        parts = [
            *(colour, saturation, saturation**2),
            torch.sigmoid(30 * (light - self.steps)),  # how much of the cell is lighter
            torch.sigmoid(50 * (least - 0.88)),  # white, as borders are
            torch.sigmoid(50 * (0.12 - most)),  # and black
        ]
        maps = torch.cat(parts, 1)
        if torch.onnx.is_in_onnx_export():  # where such a pool takes a fifth of the net's time
            return maps.unflatten(3, (-1, CELL)).mean(4).unflatten(2, (-1, CELL)).mean(3)
        return nn.functional.avg_pool2d(maps, CELL)


class TimmNet(nn.Module):
    """A timm backbone, fc7 with ReLU, one logit.

    Of the EfficientNets, such as the compact default, fc7 sees three things: what the backbone
    found (pooled), where in the frame it found it, and `StyleMaps`.  Other backbones give what they
    pool.
    """

    def __init__(self, config: ScorerConfig) -> None:
        super().__init__()
        try:
            self.trunk = timm.create_model(config.backbone, num_classes=0)
        except RuntimeError as error:
            raise ModelError(
                f'backbone "{config.backbone}" is unknown; wanted compact, vgg16 or a timm name'
            ) from error
        # Some, such as MobileNetV3, have a wide layer between pooling and classes.
        width: int = getattr(self.trunk, "head_hidden_size", 0) or self.trunk.num_features  # type: ignore[assignment]
        if isinstance(self.trunk, EfficientNet):
            if config.image_size % CELL:
                raise ModelError(f"image size {config.image_size} is no multiple of {CELL}")
            self.style = StyleMaps(config)
            # Of the stage above the frozen ones: deeper maps are too coarse to tell places.
            channels: int = self.trunk.feature_info[-2]["num_chs"]
            self.places = nn.Conv2d(channels, PLACES, 1)
            width += PLACES * (config.image_size // CELL) ** 2 + 6 * StyleMaps.CHANNELS
        # Never trained: brings all features to one scale.
        self.scale = nn.BatchNorm1d(width, affine=False)
        self.fc7 = nn.Linear(width, config.fc7_width)
        self.logit = nn.Linear(config.fc7_width, 1)

    def lower(self, photos: Tensor) -> Tensor:
        """Return what the lower layers, which training usually leaves alone, make of photos.

        Of an EfficientNet: maps, shape (B, C, H / CELL, W / CELL), the style's channels last.
        """
        trunk = self.trunk
        if not isinstance(trunk, EfficientNet):
            return trunk(photos)  # (B, 3, H, W) -> (B, features): a new head only
        seen = trunk.blocks[:FROZEN_STAGES](trunk.bn1(trunk.conv_stem(photos)))
        return torch.cat([seen, self.style(photos)], 1)

    def features(self, maps: Tensor) -> Tensor:
        """Return what fc7 sees, shape (B, features), from what `lower` gave."""
        trunk = self.trunk
        if not isinstance(trunk, EfficientNet):
            return maps
        seen, style = maps[:, : -StyleMaps.CHANNELS], maps[:, -StyleMaps.CHANNELS :]
        seen = trunk.blocks[FROZEN_STAGES](seen)
        found = trunk.blocks[FROZEN_STAGES + 1 :](seen)
        found = trunk.global_pool(trunk.bn2(trunk.conv_head(found)))
        places = torch.relu(self.places(seen)).flatten(1)
        return torch.cat(features_of(found, style, places), 1)

    def upper(self, maps: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits, shape (B,), and fc7, shape (B, D), from what `lower` gave."""
        fc7 = torch.relu(self.fc7(self.scale(self.features(maps))))  # (B, D)
        return self.logit(fc7).squeeze(1), fc7

    @torch.no_grad()
    def start_fc7(self, maps: Tensor) -> None:
        """Let the features reach fc7 at one scale, as measured on the maps of some photos."""
        features = self.features(maps)
        self.scale.running_mean = features.mean(dim=0)
        self.scale.running_var = features.var(dim=0) + 1e-4

    def forward(self, photos: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits, shape (B,), and fc7 after the ReLU, shape (B, D)."""
        return self.upper(self.lower(photos))


class Vgg16(nn.Module):
    """The net of 2015: VGG16 with its last layer replaced by one logit, dropout off.

    Training may switch `dropout` on, to compare; see `TrainConfig`.
    """

    def __init__(self, config: ScorerConfig) -> None:
        super().__init__()
        from torchvision.models import vgg16

        net = vgg16(weights=None, dropout=0.0)
        self.features = net.features
        # torchvision's adaptive pool to 7 x 7 as a matrix: ONNX has none that enlarges.
        cells = torch.eye(max(1, config.image_size // 32))
        pool = nn.functional.adaptive_avg_pool1d(cells, 7).T  # (7, cells)
        self.register_buffer("pool", pool, persistent=False)
        self.fc6, self.fc7 = net.classifier[0], net.classifier[3]
        self.dropout = nn.Dropout(0.0)
        self.logit = nn.Linear(config.fc7_width, 1)

    def lower(self, photos: Tensor) -> Tensor:
        """Return the convolutional maps, flat."""
        maps = self.pool @ self.features(photos) @ self.pool.T  # (B, 512, 7, 7)
        return maps.flatten(1)  # (B, 25088)

    def upper(self, maps: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits, shape (B,), and fc7 after the ReLU, shape (B, 4096)."""
        fc6 = self.dropout(torch.relu(self.fc6(maps)))  # (B, 4096)
        fc7 = torch.relu(self.fc7(fc6))  # (B, 4096)
        return self.logit(fc7).squeeze(1), fc7

    def forward(self, photos: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits, shape (B,), and fc7 after the ReLU, shape (B, 4096)."""
        return self.upper(self.lower(photos))


Net = TimmNet | Vgg16


def build_net(config: ScorerConfig) -> Net:
    """Return the untrained net of a config, in evaluation mode."""
    net = Vgg16(config) if config.backbone == "vgg16" else TimmNet(config)
    return net.eval()
