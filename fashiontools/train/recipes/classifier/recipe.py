"""The recipe `classifier`: supervised, one turn."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from fashiontools.core.errors import UsageError
from fashiontools.core.weights import Published, fetch, load_weights
from fashiontools.models.registry import MODELS
from fashiontools.train.pixels import to_images
from fashiontools.train.recipe import Batch, Data, Losses, Model, Picked, Turn
from fashiontools.train.recipes.classifier.options import LABEL, ClassifierOptions
from fashiontools.train.schedules import cosine

IMAGENET = Published("ResNet-18", "https://download.pytorch.org/models/resnet18-f37072fd.pth")
_AT_ONCE = 128
_SHOWN = 64


class Classifier:
    """A ResNet-18 that tells the labels of photos apart, by cross-entropy.

    Args:
        options: Of the recipe.
        data: The photos; the labels of their rows are the classes, in alphabetical order.
        device: Where it is trained.

    Raises:
        UsageError: The rows have fewer than two labels, or the weights do not fit.
        Unavailable: The weights cannot be had.
    """

    shown = ("classifier",)
    files: Mapping[str, bytes] = {}
    preview_columns = 8
    figures = ()
    in_one_process = False
    keeps_best = False

    def __init__(self, options: ClassifierOptions, data: Data, device: torch.device) -> None:
        self._options, self._data, self._device = options, data, device
        classes = sorted({row.get(LABEL, "") for row in data.rows})
        if len(classes) < 2:
            raise UsageError(f"there is nothing to tell apart: the only label is {classes[0]!r}")
        before = data.before.arguments.get("classifier", {}).get("classes", classes) if data.before else classes
        if before != classes:  # they may have the same shapes, and mean something else
            told = f"{', '.join(before)}, and here are {', '.join(classes)}"
            raise UsageError(f"--init-from {options.init_from}: it tells apart {told}")
        self._numbers = {label: number for number, label in enumerate(classes)}
        self._labels = self._labels_of(data)
        self.models = {"classifier": Model("classifier", {"classes": classes, "size": options.size})}
        self.modules: dict[str, nn.Module] = {
            name: MODELS[model.name].load()(**model.arguments) for name, model in self.models.items()
        }
        self.facts: Mapping[str, str] = {}
        self.notes: list[str] = []
        if options.weights is not None:
            self.facts = {
                "weights": _load_weights(self.modules["classifier"].network, options.weights, self.notes.append)
            }
        adam = partial(torch.optim.AdamW, lr=options.rate, weight_decay=options.weight_decay)
        self.turns = (Turn("classifier", ("classifier",), adam, self._losses, schedule=cosine),)

    def _labels_of(self, data: Data) -> Tensor:
        """(photos,) int64, the numbers of their labels."""
        unknown = {row.get(LABEL, "") for row in data.rows} - set(self._numbers)
        if unknown:
            raise UsageError(f"--validation has labels that the photos have not: {', '.join(sorted(unknown))}")
        return torch.tensor([self._numbers[row.get(LABEL, "")] for row in data.rows])

    def draw(self, picked: Picked) -> dict[str, Tensor]:
        """`label`, (B,) int64."""
        return {"label": self._labels[picked.numbers]}

    def share(self, batch: Batch) -> Batch:
        """Nothing: there is one turn."""
        return batch

    def _losses(self, batch: Batch) -> Losses:
        logits = self.modules["classifier"](batch["photo"]).float()
        loss = functional.cross_entropy(logits, batch["label"], label_smoothing=self._options.smoothing)
        right = (logits.argmax(dim=1) == batch["label"]).float().mean()
        return {"loss": loss, "loss_label": loss, "accuracy": right}

    def validate(self, data: Data) -> dict[str, float]:
        """Cross-entropy and accuracy on held-out photos."""
        labels, loss, right = self._labels_of(data), 0.0, 0
        for start in range(0, len(labels), _AT_ONCE):
            numbers = np.arange(start, min(start + _AT_ONCE, len(labels)))
            logits, wanted = self._judged(data, numbers).cpu(), labels[numbers]
            loss += functional.cross_entropy(logits, wanted, reduction="sum").item()
            right += int((logits.argmax(dim=1) == wanted).sum())
        return {"val_loss": loss / len(labels), "val_accuracy": right / len(labels)}

    def _judged(self, data: Data, numbers: np.ndarray) -> Tensor:
        return self.modules["classifier"](to_images(data.photos.batch(numbers)).to(self._device)).float()

    def preview(self) -> Tensor:
        """Up to 64 photos, held-out ones where there are any, in the order of the labels that they are given."""
        data = self._data.held_out or self._data
        numbers = np.linspace(0, len(data.photos) - 1, min(_SHOWN, len(data.photos))).astype(int)
        given = self._judged(data, numbers).argmax(dim=1).cpu()
        return to_images(data.photos.batch(numbers))[torch.argsort(given, stable=True)]

    def best_epoch(self, epochs: list[dict[str, float]]) -> tuple[int, str]:
        """The epoch with the best held-out accuracy, else with the best accuracy."""
        name = "val_accuracy" if "val_accuracy" in epochs[-1] else "accuracy"
        scores = [epoch[name] for epoch in epochs]
        return scores.index(max(scores)), f"highest {name}"


def _load_weights(network: nn.Module, weights: str, say: Callable[[str], None]) -> str:
    """Load all of a ResNet-18's weights but the last layer's; returns the SHA-256 of their file."""
    file = fetch(IMAGENET, say) if weights == "imagenet" else Path(weights)
    wanted = {name: tensor for name, tensor in network.state_dict().items() if not name.startswith("fc.")}
    return load_weights(wanted, file, "torchvision's resnet18", "--weights")
