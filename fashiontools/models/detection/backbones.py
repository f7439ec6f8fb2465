"""The convolutional networks under a detector, each with a feature pyramid, as torchvision builds them.

He, Zhang, Ren and Sun 2015 (ResNet); Xie et al. 2016 (ResNeXt); Howard et al. 2019 (MobileNetV3); the pyramid: Lin et
al. 2016, "Feature Pyramid Networks for Object Detection".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from torch import nn
from torchvision.models.detection.backbone_utils import mobilenet_backbone, resnet_fpn_backbone
from torchvision.models.detection.rpn import AnchorGenerator
from torchvision.ops import FrozenBatchNorm2d

_ASPECTS = (0.5, 1.0, 2.0)
_FROZEN_STAGES = 2


@dataclass(frozen=True)
class Backbone:
    """A network that makes features for a detector.

    Attributes:
        pyramid: Builds it with its feature pyramid.
        prefix: What the names of its tensors begin with in files of classification weights.
        stages: How many stages it has, the stem counted.
        levels: Of which stages features are taken, by the stride of the finest; torchvision's own come first.
        anchors: Sides of the anchors of each level, pixels; one tuple where all levels have the same.
        least: In use, proposals that are less likely garments are passed over; torchvision's number.
    """

    pyramid: Callable[..., nn.Module]
    prefix: str
    stages: int
    levels: Mapping[int, Sequence[int]]
    anchors: tuple[tuple[int, ...], ...]
    least: float

    @property
    def stride(self) -> int:
        """The stride of the finest features, as torchvision has it."""
        return next(iter(self.levels))

    def maps(self, stride: int) -> list[str]:
        """Names of the feature maps that the second stage looks at."""
        return [str(number) for number in range(len(self.levels[stride]))]

    def anchors_of(self, stride: int) -> AnchorGenerator:
        """The boxes that proposals begin as, at every place of every level; a pooled level follows the others."""
        levels = len(self.levels[stride]) + 1
        sides = self.anchors if len(self.anchors) == levels else self.anchors * levels
        return AnchorGenerator(sides, (_ASPECTS,) * levels)

    def build(self, stride: int, *, frozen: bool) -> nn.Module:
        """The network with its pyramid, with random weights.

        Args:
            stride: Of the finest features, in `levels`.
            frozen: Batch norms never change (a few photos a step would ruin what they know) and the first two stages
                take no part in training, as in Detectron; for weights that have seen many photos.
        """
        built = self.pyramid(
            weights=None,
            norm_layer=FrozenBatchNorm2d if frozen else nn.BatchNorm2d,
            trainable_layers=self.stages - _FROZEN_STAGES if frozen else self.stages,
            returned_layers=list(self.levels[stride]),
        )
        _keep_frozen(built)
        return built


def _keep_frozen(module: nn.Module) -> None:
    """Make buffers of the parameters that are not trained, so that no optimizer and no freezing of turns sees them."""
    for part in module.modules():
        frozen = [(name, one) for name, one in part.named_parameters(recurse=False) if not one.requires_grad]
        for name, parameter in frozen:
            delattr(part, name)
            part.register_buffer(name, parameter.data)


def _resnet(name: str) -> Backbone:
    def pyramid(**settings: object) -> nn.Module:
        return resnet_fpn_backbone(backbone_name=name, **settings)

    return Backbone(pyramid, "", 5, {4: (1, 2, 3, 4)}, ((32,), (64,), (128,), (256,), (512,)), 0.0)


def _mobilenet(name: str) -> Backbone:
    def pyramid(**settings: object) -> nn.Module:
        return mobilenet_backbone(backbone_name=name, fpn=True, **settings)

    # torchvision takes the last two levels, both of stride 32: few, for a garment on a small photo.
    return Backbone(pyramid, "features.", 6, {32: (4, 5), 16: (3, 5), 8: (2, 3, 5)}, ((32, 64, 128, 256, 512),), 0.05)


BACKBONES = {
    "resnet50": _resnet("resnet50"),
    "resnet101": _resnet("resnet101"),
    "resnext101": _resnet("resnext101_32x8d"),
    "mobilenet": _mobilenet("mobilenet_v3_large"),
}
