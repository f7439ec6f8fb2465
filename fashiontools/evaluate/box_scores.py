"""Detections scored against the boxes of a reference: photos found, arrays made, numbers told."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fashiontools.core.errors import BadRow, UsageError
from fashiontools.core.manifest import Row, Table, failed
from fashiontools.core.output import write_table
from fashiontools.core.progress import Progress
from fashiontools.core.totals import Totals
from fashiontools.evaluate import tell
from fashiontools.evaluate.average_precision import Detected, Truth
from fashiontools.evaluate.box_estimates import BoxEstimates, estimate
from fashiontools.evaluate.box_reference import Image, Reference, read_reference
from fashiontools.evaluate.detections import DetectedPhoto, read_detections
from fashiontools.evaluate.error_kinds import COUNTED, MISSED
from fashiontools.evaluate.options import EvaluateOptions
from fashiontools.evaluate.same_photos import BY_NAME, find_photos
from fashiontools.evaluate.seen import UNKNOWN, refuse_seen, trained_on
from fashiontools.evaluate.statistics import Score


@dataclass(frozen=True)
class BoxScores:
    """What was found.

    Attributes:
        scores: The rows.
        recipe: How they were made.
        totals: Of the detections.
    """

    scores: list[Score]
    recipe: str
    totals: Totals


@dataclass(frozen=True)
class _Pairing:
    """The photos that are scored, and what was found on each: several, where the reference's photo has more names."""

    images: list[Image]
    photos: list[list[DetectedPhoto]]
    how: str


def score_boxes(names: Sequence[str], table: Table, options: EvaluateOptions, progress: Progress) -> BoxScores:
    """Score detections.

    Args:
        names: The input as it was named: beside it `run.json` says which detector it is from.
        table: The detections: `path`, `box`, `label` and `score`, and `parent` where the box is in its pixels.
        options: The reference, its split, the chosen score and overlap, the seed, and what else to write.
        progress: Where progress goes.

    Raises:
        UsageError: A column is missing, nothing matches the reference, or the detector was trained on these photos.
        TooManyBadRows: In the reference; or in the detections, and nothing is left.
    """
    if options.reference is None:
        raise UsageError("ap needs the boxes that were to be found: name them with --reference annotations.json")
    table.require("box", "label", "score", why="ap scores boxes with their labels and scores, as detect-crop writes")
    reference = read_reference(options.reference)
    if reference.totals.bad or reference.totals.passed:
        progress.note(f"reference: {reference.totals.told()}")
    reference.totals.judge(options.max_errors)
    if not any(image.boxes for image in reference.images):
        raise UsageError(f"{options.reference} has no boxes: ap compares detections with those that were to be found")
    images = reference.of_split(options.reference_split)
    totals = Totals()
    photos = read_detections(progress.track(table.rows, "rows"), totals)
    pairing = _pair(photos, reference, images, totals, options, progress)
    seen = _seen(names, pairing, options, progress)
    classes = reference.classes
    truths = [_truth(image, classes) for image in images]
    detected = [_detected(found, classes) for found in pairing.photos]
    _refuse_strangers(pairing, classes, progress)
    if not any(len(truth.boxes) for truth in truths):
        raise UsageError("these photos of the reference have no boxes: there is nothing to find")
    found = estimate(
        truths, detected, classes, at_score=options.least_score, at_iou=options.least_iou, seed=options.seed
    )
    if options.plot:
        from fashiontools.evaluate.curves import draw_curves

        draw_curves(options.plot, found.accumulated, classes, found.counts.boxes.sum(axis=0))
    _write_images(images, found, options)
    recipe = tell.boxes_recipe(options, truths, pairing.how, found.resamples, seen)
    return BoxScores(found.scores, recipe, totals)


# ------------------------------------------------------------------------------------------------- photos to photos


def _pair(
    photos: list[DetectedPhoto],
    reference: Reference,
    images: list[Image],
    totals: Totals,
    options: EvaluateOptions,
    progress: Progress,
) -> _Pairing:
    """Find the photos of the detections in the reference, and count their rows."""
    numbers, how = find_photos(photos, reference.images)
    for photo, number in zip(photos, numbers, strict=True):
        for _ in range(photo.rows):
            totals.count(failed(Row(), number) if isinstance(number, BadRow) else Row())
    if not totals.done:
        totals.judge(options.max_errors)
        raise UsageError("nothing to score: the input has no good rows")
    found: dict[int, list[DetectedPhoto]] = {}
    for photo, number in zip(photos, numbers, strict=True):
        if isinstance(number, int):
            found.setdefault(id(reference.images[number]), []).append(photo)
    if not found:
        raise UsageError(
            f"no photo with detections is one of {options.reference}: here {photos[0].path}, there "
            f"{reference.images[0].path}; expected the same files, or copies of the same names below a folder"
        )
    strange = [photo for photo, number in zip(photos, numbers, strict=True) if number is None]
    if strange:
        progress.note(f"{_told(strange)} that the reference does not have are left out, such as {strange[0].path}")
    pairing = _Pairing(images, [found.get(id(image), []) for image in images], how)
    _tell_photos(pairing, found, options, progress)
    return pairing


def _tell_photos(
    pairing: _Pairing, found: dict[int, list[DetectedPhoto]], options: EvaluateOptions, progress: Progress
) -> None:
    here = {id(image) for image in pairing.images}
    others = [photo for image, several in found.items() if image not in here for photo in several]
    if others and len(others) == sum(map(len, found.values())):
        raise UsageError(f"no detection is on a photo of --reference-split {options.reference_split}")
    if others:
        progress.note(f"{_told(others)} of other splits are left out")
    if pairing.how == BY_NAME:
        progress.note("no photo is the reference's own file: they are told by their names")
    most = max(len(photo.boxes) for several in pairing.photos for photo in several)
    if most == 1 < max(len(image.boxes) for image in pairing.images):
        progress.note("no photo has two detections, and ap wants all there are (detect-crop --all --min-score 0)")
    if bare := sum(not several for several in pairing.photos):
        split = not options.reference_split and any(word.startswith("split") for word in options.where or ())
        progress.note(
            f"{bare:,} of {len(pairing.images):,} photos have no detections at all: their boxes count as missed"
            + (" (--reference-split names the split that is scored)" if split else "")
        )


def _told(photos: list[DetectedPhoto]) -> str:
    return f"{sum(len(photo.boxes) for photo in photos):,} detections on {len(photos):,} photos"


def _seen(names: Sequence[str], pairing: _Pairing, options: EvaluateOptions, progress: Progress) -> str:
    readable = [
        found[0] if found and not os.path.exists(image.path) else image
        for image, found in zip(pairing.images, pairing.photos, strict=True)
    ]
    others = not options.reference_split and any(image.split == "val" for image in pairing.images)
    split = "--reference-split val scores it on others, " if others else ""
    hint = f"{split}--allow-seen scores it all the same"
    told = refuse_seen(trained_on(names), readable, allowed=options.allow_seen, hint=hint)
    if told.startswith(UNKNOWN):
        progress.note(told)
    return told


# ----------------------------------------------------------------------------------------------------------- arrays


def _truth(image: Image, classes: tuple[str, ...]) -> Truth:
    labels = [classes.index(label) for label in image.labels]
    boxes = np.array(image.boxes, np.float64).reshape(-1, 4)
    return Truth(boxes, np.array(labels, int), np.array(image.areas, np.float64), np.array(image.crowd, bool))


def _detected(photos: list[DetectedPhoto], classes: tuple[str, ...]) -> Detected:
    """The detections on a photo whose labels the reference knows, as COCO's evaluation takes them."""
    kept = [
        (box, classes.index(label), score)
        for photo in photos
        for box, label, score in zip(photo.boxes, photo.labels, photo.scores, strict=True)
        if label in classes
    ]
    boxes, labels, scores = zip(*kept, strict=True) if kept else ((), (), ())
    return Detected(np.array(boxes, np.float64).reshape(-1, 4), np.array(labels, int), np.array(scores, np.float64))


def _refuse_strangers(pairing: _Pairing, classes: tuple[str, ...], progress: Progress) -> None:
    """Say which labels the reference lacks.

    Raises:
        UsageError: It lacks them all.
    """
    labels = Counter(label for several in pairing.photos for photo in several for label in photo.labels)
    strange = {label: count for label, count in labels.items() if label not in classes}
    told = ", ".join(f"{label}: {count:,}" for label, count in sorted(strange.items())[:5])
    if strange and len(strange) == len(labels):
        raise UsageError(f"no detection has a label of the reference: {told}; expected {', '.join(classes)}")
    if strange:
        progress.note(f"labels that the reference lacks are left out, as COCO does ({told})")


# --------------------------------------------------------------------------------------------------------- per image


def _write_images(images: list[Image], found: BoxEstimates, options: EvaluateOptions) -> None:
    """Write what became of each photo of the reference, where `--per-image` asks for it."""
    if options.per_image is None:
        return
    counts = found.counts
    rows = []
    for number, image in enumerate(images):
        boxes, hits = int(counts.boxes[number].sum()), int(counts.hits[number].sum())
        values = {
            "boxes": boxes,
            "true_positives": hits,
            "false_positives": int(counts.wrong[number].sum()),
            "false_negatives": boxes - hits,
            **dict(zip(COUNTED[1:], counts.verdicts[number, :, 1:].sum(axis=0).tolist(), strict=True)),
            MISSED: int(counts.missed[number].sum()),
        }
        rows.append(Row({"path": image.path, "split": image.split, **{key: str(n) for key, n in values.items()}}))
    write_table(options.per_image, tuple(rows[0]), rows)
