"""Which rows show one and the same file, links followed: no photo is a copy of itself."""

import os

from fashiontools.core.manifest import Row


class RealFiles:
    """The files of rows, each with the first row that leads to it."""

    def __init__(self) -> None:
        self._folders: dict[str, str] = {}
        self._first: dict[str, Row] = {}

    def first(self, row: Row) -> Row:
        """The first of the rows asked about so far that lead to the file of this one: often this one itself."""
        return self._first.setdefault(self._real(row["path"]), row)

    def holds(self, path: str) -> bool:
        """Whether a row leads to the file at this normal absolute path."""
        return self._real(path) in self._first

    def _real(self, path: str) -> str:
        """`os.path.realpath`, which looks at every folder on the way: photos share theirs."""
        folder, _, name = path.rpartition(os.sep)
        try:
            real = self._folders.get(folder)
            if real is None:
                real = self._folders[folder] = os.path.realpath(folder or os.sep)
            if os.path.islink(path):
                return os.path.realpath(path)
        except ValueError:  # no file has such a name; reading it says so
            return path
        return path if real == folder else os.path.join(real, name)
