"""LPIPS: "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric" (Zhang et al. 2018), version 0.1."""

from threading import Lock
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torchmetrics.functional.image.lpips import _LPIPS
from torchvision.models import AlexNet_Weights

from fashiontools.core.weights import Published
from fashiontools.evaluate.weights import WeightFiles
from fashiontools.models.features.vgg16 import IMAGENET

_BACKBONES = {
    "vgg": IMAGENET,
    "alex": Published("AlexNet", AlexNet_Weights.IMAGENET1K_V1.url),
}


class Lpips:
    """A distance of two images: deep features of both, compared with weights learned from people's judgement.

    torchmetrics has the network and the authors' linear weights (version 0.1); those of the backbone come from
    ImageNet, by name or as a file.

    Args:
        backbone: `vgg` (VGG16) or `alex` (AlexNet).
        files: Where its weights come from.
        device: Where it runs.

    Attributes:
        told: Backbone and the SHA-256 of its weights, for the recipe.

    Raises:
        Unavailable: The weights cannot be had.
        UsageError: `--weights` has none for it.
    """

    def __init__(self, backbone: Literal["vgg", "alex"], files: WeightFiles, device: torch.device) -> None:
        self._network = _LPIPS(net=backbone, pnet_rand=True).to(device)
        # torchmetrics cuts the backbone into slices: `slice3.10.weight` is torchvision's `features.10.weight`.
        tensors = self._network.net.state_dict()
        wanted = {f"features.{name.split('.', 1)[1]}": tensor for name, tensor in tensors.items()}
        weights = files.fill(wanted, _BACKBONES[backbone])
        self.told = f"lpips through {backbone}, weights sha256 {weights}"
        self._device = device
        self._lock = Lock()  # one pair at a time: the network has all cores already

    def __call__(self, image: np.ndarray, target: np.ndarray, hole: np.ndarray | None = None) -> float:
        """The distance.

        Args:
            image: (H, W, 3) or (H, W) uint8, no side under 32 pixels.
            target: The same shape.
            hole: (H, W) uint8; where given, the mean over its pixels of 255 of the distances of the layers, each
                brought to H x W; features there have seen pixels around, too.

        Returns:
            0 for identical images.
        """
        with self._lock, torch.inference_mode():
            self._network.spatial = hole is not None
            distance = self._network(self._tensor(image), self._tensor(target))[0, 0].double().cpu().numpy()
        return float(distance.mean() if hole is None else distance[hole > 0].mean())

    def _tensor(self, pixels: np.ndarray) -> Tensor:
        """(1, 3, H, W) float32 in [-1, 1]."""
        colour = pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
        chw = np.ascontiguousarray(colour.transpose(2, 0, 1), np.float32)
        return torch.from_numpy(chw)[None].to(self._device) / 127.5 - 1
