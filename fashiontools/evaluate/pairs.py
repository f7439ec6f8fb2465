"""Which image is compared with which."""

import os
from pathlib import Path

from fashiontools.core.errors import BadRow, UsageError
from fashiontools.core.inputs import open_inputs
from fashiontools.core.manifest import Row, stem


class References:
    """Targets found in a folder by name: the path within it, without image suffixes.

    Args:
        folder: A folder or manifest.
    """

    def __init__(self, folder: Path) -> None:
        if str(folder) == "-":
            raise UsageError("--reference cannot be standard input: name a folder or a manifest")
        self._folder = folder
        self._by_stem: dict[str, list[str]] = {}
        for row in open_inputs([str(folder)]).rows:
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
