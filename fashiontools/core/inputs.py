"""From what the user names (folders, manifests, photos, `-`, nothing) to one table of rows."""

import hashlib
import heapq
import json
import operator
import os
import stat
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from fashiontools.core.errors import UsageError, say
from fashiontools.core.manifest import MANIFEST, Reader, Row, Table, checked, named, readable, with_columns
from fashiontools.core.names import is_image_name, relative_path

PART = MANIFEST + ".part"
RUN_FILE = "run.json"
_SILENCE_S = 5.0


def open_inputs(names: Sequence[str], leave_out: Path | None = None) -> Table:
    """Open everything that was named, as one table.

    Args:
        names: Folders, manifest files, photos, `-` for standard input. Where none is named, standard input is
            read if it is a pipe, socket or file, else the current folder.
        leave_out: The real path of the output folder: it may lie within a folder of photos, and is not read then.

    Returns:
        The table; its rows are read lazily, in the order named.

    Raises:
        UsageError: Something named is not there, is unfinished or is no manifest.
    """
    if not names:
        names = ["-"] if _stdin_has_rows() else ["."]
    tables = [_open_one(name, leave_out) for name in names]
    if len(tables) == 1:
        return tables[0]
    columns = with_columns((), *(column for table in tables for column in table.columns))
    return Table(columns, _several(names, tables))


def _several(names: Sequence[str], tables: Sequence[Table]) -> Iterator[Row]:
    """The rows of several inputs, each input's names below its own name, so that they cannot collide."""
    for name, table in zip(names, tables, strict=True):
        folder = "" if name == "-" or is_image_name(name) else readable(_folder_name(name)) + "/"
        for row in table.rows:
            yield Row(dict(row), folder + row.name)


def _folder_name(name: str) -> str:
    """What an input is called among several: a folder's own name, a manifest's without its suffix."""
    path = Path(os.path.realpath(name))
    return path.name if path.is_dir() else path.stem


def _open_one(name: str, leave_out: Path | None) -> Table:
    if name == "-":
        return _open_stream(sys.stdin)
    if os.path.isdir(name):
        return open_folder(name, leave_out)
    if not os.path.exists(name):
        raise UsageError(f"{name}: no such file or folder")
    if is_image_name(name):
        path = os.path.abspath(name)
        return Table(("path",), [checked(Row({"path": path}, os.path.basename(path)))])
    return _open_manifest(name)


def _open_manifest(file: str) -> Table:
    folder = os.path.dirname(os.path.realpath(file))
    stream = open(file, encoding="utf-8", errors="surrogateescape", newline="")  # noqa: SIM115 - closed by _lines
    reader = Reader(_closing(stream), file, folder)
    return Table(reader.columns, named(iter(reader), folder))


def _closing(stream: TextIO) -> Iterator[str]:
    with stream:
        yield from stream


def open_folder(name: str, leave_out: Path | None = None) -> Table:
    """Open a folder: through its manifest where it has one, else as all the images below it, sorted.

    Args:
        name: The folder.
        leave_out: The real path of a folder below it that is not read.

    Raises:
        UsageError: It holds an unfinished run, or a training run, or nothing to read.
    """
    folder = os.path.realpath(name)
    _refuse_unfinished(folder)
    if os.path.exists(os.path.join(folder, MANIFEST)):
        return _open_manifest(os.path.join(folder, MANIFEST))
    if _command_of(folder) == "train":
        raise UsageError(f"{name} is a training run, not photos: `fashiontools sample {name}` makes some")
    manifests: dict[str, Table] = {}
    found = list(_walk(folder, manifests, str(leave_out)))
    if not found:
        raise UsageError(f"{name}: neither a {MANIFEST} nor an image (JPEG, PNG, WebP, TIFF, BMP) below it")
    columns = with_columns(("path", "label"), *(column for table in manifests.values() for column in table.columns))
    return Table(columns, _folder_rows(folder, found, manifests))


def _walk(folder: str, manifests: dict[str, Table], leave_out: str) -> Iterator[str]:
    """Yield the image files below a folder and the subfolders that have a manifest, sorted, hidden ones left out."""
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name[0] != "." and os.path.join(root, name) != leave_out)
        if root != folder:
            _refuse_unfinished(root)
            if MANIFEST in files:
                manifests[root] = _open_manifest(os.path.join(root, MANIFEST))
                folders.clear()
                yield root
                continue
            if _command_of(root) == "train":
                folders.clear()
                continue
        yield from (os.path.join(root, file) for file in sorted(files) if is_image_name(file) and file[0] != ".")


def _folder_rows(folder: str, found: Sequence[str], manifests: dict[str, Table]) -> Iterator[Row]:
    for path in found:
        name = relative_path(path, folder).replace(os.sep, "/")
        if path in manifests:
            label = readable(name)
            for row in manifests[path].rows:
                yield Row({"label": label, **row}, f"{label}/{row.name}")
        else:
            yield checked(Row({"path": path, "label": name.rpartition("/")[0]}, name))


def _command_of(folder: str) -> str:
    try:
        return str(json.loads(Path(folder, RUN_FILE).read_text(encoding="utf-8")).get("command", ""))
    except (OSError, ValueError, AttributeError):
        return ""


def _refuse_unfinished(folder: str) -> None:
    try:
        run = json.loads(Path(folder, RUN_FILE).read_text(encoding="utf-8"))
        unfinished = run.get("complete") is False
    except (OSError, ValueError, AttributeError):
        unfinished = False
    if unfinished or os.path.exists(os.path.join(folder, PART)):
        raise UsageError(f"{folder} is unfinished: run it again")


# ----------------------------------------------------------------------------------------------- standard input


def _stdin_has_rows() -> bool:
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError, AttributeError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or stat.S_ISREG(mode)


def _open_stream(stream: TextIO | None) -> Table:
    """Rows from standard input; their names are relative to the folder of the first row."""
    if stream is None:
        raise UsageError("standard input is closed: name a folder or a manifest")
    stream.reconfigure(encoding="utf-8", errors="surrogateescape", newline="")  # type: ignore[attr-defined]
    with waiting_told():
        reader = Reader(iter(stream.readline, ""), "standard input", os.getcwd())
    return Table(reader.columns, named(iter(reader), None))


@contextmanager
def waiting_told() -> Iterator[None]:
    """Around the first read of standard input: five silent seconds, and standard error says that we wait."""
    waiting = threading.Timer(_SILENCE_S, say, ["waiting for rows on standard input ..."])
    waiting.daemon = True
    waiting.start()
    try:
        yield
    finally:
        waiting.cancel()


# ----------------------------------------------------------------------------------------------- --where, --limit

_OPERATORS: dict[str, Callable[[object, object], bool]] = {
    "!=": operator.ne,
    "=": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
}


def select(table: Table, where: Sequence[str], limit: int | None, seed: int) -> Table:
    """Keep the rows that the user asked for.

    Args:
        table: The input.
        where: Conditions `COLUMN=VALUE`, `!=`, `>` or `<`; all must hold. `>` and `<` compare numbers.
        limit: Draw this many rows, seeded, in the input's order; None keeps all.
        seed: Decides which rows `limit` draws.

    Raises:
        UsageError: A condition cannot be read or names no column of the input.
    """
    rows: Iterator[Row] = iter(table.rows)
    for condition in where:
        rows = filter(_condition(condition, table), rows)
    if limit is not None:
        rows = iter(_draw(rows, limit, seed))
    return Table(table.columns, rows)


def _condition(text: str, table: Table) -> Callable[[Row], bool]:
    position, symbol = min(
        ((text.find(symbol), symbol) for symbol in _OPERATORS if symbol in text), default=(-1, ""), key=lambda f: f[0]
    )
    if position < 1:
        raise UsageError(f"--where {text!r}: expected COLUMN=VALUE (or !=, >, <)")
    column, value = text[:position], text[position + len(symbol) :]
    table.require(column, why=f"--where {text!r}")
    compare = _OPERATORS[symbol]
    if symbol in "=!=":
        return lambda row: compare(row.get(column, ""), value)
    try:
        bound = float(value)
    except ValueError:
        raise UsageError(f"--where {text!r}: {symbol} compares numbers, and {value!r} is none") from None
    return lambda row: _is_number(row.get(column, "")) and compare(float(row[column]), bound)


def _is_number(text: str) -> bool:
    try:
        return float(text) == float(text)
    except ValueError:
        return False


def _draw(rows: Iterator[Row], limit: int, seed: int) -> Iterator[Row]:
    """The rows with the smallest keyed hashes, so that a row's luck depends on the seed and its name alone."""
    keyed = (
        (hashlib.blake2b(f"{seed}/{row.name}".encode(), digest_size=8).digest(), i, row) for i, row in enumerate(rows)
    )
    yield from (row for _, _, row in sorted(heapq.nsmallest(limit, keyed, key=lambda k: k[:2]), key=lambda k: k[1]))
