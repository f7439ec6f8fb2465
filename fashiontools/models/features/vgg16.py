"""VGG16 (Simonyan and Zisserman 2014) as a measure of likeness: features at some of its layers, never trained."""

import hashlib
from pathlib import Path

import torch
from torch import Tensor, nn

from fashiontools.core.errors import UsageError

# Where the rectifiers after each convolution are in torchvision's `vgg16().features`.
LAYERS = {
    "relu1_2": 3, "relu2_2": 8, "relu3_3": 15, "relu4_3": 22, "relu5_3": 29,
}  # fmt: skip
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
UNTRAINED = "untrained"


class Vgg16(nn.Module):
    """Features of images at some layers.

    Args:
        layers: Their names in `LAYERS`; what lies beyond the last of them is not built.

    Shape:
        (N, 3, H, W) float in [-1, 1] -> a list of (N, C, H', W') float, one per layer.
    """

    def __init__(self, layers: tuple[str, ...]) -> None:
        super().__init__()
        from torchvision.models import vgg16

        self._at = [LAYERS[layer] for layer in layers]
        with torch.device("meta"):  # the classifier, half a gigabyte of weights, is never made
            features = vgg16(weights=None).features[: max(self._at) + 1]
        self.features = features.to_empty(device="cpu")
        for module in self.features:
            if isinstance(module, nn.ReLU):
                module.inplace = False
            elif isinstance(module, nn.Conv2d):  # as torchvision begins
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
                nn.init.zeros_(module.bias)
        self.register_buffer("mean", torch.tensor(_MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(_STD).view(1, 3, 1, 1))
        self.requires_grad_(False).eval()

    def forward(self, image: Tensor) -> list[Tensor]:
        """Look; see the class for shapes."""
        features, found = (image + 1) / 2, []
        features = (features - self.mean) / self.std
        for number, layer in enumerate(self.features):
            features = layer(features)
            if number in self._at:
                found.append(features)
        return found


def open_vgg16(weights: str, layers: tuple[str, ...]) -> tuple[Vgg16, str]:
    """Build the network with weights.

    Args:
        weights: `imagenet` (torchvision's, fetched on first use), `untrained` (seeded), or a file of torchvision's
            state dict.
        layers: As for `Vgg16`.

    Returns:
        The network, and what its weights are: the SHA-256 of the file, or `untrained`, also where ImageNet's
        cannot be had.

    Raises:
        UsageError: The file is none of VGG16's weights.
    """
    state = torch.get_rng_state()
    torch.manual_seed(16)
    network = Vgg16(layers)
    torch.set_rng_state(state)
    if weights == UNTRAINED:
        return network, UNTRAINED
    file = _fetched() if weights == "imagenet" else Path(weights)
    if file is None:
        return network, UNTRAINED
    _load(network, file)
    return network, hashlib.sha256(file.read_bytes()).hexdigest()


def _load(network: Vgg16, file: Path) -> None:
    try:
        # `weights_only`: tensors are read, and nothing in the file is run.
        tensors = torch.load(file, map_location="cpu", weights_only=True)
    except OSError as error:
        raise UsageError(f"--vgg {file}: {error.strerror or 'it cannot be read'}") from None
    except Exception:  # torch raises half a dozen kinds for files that are not its own
        raise UsageError(f"--vgg {file}: not a state dict of torchvision's vgg16, or damaged") from None
    try:
        wanted = network.features.state_dict()
        network.features.load_state_dict({key: tensors[f"features.{key}"] for key in wanted})
    except KeyError as error:
        raise UsageError(f"--vgg {file}: not a state dict of torchvision's vgg16: no {error}") from None
    except (RuntimeError, TypeError, IndexError, AttributeError):
        raise UsageError(f"--vgg {file}: not a state dict of torchvision's vgg16: other layers") from None


def _fetched() -> Path | None:
    """The file of ImageNet's weights, fetched by torchvision's loader where it is not there; None without network."""
    from torchvision.models import VGG16_Weights

    weights = VGG16_Weights.IMAGENET1K_V1
    try:
        weights.get_state_dict(progress=False, check_hash=True)
    except (OSError, RuntimeError):
        return None
    return Path(torch.hub.get_dir(), "checkpoints", Path(weights.url).name)
