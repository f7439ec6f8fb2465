"""The step of `import deepfashion`: photos where they lie, their categories, types, boxes and splits."""

import os
from collections.abc import Iterator
from pathlib import Path

from fashiontools.core.errors import UsageError
from fashiontools.core.manifest import Row, Table
from fashiontools.core.output import Output
from fashiontools.core.progress import Progress
from fashiontools.import_data.boxed import PROBLEM, corner_box, import_rows
from fashiontools.import_data.deepfashion.options import DeepfashionOptions
from fashiontools.import_data.deepfashion.release import Listed, Release, open_release, read_categories
from fashiontools.import_data.sources import one_folder, refuse_inside
from fashiontools.import_data.splits import ThesisSplit

COLUMNS = ("path", "id", "source", "category", "label", "box", "split")
ABOUT = {
    "description": "DeepFashion: Category and Attribute Prediction",
    "url": "http://mmlab.ie.cuhk.edu.hk/projects/DeepFashion.html",
    "licenses": [
        {
            "id": 1,
            "name": "non-commercial research and educational purposes only",
            "url": "http://mmlab.ie.cuhk.edu.hk/projects/DeepFashion.html",
        }
    ],
}
_PHOTOS = ("Img", "")
_IMG = "img"


def deepfashion(names: list[str], options: DeepfashionOptions, out: Output, progress: Progress) -> Table:
    """Import DeepFashion's Category and Attribute Prediction.

    Args:
        names: The one folder of the set.
        options: Which release, and how it is split.
        out: Where the manifest, `annotations.json` and the charts go.
        progress: Where progress and the summary go.

    Returns:
        One row per photo, in the set's order: `category` in lower case, `label` its type (upper, lower, full), `box`.

    Raises:
        UsageError: It is not the set's folder, or the output would lie within it.
    """
    folder = one_folder(names, "import deepfashion", "Img, Anno_coarse or Anno_fine (or Anno), and Eval")
    refuse_inside(out, folder)
    release = open_release(folder, options.release)
    categories = read_categories(release.folder)
    photos = _photo_folder(folder)
    thesis = None
    if options.split_by == "thesis":
        thesis = ThesisSplit(release.names(), options.seed)
        progress.note("split by the thesis: " + ", ".join(f"{count:,} {name}" for name, count in thesis.sizes.items()))
    rows = _rows(release, categories, photos, thesis, progress)
    return import_rows(Table(COLUMNS, rows), options, out, progress, ABOUT)


def _photo_folder(folder: Path) -> Path:
    """The folder that the names in the lists are relative to."""
    for place in _PHOTOS:
        if (folder / place / _IMG).is_dir():
            return folder / place
    raise UsageError(f"{folder}: no Img/img; unpack the set's Img/img.zip there")


def _rows(
    release: Release,
    categories: list[tuple[str, str]],
    photos: Path,
    thesis: ThesisSplit | None,
    progress: Progress,
) -> Iterator[Row]:
    for listed in release.photos():
        facts = _facts(listed, categories)
        if thesis is not None:
            facts["split"] = thesis.of(listed.name)
        path = os.path.normpath(photos / listed.name) if listed.name else ""
        identity = listed.name.removeprefix(f"{_IMG}/").rpartition(".")[0]
        yield Row({"path": path, "id": identity, "source": listed.name, **facts}, listed.name or listed.where)
    for remark in release.remarks():
        progress.note(remark)


def _facts(listed: Listed, categories: list[tuple[str, str]]) -> dict[str, str]:
    if listed.problem:
        return {"split": listed.split, PROBLEM: listed.problem}
    if not 1 <= listed.category <= len(categories):
        told = f"unknown category: {listed.category}, of {len(categories)} ({listed.where})"
        return {"split": listed.split, PROBLEM: told}
    category, label = categories[listed.category - 1]
    return {"category": category, "label": label, "box": corner_box(*listed.corners), "split": listed.split}
