"""The networks whose features compare sets of images: Inception v3, VGG16, and the classifier of our own run."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torchvision.models import vgg16

from fashiontools.core.errors import UsageError, near
from fashiontools.core.images import Fit
from fashiontools.core.weights import Published, file_sha256
from fashiontools.evaluate.options import EvaluateOptions
from fashiontools.evaluate.registry import EXTRACTORS
from fashiontools.evaluate.weights import WeightFiles
from fashiontools.models.features.vgg16 import IMAGENET
from fashiontools.models.imagenet import normalized
from fashiontools.train.run_folder import MODEL, load_network, open_run


@dataclass(frozen=True)
class Extractor:
    """A network that describes images.

    Attributes:
        name: What it is, and how many features it has.
        size: Side of the images that it takes, pixels.
        fit: How photos become square.
        weights: SHA-256 of the file of its weights, in hex.
        look: From (N, 3, size, size) float32 in [0, 255] to (N, D) float32 features, and the (N, classes) logits
            where it is a classifier.
    """

    name: str
    size: int
    fit: Fit
    weights: str
    look: Callable[[Tensor], tuple[Tensor, Tensor | None]]


def open_extractor(options: EvaluateOptions, files: WeightFiles, device: torch.device) -> Extractor:
    """The network of `--features`.

    Args:
        options: Which, and how photos become square.
        files: Where weights come from.
        device: Where it runs.

    Raises:
        UsageError: There is no such network or run.
        Unavailable: Its weights cannot be had.
    """
    name = options.features or "inception"
    if name in EXTRACTORS:
        opened: Extractor = EXTRACTORS[name].load()(files, options.fit or "stretch", device)
        return opened
    if not Path(name).is_dir():
        raise UsageError(f"--features {name}: {near(name, EXTRACTORS)} (or the folder of a `train classifier` run)")
    return open_classifier(Path(name), options.fit, device)


def open_inception(files: WeightFiles, fit: Fit, device: torch.device) -> Extractor:
    """FID's own Inception v3, from torch-fidelity's blocks, up to the 2048 features of its last pool.

    It takes 299 x 299 pixels as (value - 128) / 128 and does not resize: that is done with care before.
    """
    from torch_fidelity.feature_extractor_inceptionv3 import URL_INCEPTION_V3

    network = _inception().to(device).eval().requires_grad_(False)
    weights = files.fill(network.state_dict(), Published("FID's Inception v3", URL_INCEPTION_V3))
    return Extractor(
        name="inception (FID's Inception v3, 2048 features)",
        size=299,
        fit=fit,
        weights=weights,
        look=lambda images: (network((images - 128) / 128), None),
    )


def _inception() -> nn.Module:
    """The chain of blocks, under torch-fidelity's names."""
    from torch_fidelity import feature_extractor_inceptionv3 as blocks

    return nn.Sequential(
        OrderedDict(
            Conv2d_1a_3x3=blocks.BasicConv2d(3, 32, kernel_size=3, stride=2),
            Conv2d_2a_3x3=blocks.BasicConv2d(32, 32, kernel_size=3),
            Conv2d_2b_3x3=blocks.BasicConv2d(32, 64, kernel_size=3, padding=1),
            MaxPool_1=nn.MaxPool2d(kernel_size=3, stride=2),
            Conv2d_3b_1x1=blocks.BasicConv2d(64, 80, kernel_size=1),
            Conv2d_4a_3x3=blocks.BasicConv2d(80, 192, kernel_size=3),
            MaxPool_2=nn.MaxPool2d(kernel_size=3, stride=2),
            Mixed_5b=blocks.InceptionA(192, pool_features=32),
            Mixed_5c=blocks.InceptionA(256, pool_features=64),
            Mixed_5d=blocks.InceptionA(288, pool_features=64),
            Mixed_6a=blocks.InceptionB(288),
            Mixed_6b=blocks.InceptionC(768, channels_7x7=128),
            Mixed_6c=blocks.InceptionC(768, channels_7x7=160),
            Mixed_6d=blocks.InceptionC(768, channels_7x7=160),
            Mixed_6e=blocks.InceptionC(768, channels_7x7=192),
            Mixed_7a=blocks.InceptionD(768),
            Mixed_7b=blocks.InceptionE_1(1280),
            Mixed_7c=blocks.InceptionE_2(2048),
            AvgPool=nn.AdaptiveAvgPool2d(1),
            flatten=nn.Flatten(),
        )
    )


def open_vgg16(files: WeightFiles, fit: Fit, device: torch.device) -> Extractor:
    """torchvision's VGG16 up to its second fully connected layer and ReLU: 4096 features of 224 x 224 pixels."""
    network = vgg16(weights=None, init_weights=False)
    network.classifier = network.classifier[:5]
    network = network.to(device).eval().requires_grad_(False)
    weights = files.fill(network.state_dict(), IMAGENET)
    return Extractor(
        name="vgg16 (4096 features)",
        size=224,
        fit=fit,
        weights=weights,
        look=lambda images: (network(normalized(images / 127.5 - 1)), None),
    )


def open_classifier(folder: Path, fit: Fit | None, device: torch.device) -> Extractor:
    """The classifier of a training run, at the size and, unless `fit` says otherwise, with the fit of the run.

    Raises:
        UsageError: The folder is no finished run, or its run has no classifier.
    """
    run = open_run(folder)
    if "classifier" not in run.get("models", {}):
        raise UsageError(
            f"{folder} has no classifier: it is a run of {run.get('recipe')!r}",
            "`fashiontools train classifier` makes one",
        )
    network = load_network(folder, run, "classifier", device)

    def look(images: Tensor) -> tuple[Tensor, Tensor]:
        features = network.features(images / 127.5 - 1)
        return features, network.classify(features)

    return Extractor(
        name=f"classifier of {folder} ({network.width} features)",
        size=network.size,
        fit=fit or run["options"].get("fit", "crop"),
        weights=file_sha256(folder / MODEL),
        look=look,
    )
