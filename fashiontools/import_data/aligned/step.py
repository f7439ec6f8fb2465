"""The step of `import aligned`: images cut into the two halves that are a pair."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from fashiontools.core.boxes import Box, format_box
from fashiontools.core.errors import BadRow, UsageError
from fashiontools.core.images import read_photo, write_photo
from fashiontools.core.inputs import open_inputs, select
from fashiontools.core.manifest import MANIFEST, Row, Table
from fashiontools.core.output import Output
from fashiontools.core.progress import Progress
from fashiontools.import_data.aligned.options import AlignedOptions
from fashiontools.import_data.sources import one_folder, refuse_inside

COLUMNS = ("path", "target", "id", "parent", "box", "split", "width", "height")
_SPLITS = {"train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}


def aligned(names: list[str], options: AlignedOptions, out: Output, progress: Progress) -> Table:
    """Import a set of side-by-side pairs.

    Args:
        names: Its one folder.
        options: Which half is the target.
        out: Where the halves go: `NAME.png`, and `_target/NAME.png`.
        progress: Where progress goes.

    Returns:
        One row per pair: both halves, the file as `parent` and the half that became `path` as `box`, and as `split`
        the first folder on the way to it that is called train, val (valid, validation) or test.

    Raises:
        UsageError: It is no folder, has no images or a manifest, or the output would lie within it.
    """
    folder = one_folder(names, "import aligned", "train, val and test")
    refuse_inside(out, folder)
    if (folder / MANIFEST).exists():
        raise UsageError(
            f"{folder} has a manifest, so it is no set of side-by-side images; train pix2pix reads it as it is"
        )
    files = open_inputs([str(folder)], leave_out=out.folder)
    table = select(Table(COLUMNS, _rows(files)), (), options.limit, options.seed)

    def work(row: Row) -> list[Row]:
        return [_halved(row, options.direction == "b-to-a", out.path(""))]

    return out.each(table, work, progress, unit="pairs")


def _rows(files: Table) -> Iterator[Row]:
    for row in files.rows:
        folders = PurePosixPath(row.name).parts[:-1]
        split = next((_SPLITS[part.lower()] for part in folders if part.lower() in _SPLITS), "")
        yield Row({"path": row["path"], "id": row.name, "split": split}, row.name)


def _halved(row: Row, backwards: bool, folder: Path) -> Row:
    pixels = read_photo(row["path"])
    height, width = pixels.shape[:2]
    if width % 2:
        raise BadRow(f"{width} x {height} pixels: an odd width has no halves")
    half = width // 2
    starts = (half, 0) if backwards else (0, half)
    files = [folder / f"{row.name}.png", folder / "_target" / f"{row.name}.png"]
    for file, start in zip(files, starts, strict=True):
        write_photo(file, pixels[:, start : start + half])
    return row.having(
        path=str(files[0]),
        target=str(files[1]),
        parent=row["path"],
        box=format_box(Box(starts[0], 0, half, height)),
        width=str(half),
        height=str(height),
    )
