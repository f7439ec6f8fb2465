"""Run folders of `train detector` without the training: a network with random weights that is sure of what it sees."""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional

from fashiontools.models.detection.faster_rcnn import FasterRcnn

CLASSES = ("upper", "lower", "full")
SIZE, MAX_SIZE = 96, 160


def detector(seed: int) -> FasterRcnn:
    """A small detector with random weights whose boxes and scores depend on what is on the photo."""
    torch.manual_seed(seed)
    network = FasterRcnn("mobilenet", CLASSES, proposals=60)
    with torch.no_grad():
        for part in network.backbone.train().modules():
            if isinstance(part, nn.BatchNorm2d):
                part.momentum = 1.0
        noise = functional.interpolate(torch.rand(16, 3, 12, 12) * 2 - 1, size=SIZE)
        network.backbone(noise)  # the batch norms learn what goes through them, else all photos would look alike
    return network.eval()


def write_run(folder: Path, seed: int = 0, *, best: int | None = None, **changes: object) -> Path:
    """A finished run; `best` is the seed of other weights that were judged best, `changes` go into `run.json`."""
    folder.mkdir(parents=True)
    for name, which in (("model", seed), ("best", best)):
        if which is not None:
            tensors = {f"detector.{key}": value.contiguous() for key, value in detector(which).state_dict().items()}
            save_file(tensors, folder / f"{name}.safetensors")
    arguments = {"backbone": "mobilenet", "classes": list(CLASSES), "proposals": 60}
    record = {
        "command": "train",
        "recipe": "detector",
        "complete": True,
        "options": {"size": SIZE, "max_size": MAX_SIZE},
        "models": {"detector": {"name": "faster-rcnn", "arguments": arguments}},
    }
    (folder / "run.json").write_text(json.dumps({**record, **changes}))
    return folder
