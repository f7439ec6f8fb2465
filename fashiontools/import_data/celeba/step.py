"""The step of `import celeba`: photos where they lie, attributes and landmarks as columns."""

from collections.abc import Iterator
from pathlib import Path

from fashiontools.core.boxes import Box, format_box
from fashiontools.core.errors import BadRow, UsageError
from fashiontools.core.manifest import Row, Table
from fashiontools.core.output import Output
from fashiontools.core.progress import Progress
from fashiontools.import_data.boxed import PROBLEM, import_rows
from fashiontools.import_data.celeba.options import CelebaOptions
from fashiontools.import_data.coco_json import ANNOTATIONS
from fashiontools.import_data.lists import Index, Line, TextList
from fashiontools.import_data.sources import first_there, one_folder, refuse_inside

ABOUT = {
    "description": "CelebA",
    "url": "http://mmlab.ie.cuhk.edu.hk/projects/CelebA.html",
    "licenses": [
        {
            "id": 1,
            "name": "non-commercial research purposes only",
            "url": "http://mmlab.ie.cuhk.edu.hk/projects/CelebA.html",
        }
    ],
}
FACE = "face"
_PARTITIONS = {"0": "train", "1": "val", "2": "test"}
_PLACES = ("Anno", "Eval", ".")


def celeba(names: list[str], options: CelebaOptions, out: Output, progress: Progress) -> Table:
    """Import CelebA.

    Args:
        names: The one folder of the set.
        options: Which photos, and which rows of them.
        out: Where the manifest goes, and with `--wild` `annotations.json`.
        progress: Where progress and the summary go.

    Returns:
        One row per photo, in the order of `list_attr_celeba.txt`; `box` and `label` (face) only with `--wild`.

    Raises:
        UsageError: It is not the set's folder, or the output would lie within it.
    """
    folder = one_folder(names, "import celeba", "Img, Anno and Eval")
    refuse_inside(out, folder)
    lists = _Lists(folder, options.wild)
    boxes = ("label", "box") if options.wild else ()
    people = ("group",) if lists.people is not None else ()
    columns = ("path", "id", "source", *people, *boxes, *lists.attributes.columns, *lists.landmark_columns, "split")
    rows = lists.rows(folder, progress)
    return import_rows(Table(columns, rows), options, out, progress, ABOUT, file=ANNOTATIONS if options.wild else None)


class _Lists:
    """The lists of the set.

    Args:
        folder: The set.
        wild: Which photos, and the landmarks and boxes on them.

    Raises:
        UsageError: One that is needed is not there.
    """

    def __init__(self, folder: Path, wild: bool) -> None:
        photos = "img_celeba" if wild else "img_align_celeba"
        found = first_there(folder, [f"Img/{photos}/{photos}", f"Img/{photos}", f"{photos}/{photos}", photos])
        if found is None:
            raise UsageError(f"{folder}: no Img/{photos}; unpack the set's photos, or try {_other(wild)}")
        self._photos = found
        self.attributes = TextList(_place(folder, "list_attr_celeba.txt"))
        landmarks = TextList(_place(folder, f"list_landmarks_{'' if wild else 'align_'}celeba.txt"))
        self.landmark_columns = landmarks.columns
        twice = set(self.attributes.columns) & set(self.landmark_columns)
        if not self.attributes.columns or len(self.landmark_columns) != 10 or twice:
            raise UsageError(f"{folder}: the second lines of the lists do not name attributes and ten coordinates")
        self._landmarks = Index(landmarks)
        self._partition = self._optional(folder, "list_eval_partition.txt")
        self.people = self._optional(folder, "identity_CelebA.txt")
        self._boxes = Index(TextList(_place(folder, "list_bbox_celeba.txt"))) if wild else None

    @staticmethod
    def _optional(folder: Path, name: str) -> Index | None:
        """One of the lists without a head, if it is there."""
        found = first_there(folder, [f"{place}/{name}" for place in _PLACES])
        return Index(TextList(found, heads=0)) if found else None

    def rows(self, folder: Path, progress: Progress) -> Iterator[Row]:
        """The photos as they are listed, before they are looked at."""
        count = 0
        for line in self.attributes:
            count += 1
            path = self._photos / line.name
            source = path.relative_to(folder).as_posix()
            facts = {"path": str(path), "id": line.name.rpartition(".")[0], "source": source}
            try:
                yield Row(facts | self._attributes(line) | self._others(line.name), line.name)
            except BadRow as error:
                yield Row(facts | {PROBLEM: str(error)}, line.name)
        if count != self.attributes.stated:
            name = self.attributes.name
            progress.note(f"{name} says that it lists {self.attributes.stated:,} photos, and lists {count:,}")

    def _attributes(self, line: Line) -> dict[str, str]:
        columns = self.attributes.columns
        if len(line.values) != len(columns) or set(line.values) - {"1", "-1"}:
            raise BadRow(line.damaged(f"IMAGE and {len(columns)} times 1 or -1"))
        return dict(zip(columns, line.values, strict=True))

    def _others(self, name: str) -> dict[str, str]:
        numbers = self._landmarks[name].numbers(len(self.landmark_columns), "IMAGE and ten coordinates")
        found = dict(zip(self.landmark_columns, map(str, numbers), strict=True))
        if self.people is not None:
            found["group"] = str(self.people[name].numbers(1, "IMAGE PERSON")[0])
        if self._partition is not None:
            line = self._partition[name]
            if len(line.values) != 1 or line.values[0] not in _PARTITIONS:
                raise BadRow(line.damaged("IMAGE and 0 (train), 1 (val) or 2 (test)"))
            found["split"] = _PARTITIONS[line.values[0]]
        if self._boxes is not None:
            box = Box(*self._boxes[name].numbers(4, "IMAGE X_1 Y_1 WIDTH HEIGHT"))
            found |= {"label": FACE, "box": format_box(box)}
        return found


def _place(folder: Path, name: str) -> Path:
    found = first_there(folder, [f"{place}/{name}" for place in _PLACES])
    if found is None:
        raise UsageError(f"{folder}: no Anno/{name}; expected CelebA as it is distributed")
    return found


def _other(wild: bool) -> str:
    return "--aligned" if wild else "--wild"
