"""How healthy an imported set is: boxes per class and size, photos without boxes, splits, what was left out and why."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from fashiontools.core.boxes import LABELS, SIZES, parse_box, size_of
from fashiontools.core.manifest import Row


class Health:
    """Counts the rows of an import as they go by; the boxes of a photo are adjacent.

    Attributes:
        labels: Boxes by class.
        categories: Boxes by fine category; a box with several, separated by commas, counts for each.
    """

    def __init__(self) -> None:
        self.labels: Counter[str] = Counter()
        self.categories: Counter[str] = Counter()
        self._sizes: Counter[str] = Counter()
        self._splits: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self._photos = self._boxless = 0
        self._path = ""

    def count(self, row: Row) -> None:
        """Count one row of the output."""
        if row.is_bad:
            self._reasons[row.get("error", "").partition(":")[0]] += 1
            return
        if row["path"] != self._path:
            self._path = row["path"]
            self._photos += 1
            self._boxless += not row.get("box")
            self._splits[row.get("split", "")] += 1
        if row.get("box"):
            self.labels[row.get("label", "")] += 1
            self._sizes[size_of(parse_box(row["box"]).area)] += 1
            self.categories.update(filter(None, row.get("category", "").split(", ")))

    def totals(self) -> dict[str, Any]:
        """The counts that `run.json` keeps."""
        return {"photos": self._photos, "photos_without_boxes": self._boxless, "boxes": dict(self._ordered_labels())}

    def lines(self) -> Iterator[str]:
        """The summary, as sentences."""
        boxes = self.labels.total()
        if boxes:
            labels = ", ".join(f"{label or 'no label'} {count:,}" for label, count in self._ordered_labels())
            yield f"{boxes:,} boxes on {self._photos - self._boxless:,} photos: {labels}"
            sizes = ", ".join(f"{size} {self._sizes[size]:,}" for size in SIZES)
            yield f"sizes as COCO counts them: {sizes}; {self._boxless:,} photos without boxes"
        splits = ", ".join(f"{split} {count:,}" for split, count in sorted(self._splits.items()) if split)
        if splits:
            yield f"photos by split: {splits}"
        if self._reasons:
            yield "bad rows: " + ", ".join(f"{count:,} {reason}" for reason, count in self._reasons.most_common())

    def _ordered_labels(self) -> list[tuple[str, int]]:
        known = [(label, self.labels[label]) for label in LABELS if self.labels[label]]
        return known + [item for item in self.labels.most_common() if item[0] not in LABELS]
