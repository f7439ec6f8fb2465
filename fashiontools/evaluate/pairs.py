"""Which image is compared with which."""

import os
from collections.abc import Sequence
from pathlib import Path

from fashiontools.core.errors import BadRow, UsageError
from fashiontools.core.inputs import open_inputs
from fashiontools.core.manifest import Row
from fashiontools.core.names import stem


def open_named(flag: str, folders: Sequence[Path]) -> list[Row]:
    """The rows of the folders or manifests that an option names.

    Raises:
        UsageError: One is standard input, or cannot be read.
    """
    if "-" in map(str, folders):
        raise UsageError(f"{flag} cannot be standard input: name a folder or a manifest")
    return list(open_inputs([str(folder) for folder in folders]).rows)


class References:
    """Targets found in a folder by name: the path within it, without image suffixes.

    Args:
        folder: A folder or manifest, as it was named.
        rows: Its rows.
    """

    def __init__(self, folder: Path, rows: list[Row]) -> None:
        self._folder = folder
        self._by_stem: dict[str, list[str]] = {}
        for row in rows:
            found = self._by_stem.setdefault(stem(row.name), [])
            if row["path"] not in found:
                found.append(row["path"])

    def mate(self, row: Row) -> str:
        """The target of a row.

        Raises:
            BadRow: There is none, or more than one.
        """
        found = self._by_stem.get(stem(row.name), [])
        if len(found) == 1:
            return found[0]
        if not found:
            raise BadRow(f"no mate for {stem(row.name)!r} in {self._folder}")
        names = " and ".join(os.path.basename(path) for path in found[:3])
        raise BadRow(f"{len(found)} mates for {stem(row.name)!r} in {self._folder}: {names}")


def target_of(row: Row, references: References | None) -> str:
    """The path that a row's image is compared with.

    Raises:
        BadRow: It has none.
    """
    if references is not None:
        return references.mate(row)
    if not row.get("target"):
        raise BadRow("no target")
    return row["target"]
