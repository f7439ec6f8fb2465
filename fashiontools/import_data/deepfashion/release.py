"""The two releases of the set: coarse lists by name, fine files whose lines belong together by their numbers."""

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple, Protocol

from fashiontools.core.boxes import LABELS
from fashiontools.core.errors import BadRow, UsageError
from fashiontools.import_data.lists import Index, Line, TextList
from fashiontools.import_data.sources import first_there
from fashiontools.import_data.splits import SPLITS

CATEGORIES = "list_category_cloth.txt"
_COARSE, _FINE = ("Anno_coarse", "Anno/Anno_coarse", "Anno"), ("Anno_fine", "Anno/Anno_fine", "Anno")
_COARSE_FILE, _FINE_FILE = "list_category_img.txt", "train_cate.txt"
_PARTITION = ("Eval/list_eval_partition.txt", "list_eval_partition.txt")
_CORNERS = "IMAGE X_1 Y_1 X_2 Y_2"


class Listed(NamedTuple):
    """A photo as the set lists it.

    Attributes:
        name: Its path in the set, which begins with `img/`; empty where the line does not say.
        category: The number of its category, from 1.
        corners: x_1, y_1, x_2, y_2 in pixels.
        split: `train`, `val`, `test`, or empty where the set says nothing.
        problem: Why it cannot be used; empty where it can.
        where: File and line.
    """

    name: str
    category: int = 0
    corners: tuple[int, ...] = ()
    split: str = ""
    problem: str = ""
    where: str = ""


class Release(Protocol):
    """What a release can be asked."""

    folder: Path

    def names(self) -> Iterator[str]:
        """The names of all photos."""
        ...

    def photos(self) -> Iterator[Listed]:
        """All photos."""
        ...

    def remarks(self) -> Iterator[str]:
        """What does not add up in it, asked once all photos went by."""
        ...


def open_release(folder: Path, wanted: str) -> Release:
    """Find the annotations.

    Args:
        folder: The folder of the set.
        wanted: `auto`, `coarse` or `fine`.

    Raises:
        UsageError: They are not there.
    """
    if wanted != "fine" and (file := first_there(folder, [f"{place}/{_COARSE_FILE}" for place in _COARSE])):
        return CoarseRelease(file.parent, first_there(folder, _PARTITION))
    if wanted != "coarse" and (file := first_there(folder, [f"{place}/{_FINE_FILE}" for place in _FINE])):
        return FineRelease(file.parent)
    files = {"coarse": f"Anno_coarse/{_COARSE_FILE}", "fine": f"Anno_fine/{_FINE_FILE}"}
    expected = files.get(wanted) or " or ".join(files.values())
    raise UsageError(f"{folder}: no {expected}; expected DeepFashion's Category and Attribute Prediction, unpacked")


def read_categories(folder: Path) -> list[tuple[str, str]]:
    """The categories by number, from 0: name in lower case, and `upper`, `lower` or `full`.

    Raises:
        UsageError: The list is damaged: nothing of the set can be understood without it.
    """
    found = []
    source = TextList(folder / CATEGORIES)
    for line in source:
        *name, kind = (line.name, *line.values)
        if not name or kind not in ("1", "2", "3"):
            told = line.differs("CATEGORY TYPE, a type of 1 (upper), 2 (lower) or 3 (full)")
            raise UsageError(f"{folder / CATEGORIES}:{line.number}: {told}")
        found.append((" ".join(name).lower(), LABELS[int(kind) - 1]))
    if len(found) != source.stated:
        raise UsageError(f"{folder / CATEGORIES} says that it has {source.stated} categories, and has {len(found)}")
    return found


class CoarseRelease:
    """Lists of the whole set, each with its photos' names.

    Args:
        folder: Where `list_category_img.txt` and `list_bbox.txt` are.
        partition: The file that says who trains, or None.
    """

    def __init__(self, folder: Path, partition: Path | None) -> None:
        self.folder = folder
        self._listed = TextList(folder / _COARSE_FILE)
        self._boxes = Index(TextList(folder / "list_bbox.txt"))
        self._partition = Index(TextList(partition)) if partition else None
        self._count = 0

    def names(self) -> Iterator[str]:
        """The names of all photos."""
        return (line.name for line in self._listed)

    def photos(self) -> Iterator[Listed]:
        """All photos, in the order of `list_category_img.txt`."""
        for line in self._listed:
            self._count += 1
            where = f"{line.file}:{line.number}"
            try:
                (category,) = line.numbers(1, "IMAGE CATEGORY")
                split = self._split(line.name)
                corners = tuple(self._boxes[line.name].numbers(4, _CORNERS))
                yield Listed(line.name, category, corners, split, "", where)
            except BadRow as error:
                yield Listed(line.name, problem=str(error), where=where)

    def _split(self, name: str) -> str:
        if self._partition is None:
            return ""
        line = self._partition[name]
        if len(line.values) != 1 or line.values[0] not in SPLITS:
            raise BadRow(line.damaged("IMAGE and train, val or test"))
        return line.values[0]

    def remarks(self) -> Iterator[str]:
        """What does not add up."""
        if self._count != self._listed.stated:
            yield f"{_COARSE_FILE} says that it lists {self._listed.stated:,} photos, and lists {self._count:,}"
        if unused := self._boxes.unused():
            yield f"{unused:,} boxes of list_bbox.txt belong to photos that {_COARSE_FILE} does not list"


class FineRelease:
    """For each of train, val and test a file of names, one of categories and one of boxes, line by line.

    Args:
        folder: Where `train.txt`, `train_cate.txt`, `train_bbox.txt` and their like are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._splits = [split for split in SPLITS if (folder / f"{split}.txt").is_file()]
        if not self._splits:
            raise UsageError(f"{folder}: no train.txt, val.txt or test.txt; expected DeepFashion's fine annotations")

    def names(self) -> Iterator[str]:
        """The names of all photos."""
        for split in self._splits:
            yield from (line.name for line in TextList(self.folder / f"{split}.txt", heads=0))

    def photos(self) -> Iterator[Listed]:
        """All photos, train first."""
        for split in self._splits:
            files = [f"{split}.txt", f"{split}_cate.txt", f"{split}_bbox.txt"]
            lists = [TextList(self.folder / name, heads=0) for name in files]
            yield from (self._together(split, files, lines) for lines in zip_longest(*lists))

    def _together(self, split: str, files: list[str], lines: tuple[Line | None, ...]) -> Listed:
        """Lines of one number: a name, a category, a box."""
        there = next(line for line in lines if line is not None)
        where = f"{there.file}:{there.number}"
        missing = next((file for file, line in zip(files, lines, strict=True) if line is None), None)
        photo, category, box = lines
        name = photo.name if photo else ""
        if missing or not (photo and category and box):
            return Listed(
                name, split=split, problem=f"damaged list: {missing} ends before line {there.number}", where=where
            )
        try:
            (number,) = category._replace(name="", values=(category.name, *category.values)).numbers(1, "CATEGORY")
            corners = box._replace(name="", values=(box.name, *box.values)).numbers(4, "X_1 Y_1 X_2 Y_2")
        except BadRow as error:
            return Listed(name, split=split, problem=str(error), where=where)
        if photo.number != category.number or photo.number != box.number:
            return Listed(name, split=split, problem=f"damaged list: an empty line before {where}", where=where)
        return Listed(name, number, tuple(corners), split, "", where)

    def remarks(self) -> Iterator[str]:
        """Nothing: the fine release says no counts."""
        yield from ()
