"""Faster R-CNN: "Towards Real-Time Object Detection with Region Proposal Networks" (Ren, He, Girshick and Sun 2015).

With a feature pyramid (Lin et al. 2016), as Detectron has it and Chiaretti's thesis (2020, chapter 4.2) trains it. Both
stages are torchvision's, so that its weights can be loaded by their own names. Differences from the papers:

- torchvision's: RoIAlign (He et al. 2017) in the place of RoI pooling; two fully connected layers of 1024; the RPN's
  convolution has 256 channels (the thesis draws the first paper's 512 and a layer of 4096).
- ours: photos come scaled and on one canvas, in [-1, 1], as everywhere here; torchvision's own transform, which scales
  each photo of a batch in float, is left out. What lies beyond a photo's edge is set to the mean, as there.
- torchvision's: with MobileNet, proposals that score below 0.05 are passed over in use: half again as many photos a
  second, and 0.001 of AP. In training none is, other than there: a network that begins with nothing scores all low.
- ours: in use half as many proposals are looked at as in training; Detectron's 2,000 and 1,000 are the default.
"""

from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor, nn
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.image_list import ImageList
from torchvision.ops import MultiScaleRoIAlign

from fashiontools.models.detection.backbones import BACKBONES
from fashiontools.models.imagenet import normalized

PROPOSALS = 2000
SAMPLES = 512
_LEAST_SCORE = 0.05
_LOSSES = {
    "loss_objectness": "loss_objectness",
    "loss_rpn_box_reg": "loss_proposal_box",
    "loss_classifier": "loss_class",
    "loss_box_reg": "loss_box",
}


class Found(NamedTuple):
    """What is found on a photo, the surest first.

    Attributes:
        boxes: (K, 4) float, left, top, right, bottom, pixels of the scaled photo.
        labels: (K,) int64, numbers of classes.
        scores: (K,) float, probabilities.
    """

    boxes: Tensor
    labels: Tensor
    scores: Tensor


class Targets(NamedTuple):
    """What is on photos.

    Attributes:
        boxes: (N, M, 4) float, left, top, right, bottom, pixels of the scaled photos.
        labels: (N, M) int64, numbers of classes; -1 where a photo has fewer than M boxes.
    """

    boxes: Tensor
    labels: Tensor


class FasterRcnn(nn.Module):
    """Finds boxes of classes on photos, in two stages.

    Args:
        backbone: In `BACKBONES`.
        classes: Their names; the background is none of them.
        stride: Of the finest features, pixels: 32, 16 or 8 for mobilenet, 4 for the others; None: torchvision's.
        frozen: Whether the backbone's batch norms and first stages keep the weights that are loaded into them.
        proposals: How many proposals of a photo the second stage looks at in training; half as many in use.
        samples: Of these, how many of a photo are learnt from, a quarter of them garments.
        shorter: The shorter side that it wants photos scaled to, pixels; kept for those who use it.
        longer: The most that the longer side may have then.
    """

    def __init__(
        self,
        backbone: str,
        classes: Sequence[str],
        *,
        stride: int | None = None,
        frozen: bool = False,
        proposals: int = PROPOSALS,
        samples: int = SAMPLES,
        shorter: int = 800,
        longer: int = 1333,
    ) -> None:
        super().__init__()
        self.classes = tuple(classes)
        self.shorter, self.longer = shorter, longer
        row = BACKBONES[backbone]
        stride, in_use = stride or row.stride, max(1, proposals // 2)
        built = FasterRCNN(
            row.build(stride, frozen=frozen),
            num_classes=1 + len(self.classes),
            rpn_anchor_generator=row.anchors_of(stride),
            box_roi_pool=MultiScaleRoIAlign(row.maps(stride), output_size=7, sampling_ratio=2),
            rpn_pre_nms_top_n_train=proposals,
            rpn_post_nms_top_n_train=proposals,
            rpn_pre_nms_top_n_test=in_use,
            rpn_post_nms_top_n_test=in_use,
            box_batch_size_per_image=samples,
            box_score_thresh=_LEAST_SCORE,
        )
        self.backbone, self.rpn, self.roi_heads = built.backbone, built.rpn, built.roi_heads
        self._least = row.least

    def train(self, mode: bool = True) -> "FasterRcnn":
        """As `nn.Module.train`; in use, proposals below the backbone's least score are passed over."""
        self.rpn.score_thresh = 0.0 if mode else self._least
        return super().train(mode)

    def forward(
        self, photos: Tensor, extents: Tensor, targets: Targets | None = None
    ) -> list[Found] | dict[str, Tensor]:
        """Find boxes, or learn to.

        Args:
            photos: (N, 3, H, W) float in [-1, 1], each at the upper left of the canvas; sides are multiples of 32.
            extents: (N, 2) int64, height and width of each photo on the canvas.
            targets: In training, what is on them.

        Returns:
            In use, what is found on each photo. In training the four losses, scalars: `loss_objectness`,
            `loss_proposal_box`, `loss_class`, `loss_box`.
        """
        sizes = [(height, width) for height, width in extents.tolist()]
        batch = normalized(photos)
        for photo, (height, width) in zip(batch, sizes, strict=True):
            photo[:, height:] = 0
            photo[:, :, width:] = 0
        images, wanted = ImageList(batch, sizes), None if targets is None else _as_torchvision(targets)
        features = self.backbone(batch)
        proposals, proposal_losses = self.rpn(images, features, wanted)
        found, losses = self.roi_heads(features, proposals, sizes, wanted)
        if targets is not None:
            return {name: (proposal_losses | losses)[theirs] for theirs, name in _LOSSES.items()}
        return [Found(one["boxes"], one["labels"] - 1, one["scores"]) for one in found]


def _as_torchvision(targets: Targets) -> list[dict[str, Tensor]]:
    """As torchvision wants them: of each photo its boxes, and their classes counted from 1."""
    return [
        {"boxes": boxes[labels >= 0], "labels": labels[labels >= 0] + 1}
        for boxes, labels in zip(targets.boxes, targets.labels, strict=True)
    ]
