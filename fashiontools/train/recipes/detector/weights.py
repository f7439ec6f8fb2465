"""What a detector begins with: published weights of its backbone or of a whole detector, or a file of either."""

import re
from collections.abc import Callable
from pathlib import Path

from torch import Tensor

from fashiontools.core.errors import UsageError
from fashiontools.core.weights import Published, copy_weights, fetch, file_sha256, misfit, read_tensors
from fashiontools.models.detection.backbones import BACKBONES
from fashiontools.models.detection.faster_rcnn import FasterRcnn

_SITE = "https://download.pytorch.org/models/"
IMAGENET = {
    "resnet50": Published("ResNet-50", _SITE + "resnet50-0676ba61.pth"),
    "resnet101": Published("ResNet-101", _SITE + "resnet101-63fe2227.pth"),
    "resnext101": Published("ResNeXt-101 32x8d", _SITE + "resnext101_32x8d-8ba56ff5.pth"),
    "mobilenet": Published("MobileNetV3 large", _SITE + "mobilenet_v3_large-8738ca79.pth"),
}
COCO = {
    "resnet50": Published("Faster R-CNN with ResNet-50", _SITE + "fasterrcnn_resnet50_fpn_coco-258fb6c6.pth"),
    "mobilenet": Published(
        "Faster R-CNN with MobileNetV3", _SITE + "fasterrcnn_mobilenet_v3_large_320_fpn-907ea3f9.pth"
    ),
}
_OLDER = (  # what torchvision called them until version 0.13, and still does in the files that it offers
    (re.compile(r"^(backbone\.fpn\.(?:inner|layer)_blocks\.\d+)\.(weight|bias)$"), r"\1.0.\2"),
    (re.compile(r"^(rpn\.head\.conv)\.(weight|bias)$"), r"\1.0.0.\2"),
)
_BODY = "backbone.body."
_PYRAMID = "backbone.fpn."
_PREDICTOR = "roi_heads.box_predictor."


def begin_with(detector: FasterRcnn, backbone: str, weights: str, say: Callable[[str], None]) -> str:
    """Load weights into a detector: all that a file has of it but what tells its classes apart.

    Args:
        detector: Whose tensors are changed.
        backbone: In `BACKBONES`.
        weights: `imagenet`, `coco`, or a file of torchvision's with tensors alone.
        say: Is told what is fetched.

    Returns:
        The SHA-256 of the file.

    Raises:
        UsageError: It is another network's, or there are none for this backbone.
        Unavailable: They cannot be had.
    """
    published = {"imagenet": IMAGENET, "coco": COCO}.get(weights)
    if published is not None and backbone not in published:
        raise UsageError(f"--weights {weights}: there are none for {backbone}, only for {', '.join(published)}")
    file = Path(weights) if published is None else fetch(published[backbone], say)
    tensors = read_detector(file)
    own = {name: tensor for name, tensor in detector.state_dict().items() if not name.startswith(_PREDICTOR)}
    if not any(name.startswith("backbone.") for name in tensors):
        prefix = BACKBONES[backbone].prefix
        own = {prefix + name.removeprefix(_BODY): one for name, one in own.items() if name.startswith(_BODY)}
    if problem := misfit(own, tensors):
        told = f"--weights {file}: not the weights of {backbone}, nor of a detector like this: it {problem}"
        raise UsageError(told, "torchvision's own has --stride 32" if _PYRAMID in problem else "")
    copy_weights(tensors, own)
    return file_sha256(file)


def read_detector(file: Path) -> dict[str, Tensor]:
    """The tensors of a file of torchvision's, a detector's under the names that it gives them today.

    Args:
        file: `.safetensors`, or a state dict as PyTorch saves it.

    Raises:
        Unavailable: It is not there.
        UsageError: It holds anything but tensors.
    """
    return {_today(name): tensor for name, tensor in read_tensors(file).items()}


def _today(name: str) -> str:
    for older, newer in _OLDER:
        name = older.sub(newer, name)
    return name
