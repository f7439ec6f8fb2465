"""The recipe `detector`: Chiaretti's thesis (2020), chapters 4.1 and 4.2."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from fashiontools.core.boxes import LABELS
from fashiontools.core.drawing import draw_boxes
from fashiontools.core.errors import UsageError
from fashiontools.core.images import fit_square
from fashiontools.core.provenance import TRAINED_ON
from fashiontools.evaluate.average_precision import Detected, Truth, average_precision
from fashiontools.models.detection.faster_rcnn import FasterRcnn, Found, Targets
from fashiontools.models.registry import MODELS
from fashiontools.train.boxes import PhotoBoxes
from fashiontools.train.pixels import to_images
from fashiontools.train.recipe import Batch, Data, Losses, Model, Picked, Place, Turn, seeded
from fashiontools.train.recipes.detector.jitter import draw_jitter, jittered
from fashiontools.train.recipes.detector.options import GAMMA, MOMENTUM, DetectorOptions
from fashiontools.train.recipes.detector.weights import begin_with
from fashiontools.train.schedules import cosine

_AT_ONCE = 8
_SHOWN = 8
_SIDE = 320
_WARM = 1 / 3
_TOLD = ("ap", "ap50", "ap75", "ar100")


class Detector:
    """A Faster R-CNN that learns boxes; two stages, four losses, one turn.

    Args:
        options: Of the recipe.
        data: The photos with their boxes; the labels are the classes.
        device: Where it is trained.

    Raises:
        UsageError: There is nothing to find, or the weights do not fit.
        Unavailable: The weights cannot be had.
    """

    shown = ("detector",)
    preview_columns = 4
    figures = ()
    in_one_process = False

    def __init__(self, options: DetectorOptions, data: Data, device: torch.device) -> None:
        self._options, self._data, self._device = options, data, device
        self.keeps_best = data.held_out is not None
        self._classes = _classes_of(data, options)
        self._most = max(len(one.labels) for one in data.boxes)
        frozen = options.weights != "none"
        settings = {
            "stride": options.finest,
            "frozen": frozen,
            "proposals": options.proposals,
            "samples": options.samples,
            "shorter": options.size,
            "longer": options.longest,
        }
        model = Model("faster-rcnn", {"backbone": options.backbone, "classes": self._classes, **settings})
        self.models = {"detector": model}
        network: FasterRcnn = MODELS[model.name].load()(**model.arguments)
        self.modules: dict[str, nn.Module] = {"detector": network}
        self.notes = [_told(data, self._classes)]
        self.facts: Mapping[str, Any] = {}
        if data.before is not None:  # its weights come from there
            self.facts = data.before.facts
        elif frozen:
            self.facts = {"weights": begin_with(network, options.backbone, options.weights, self.notes.append)}
        self.files = {TRAINED_ON: _trained_on(data)}
        self.turns = (Turn("detector", ("detector",), self._optimizer(), self._losses, schedule=self._factor),)
        if data.held_out is not None:
            self._check_labels(data.held_out)

    def _optimizer(self) -> Any:
        options = self._options
        if options.optimizer == "adamw":
            return partial(torch.optim.AdamW, lr=options.rate, weight_decay=options.weight_decay)
        momentum = MOMENTUM if options.momentum is None else options.momentum
        return partial(torch.optim.SGD, lr=options.rate, momentum=momentum, weight_decay=options.weight_decay)

    def _factor(self, place: Place) -> float:
        """Detectron's schedule: linear from a third in the warm-up, then steps; or along a cosine."""
        options = self._options
        warm = min(1.0, _WARM + (1 - _WARM) * place.step / options.warmup) if options.warmup else 1.0
        if options.schedule == "cosine":
            return warm * cosine(place)
        gamma = GAMMA if options.gamma is None else options.gamma
        return warm * gamma ** sum(place.step >= fall for fall in options.falls)

    # ------------------------------------------------------------------------------------------------------- training

    def draw(self, picked: Picked) -> dict[str, Tensor]:
        """What is on the photos of a step, in pixels as they come.

        Returns:
            `extents`, (B, 2) int64, height and width; `boxes`, (B, M, 4) float, left, top, right, bottom; `labels`,
            (B, M) int64, -1 where there is no box; with `--jitter` also `jitter`, as `draw_jitter` has it.
        """
        truth = self._truth(self._data, picked.numbers, picked.mirrored)
        amount, count = self._options.jitter, len(picked.numbers)
        if amount:
            truth["jitter"] = draw_jitter(count, amount, seeded(self._options.seed, picked.step))
        return truth

    def _truth(self, data: Data, numbers: np.ndarray, mirrored: np.ndarray) -> dict[str, Tensor]:
        extents = data.photos.sizes[numbers]
        boxes = np.zeros((len(numbers), self._most, 4), np.float32)
        labels = np.full((len(numbers), self._most), -1)
        for place, (number, is_mirrored) in enumerate(zip(numbers, mirrored, strict=True)):
            on = data.boxes[number]
            count = len(on.labels)
            boxes[place, :count] = _scaled(on, extents[place], mirrored=bool(is_mirrored))
            labels[place, :count] = [self._classes.index(label) for label in on.labels]
        return {
            "extents": torch.from_numpy(extents.astype(np.int64)),
            "boxes": torch.from_numpy(boxes),
            "labels": torch.from_numpy(labels.astype(np.int64)),
        }

    def share(self, batch: Batch) -> Batch:
        """Vary the photos, where `--jitter` says so."""
        if "jitter" not in batch:
            return batch
        photo, boxes, labels = jittered(
            batch["photo"], batch["extents"], batch["boxes"], batch["labels"], batch["jitter"]
        )
        return {**batch, "photo": photo, "boxes": boxes, "labels": labels}

    def _losses(self, batch: Batch) -> Losses:
        targets = Targets(batch["boxes"], batch["labels"])
        losses = self.modules["detector"](batch["photo"], batch["extents"], targets)
        return {"loss": torch.stack(list(losses.values())).sum(), **losses}

    # -------------------------------------------------------------------------------------------------------- judging

    def validate(self, data: Data) -> dict[str, float]:
        """COCO's numbers on held-out photos: AP, AP50, AP75, AR100, and of each class AP50."""
        truths = [
            Truth(one.boxes, np.array([self._classes.index(label) for label in one.labels], int)) for one in data.boxes
        ]
        numbers = average_precision(truths, self._find(data, np.arange(len(data.photos))), self._classes)
        told = {f"val_{name}": numbers[name] for name in _TOLD}
        return told | {f"val_ap50_{name}": numbers[f"ap50/{name}"] for name in self._classes}

    def _find(self, data: Data, numbers: np.ndarray) -> list[Detected]:
        """What is found on photos, in pixels of their files; those of like size are looked at together."""
        sizes = data.photos.sizes
        found: dict[int, Detected] = {}
        alike = sorted(numbers.tolist(), key=lambda number: (*sizes[number], number))
        for start in range(0, len(alike), _AT_ONCE):
            some = np.array(alike[start : start + _AT_ONCE])
            photo = to_images(torch.from_numpy(data.photos.batch(some)).to(self._device))
            extents = torch.from_numpy(sizes[some].astype(np.int64))
            together: list[Found] = self.modules["detector"](photo, extents)
            for number, one in zip(some.tolist(), together, strict=True):
                found[number] = _in_file(one, data.boxes[number], sizes[number])
        return [found[number] for number in numbers.tolist()]

    def preview(self) -> Tensor:
        """Eight photos, held-out ones where there are any, with what is found on them (surer than 0.5)."""
        data = self._data.held_out or self._data
        numbers = np.linspace(0, len(data.photos) - 1, min(_SHOWN, len(data.photos))).astype(int)
        pictures = []
        for number, found in zip(numbers, self._find(data, numbers), strict=True):
            height, width = data.photos.sizes[number]
            pixels = data.photos.batch(np.array([number]))[0, :height, :width]
            scale = np.array([width, height] * 2) / ([data.boxes[number].width, data.boxes[number].height] * 2)
            sure = found.scores >= 0.5
            told = [f"{self._classes[n]} {s:.2f}" for n, s in zip(found.labels[sure], found.scores[sure], strict=True)]
            drawn = draw_boxes(pixels, found.boxes[sure] * scale, told, found.labels[sure])
            pictures.append(fit_square(drawn, _SIDE, "pad"))
        return to_images(np.stack(pictures))

    def best_epoch(self, epochs: list[dict[str, float]]) -> tuple[int, str]:
        """The highest AP on held-out photos, else the least loss."""
        if "val_ap" in epochs[-1]:
            scores = [-1.0 if np.isnan(epoch["val_ap"]) else epoch["val_ap"] for epoch in epochs]
            return scores.index(max(scores)), "highest AP on held-out photos"
        losses = [sum(value for name, value in epoch.items() if name.startswith("loss_")) for epoch in epochs]
        return losses.index(min(losses)), "least loss"

    def _check_labels(self, held_out: Data) -> None:
        unknown = sorted({label for one in held_out.boxes for label in one.labels} - set(self._classes))
        if unknown:
            raise UsageError(f"held-out photos have labels that the others have not: {', '.join(unknown)}")


def _classes_of(data: Data, options: DetectorOptions) -> list[str]:
    """The labels: upper, lower and full first, others by name.

    Raises:
        UsageError: There are none, or the run that it begins with has others.
    """
    labels = {label for one in data.boxes for label in one.labels}
    if not labels:
        raise UsageError("there is nothing to find: no photo has a box")
    classes = [label for label in LABELS if label in labels] + sorted(labels - set(LABELS))
    before = data.before.arguments.get("detector", {}).get("classes", classes) if data.before else classes
    if before != classes:
        raise UsageError(
            f"--init-from {options.init_from}: it finds {', '.join(before)}, here are {', '.join(classes)}"
        )
    return classes


def _trained_on(data: Data) -> bytes:
    """SHA-256 of the photos that the network has learned from, sorted, one a line: those of an earlier run too."""
    earlier = data.before.files.get(TRAINED_ON, b"").decode().split() if data.before else []
    return "".join(f"{digest}\n" for digest in sorted({*earlier, *(one.sha256 for one in data.boxes)})).encode()


def _told(data: Data, classes: Sequence[str]) -> str:
    every = [label for one in data.boxes for label in one.labels]
    counts = ", ".join(f"{name} {every.count(name):,}" for name in classes)
    without = sum(not one.labels for one in data.boxes)
    return f"{len(every):,} boxes: {counts}" + (f"; {without:,} photos without any" if without else "")


def _scaled(on: PhotoBoxes, extent: np.ndarray, *, mirrored: bool) -> np.ndarray:
    """(M, 4) left, top, right, bottom, pixels of a scaled photo of this height and width."""
    height, width = extent
    x, y = on.boxes[:, 0] * width / on.width, on.boxes[:, 1] * height / on.height
    right, bottom = x + on.boxes[:, 2] * width / on.width, y + on.boxes[:, 3] * height / on.height
    left, right = (width - right, width - x) if mirrored else (x, right)
    return np.stack([left, y, right, bottom], axis=1)


def _in_file(found: Found, on: PhotoBoxes, extent: np.ndarray) -> Detected:
    height, width = extent
    left, top, right, bottom = found.boxes.double().cpu().numpy().T
    across, down = on.width / width, on.height / height
    boxes = np.stack([left * across, top * down, (right - left) * across, (bottom - top) * down], axis=1)
    return Detected(boxes, found.labels.cpu().numpy(), found.scores.double().cpu().numpy())
