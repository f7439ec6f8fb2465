"""The step of `detect-crop`: photos to crops of what a detector finds on them, or to rows with its boxes."""

from collections.abc import Iterator, Sequence
from itertools import chain

from fashiontools.core.contact_sheet import PREVIEW
from fashiontools.core.errors import BadRow, UsageError
from fashiontools.core.manifest import Row, Table
from fashiontools.core.output import Output
from fashiontools.core.parallel import usable_cores
from fashiontools.core.progress import Progress
from fashiontools.detect_crop.choosing import Choice
from fashiontools.detect_crop.cropper import COMPANIONS, Cropper, Framing, Outcome
from fashiontools.detect_crop.detectors import keep_trained_on, open_detector
from fashiontools.detect_crop.options import DetectCropOptions
from fashiontools.detect_crop.preview import BoxSheet
from fashiontools.detect_crop.rejected import REJECTED, Rejected

_WINDOW = 64
_AHEAD = 10_000
"""Rows among which a label is looked for: a stream is not held up for ever."""
_FOUND = ("box", "label", "score")


def detect_crop(table: Table, options: DetectCropOptions, out: Output, progress: Progress) -> Table:
    """Find garments on the photos of a table, and cut them out.

    Args:
        table: Rows with `path`; of a photo with several rows, one for each box, the first is worked on.
        options: Which detector, which of its boxes, and how they are cut.
        out: Where: `NAME.png`, further crops of a photo as `NAME-2.png` and so on, and what belongs to them in
            `_mask`, `_garment` and `_target`; `rejected.csv` lists the photos without a kept box, `trained-on.txt`
            those that a run was trained on.
        progress: Where progress goes.

    Returns:
        One row for each kept box, with `box`, `label` and `score`: of the crop, with `parent`, `width` and `height`, or
        of the photo itself. What described the old pixels and cannot be cut is emptied.

    Raises:
        UsageError: The model is no run that detects, or another than before, or nothing could be of a kept class.
        Unavailable: Its weights cannot be had.
    """
    photos = Table(table.columns, _one_per_photo(table))
    added = _FOUND if options.boxes_only else ("parent", *_FOUND, "width", "height")
    if options.dry_run:
        return out.each(photos, None, progress, added=added)
    detector = open_detector(options, out, progress)
    if not detector.classes and options.kept and "full" not in options.kept:
        photos = _refuse_unlabelled(photos, options.kept)
    choice = Choice(options.rule, options.kept, options.min_score, options.min_size)
    framing = None if options.boxes_only else Framing(options.margin, options.square, options.size)
    cropper = Cropper(detector, choice, framing, out.path(""), options.workers or usable_cores())
    rejected = Rejected(out.path(""), table.columns, out.totals, afresh=options.overwrite)

    def together(rows: list[Row]) -> list[list[Row] | BadRow]:
        outcomes = cropper.work(rows)
        worked = [
            (row, one.rejection if isinstance(one, Outcome) else None) for row, one in zip(rows, outcomes, strict=True)
        ]
        rejected.settle(worked)
        out.extra_totals = {"rejected": sum(rejected.reasons.values())}
        return [one.rows if isinstance(one, Outcome) else one for one in outcomes]

    begun = Table(photos.columns, _begun(rejected.watch(photos), options, out))
    done = out.each(begun, None, progress, added=added, together=together, window=_WINDOW)
    if options.preview:
        done = BoxSheet(out.path(PREVIEW), detector.classes).watch(done)
    return Table(done.columns, _then_told(done, rejected, progress))


def _one_per_photo(table: Table) -> Iterator[Row]:
    """The rows without further ones of the same photo, which say what else is on it; bad rows are passed on."""
    last = None
    for row in table.rows:
        if not row.is_bad:
            photo = tuple(row.get(column, "") for column in ("path", *COMPANIONS))
            if photo == last:
                continue
            last = photo
        yield row


def _refuse_unlabelled(table: Table, kept: Sequence[str]) -> Table:
    """The same rows, for a detector that takes its classes from them.

    Raises:
        UsageError: None has a label, so that all boxes would be `full`, and that is not kept.
    """
    rows, ahead = iter(table.rows), []
    for row in rows if "label" in table.columns else ():
        ahead.append(row)
        if row.get("label") or len(ahead) == _AHEAD:
            break
    else:
        if ahead or "label" not in table.columns:
            raise UsageError(f"--keep {','.join(kept)}: no row of the input has a label, and so each box is `full`")
    return Table(table.columns, chain(ahead, rows))


def _begun(table: Table, options: DetectCropOptions, out: Output) -> Iterator[Row]:
    keep_trained_on(options, out)
    yield from table.rows


def _then_told(table: Table, rejected: Rejected, progress: Progress) -> Iterator[Row]:
    yield from table.rows
    reasons = sorted(rejected.reasons.items(), key=lambda item: -item[1])
    if reasons:
        told = ", ".join(f"{count:,} {reason}" for reason, count in reasons)
        progress.note(f"{sum(rejected.reasons.values()):,} photos without a kept box are in {REJECTED}: {told}")
