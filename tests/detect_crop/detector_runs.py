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
SEED = 7
_SPREAD = 1.5


def detector(seed: int = SEED) -> FasterRcnn:
    """A small detector with random weights whose boxes and scores depend on what is on the photo."""
    torch.manual_seed(seed)
    network = FasterRcnn("mobilenet", CLASSES, proposals=60, shorter=SIZE, longer=MAX_SIZE)
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.momentum = 1.0
    # Batch norms and scores learn what goes through them, else all photos would look alike.
    blocks = torch.rand(16, 3, 6, 6) * torch.linspace(0.1, 1, 16).view(16, 1, 1, 1)
    photos = 1 - 2 * functional.interpolate(blocks, size=SIZE)
    scores: list[torch.Tensor] = []
    layer = network.roi_heads.box_predictor.cls_score
    watched = layer.register_forward_hook(lambda _layer, _given, made: scores.append(made))
    with torch.no_grad():
        network.backbone.train()(photos)
        network.eval()(photos, torch.full((16, 2), SIZE))
        spread, middle = torch.std_mean(scores[0], dim=0)
        layer.weight *= (_SPREAD / spread)[:, None]
        layer.bias.copy_((layer.bias - middle) * _SPREAD / spread)
    watched.remove()
    return network


def write_run(folder: Path, seed: int = SEED, *, best: int | None = None, **changes: object) -> Path:
    """A finished run; `best` is the seed of other weights that were judged best, `changes` go into `run.json`."""
    folder.mkdir(parents=True)
    for name, which in (("model", seed), ("best", best)):
        if which is not None:
            tensors = {f"detector.{key}": value.contiguous() for key, value in detector(which).state_dict().items()}
            save_file(tensors, folder / f"{name}.safetensors")
    arguments = {
        "backbone": "mobilenet",
        "classes": list(CLASSES),
        "proposals": 60,
        "shorter": SIZE,
        "longer": MAX_SIZE,
    }
    record = {
        "command": "train",
        "recipe": "detector",
        "complete": True,
        "options": {},
        "models": {"detector": {"name": "faster-rcnn", "arguments": arguments}},
    }
    (folder / "run.json").write_text(json.dumps({**record, **changes}))
    return folder
