"""Seeded networks that stand in for trained ones: their features mean nothing, and are the same everywhere."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from box_commands import Run, Scores, ap, make_clothes
from safetensors.torch import save_file
from torch import nn
from torch_fidelity.feature_extractor_inceptionv3 import BasicConv2d, FeatureExtractorInceptionV3

from fashiontools.models.classifier.resnet18 import ResNet18


class _Untrained(FeatureExtractorInceptionV3):
    """torch-fidelity's network itself, where it would load its weights left as it is."""

    def load_state_dict(self, *_: object, **__: object) -> None:
        pass


@pytest.fixture(scope="session")
def seeded_inception(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A weights file for FID's Inception v3, with weights that keep activations alive."""
    folder = tmp_path_factory.mktemp("inception")
    torch.save({}, folder / "none.pth")
    torch.manual_seed(0)
    network = _Untrained("seeded", ["2048"], str(folder / "none.pth"))
    for block in network.modules():
        if isinstance(block, BasicConv2d):
            nn.init.kaiming_normal_(block.conv.weight)
    torch.save(network.state_dict(), folder / "inception.pth")
    return folder / "inception.pth"


@pytest.fixture(scope="session")
def classifier() -> ResNet18:
    """A seeded classifier of three classes at 32 x 32 pixels."""
    torch.manual_seed(0)
    return ResNet18(["dress", "hat", "pants"], 32).eval()


@pytest.fixture(scope="session")
def write_run() -> Callable[..., None]:
    """Write the `run.json` of a training run: its folder, its networks, and whether it is complete."""

    def write(folder: Path, models: dict[str, object], *, complete: bool = True) -> None:
        record = {
            "command": "train",
            "recipe": "classifier" if "classifier" in models else "dcgan",
            "options": {"size": 32, "fit": "crop"},
            "models": models,
            "complete": complete,
        }
        (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")

    return write


@pytest.fixture(scope="session")
def classifier_run(
    classifier: ResNet18, write_run: Callable[..., None], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A run folder of that classifier, as `train classifier` leaves it."""
    folder = tmp_path_factory.mktemp("runs") / "classifier"
    folder.mkdir()
    tensors = {f"classifier.{name}": tensor for name, tensor in classifier.state_dict().items()}
    save_file(tensors, folder / "model.safetensors")
    arguments = {"classes": classifier.classes, "size": classifier.size}
    write_run(folder, {"classifier": {"name": "classifier", "arguments": arguments}})
    return folder


@pytest.fixture(scope="session")
def clothes(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`set`: photos with boxes, imported; `found`: what a made-up detector found on them, with `split`."""
    folder = tmp_path_factory.mktemp("clothes")
    make_clothes(folder, run)
    return folder


@pytest.fixture(scope="session")
def whole(run: Run, clothes: Path) -> Scores:
    """The scores of all that was found, on all photos."""
    return ap(run, clothes)
