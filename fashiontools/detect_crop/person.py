"""People, found by torchvision's detector of COCO's things, and where their garments must be."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torchvision.models.detection import FasterRCNN_ResNet50_FPN_Weights
from torchvision.ops import FrozenBatchNorm2d

from fashiontools.core.boxes import LABELS, Box
from fashiontools.core.errors import UsageError
from fashiontools.core.weights import Published, copy_weights, fetch, misfit
from fashiontools.detect_crop.detection import Detection, Looked, Photo
from fashiontools.detect_crop.networks import NetworkDetector
from fashiontools.models.detection.faster_rcnn import FasterRcnn
from fashiontools.train.recipes.detector.weights import COCO, read_detector

_PERSON = "person"
_CLASSES = FasterRCNN_ResNet50_FPN_Weights.COCO_V1.meta["categories"][1:]  # the first is the background
_PARTS = {"full": (0, 8), "upper": (1, 4), "lower": (3, 8)}
"""In heads from the top. The figure of eight heads (Loomis 1943): chin 1, waist 3, crotch 4, soles 8."""


@dataclass(frozen=True)
class _Kind:
    """A detector that torchvision publishes.

    Attributes:
        published: Its weights.
        proposals: As `FasterRcnn` takes them; half as many are looked at.
        shorter: Side that photos are scaled to, pixels.
        longer: Most of the other side.
        epsilon: Of its batch norms.
    """

    published: Published
    proposals: int
    shorter: int
    longer: int
    epsilon: float


_KINDS = {
    "mobilenet": _Kind(
        COCO["mobilenet"],
        proposals=300,
        shorter=320,
        longer=640,
        epsilon=1e-5,
    ),
    "resnet50": _Kind(
        COCO["resnet50"],
        proposals=2000,
        shorter=800,
        longer=1333,
        epsilon=0.0,
    ),
}


class PersonDetector:
    """Finds people: each is a `full` box, and split by the proportions of the human figure `upper` and `lower` ones.

    The three have the person's score, so that a photo's best box is of each class. `upper` is from the chin to the
    crotch, `lower` from the waist to the soles, both as wide as the person. Cut out of the true boxes of people on
    street photos (CCP), their mean IoU with the garments' boxes is 0.60 (541 upper ones) and 0.43 (555 lower ones).

    Args:
        weights: `mobilenet`, `resnet50`, or a file of the weights of either.
        device: Where the network runs.
        say: Is told what is fetched.

    Attributes:
        file: The weights.

    Raises:
        UsageError: The file has other weights.
        Unavailable: There is no such file, or it cannot be fetched.
    """

    classes: tuple[str, ...] = LABELS

    def __init__(self, weights: str, device: torch.device, say: Callable[[str], None]) -> None:
        self.file = fetch(_KINDS[weights].published, say) if weights in _KINDS else Path(weights)
        network = _loaded(self.file)
        self._people = NetworkDetector(network.to(device).eval(), device)
        self.min_side, self.at_once = self._people.min_side, self._people.at_once

    def detect(self, photos: Sequence[Photo]) -> list[Looked]:
        """As `Detector.detect`."""
        return [_split(looked) for looked in self._people.detect(photos)]

    def canvas(self, photo: Photo) -> tuple[int, int]:
        """As `Detector.canvas`."""
        return self._people.canvas(photo)


def _loaded(file: Path) -> FasterRcnn:
    """The detector whose weights a file has."""
    tensors = read_detector(file)
    problems = {}
    for backbone, kind in _KINDS.items():
        scale = {"shorter": kind.shorter, "longer": kind.longer}
        network = FasterRcnn(backbone, _CLASSES, frozen=True, proposals=kind.proposals, **scale)
        own = network.state_dict()
        problem = misfit(own, tensors)
        problems[backbone] = _share(own, tensors), problem
        if not problem:
            copy_weights(tensors, network.state_dict())
            for part in network.modules():
                if isinstance(part, FrozenBatchNorm2d):
                    part.eps = kind.epsilon
            return network
    kinds = " or ".join(_KINDS)
    nearest = max(problems, key=lambda backbone: problems[backbone][0])
    told = f"it is nearest to {nearest}'s but {problems[nearest][1]}"
    raise UsageError(f"--weights {file}: not torchvision's Faster R-CNN for COCO with {kinds}: {told}")


def _share(own: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> float:
    """How many of a network's tensors fit, of all of them."""
    return sum(not misfit({name: one}, tensors) for name, one in own.items()) / len(own)


def _split(looked: Looked) -> Looked:
    people = (one for one in looked.found if one.label == _PERSON)
    return Looked(
        tuple(Detection(_part(one.box, *_PARTS[label]), label, one.score) for one in people for label in _PARTS)
    )


def _part(box: Box, above: float, below: float) -> Box:
    head = box.height / 8
    return Box(box.x, box.y + above * head, box.width, (below - above) * head)
