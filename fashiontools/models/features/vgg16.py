"""VGG16 (Simonyan and Zisserman 2014) as a measure of likeness: features at some of its layers, never trained."""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from fashiontools.core.errors import Unavailable
from fashiontools.core.weights import Published, fetch, load_weights
from fashiontools.models.imagenet import normalized

# Where the rectifiers after each convolution are in torchvision's `vgg16().features`.
LAYERS = {
    "relu1_2": 3, "relu2_2": 8, "relu3_3": 15, "relu4_3": 22, "relu5_3": 29,
}  # fmt: skip
UNTRAINED = "untrained"
IMAGENET = Published("VGG16", "https://download.pytorch.org/models/vgg16-397923af.pth")


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
        self.requires_grad_(False).eval()

    def forward(self, image: Tensor) -> list[Tensor]:
        """Look; see the class for shapes."""
        features, found = normalized(image), []
        for number, layer in enumerate(self.features):
            features = layer(features)
            if number in self._at:
                found.append(features)
        return found


def open_vgg16(weights: str, layers: tuple[str, ...], say: Callable[[str], None]) -> tuple[Vgg16, str]:
    """Build the network with weights.

    Args:
        weights: `imagenet` (torchvision's, fetched on first use), `untrained` (seeded), or a file of torchvision's
            state dict.
        layers: As for `Vgg16`.
        say: Is told that weights are fetched.

    Returns:
        The network, and what its weights are: the SHA-256 of the file, or `untrained`, also where ImageNet's
        cannot be had.

    Raises:
        Unavailable: The file is not there.
        UsageError: The file is none of VGG16's weights.
    """
    state = torch.get_rng_state()
    torch.manual_seed(16)
    network = Vgg16(layers)
    torch.set_rng_state(state)
    if weights == UNTRAINED:
        return network, UNTRAINED
    try:
        file = fetch(IMAGENET, say, "--vgg") if weights == "imagenet" else Path(weights)
    except Unavailable:
        return network, UNTRAINED
    wanted = {f"features.{name}": tensor for name, tensor in network.features.state_dict().items()}
    return network, load_weights(wanted, file, "torchvision's vgg16", "--vgg")
