"""The ledger: which rows of an output folder are finished, so that a second run does only what is missing.

Beside `manifest.csv` stands `rows.log`, one JSON line per finished input row: the name, a digest of what the row
was, and where its output rows end in the manifest. The manifest's line is written before the log's, so a run that
is killed between the two merely does that row again. While a run is under way both have the suffix `.part`.
"""

import hashlib
import io
import json
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from fashiontools.core.errors import ManifestError
from fashiontools.core.inputs import PART
from fashiontools.core.manifest import MANIFEST, PATH_COLUMNS, Reader, Row, Writer, with_columns
from fashiontools.core.names import relative_path

LOG = "rows.log"
LOG_PART = LOG + ".part"
_EARLIER, _EARLIER_LOG = ".earlier.csv", ".earlier.log"
_NEW = ".new"
_ASIDE = (_EARLIER, _EARLIER_LOG, _EARLIER + _NEW, _EARLIER_LOG + _NEW)


def forget(folder: Path) -> None:
    """Remove all that a ledger keeps in a folder, the manifest included."""
    for name in (MANIFEST, PART, LOG, LOG_PART, *_ASIDE):
        (folder / name).unlink(missing_ok=True)


def facts_of(row: Row, folder: str) -> tuple[str, str]:
    """What a row is, as two digests.

    Args:
        row: An input row.
        folder: The absolute output folder; files are told relative to it, so that a tree can be moved as a whole.

    Returns:
        A digest of the texts and of size and time of each file that the row points to (where it has changed, the
        row is done again), and one without the times, which is the same on every machine.
    """
    facts, times = _facts(row, folder)
    return _digest([*facts, *times]), _digest([row.name, *facts])


def timeless_digest(row: Row, folder: str) -> str:
    """The second of the digests of `facts_of` alone."""
    return _digest([row.name, *_facts(row, folder)[0]])


def _facts(row: Row, folder: str) -> tuple[list[object], list[object]]:
    """The texts of a row with the sizes of its files, and the times of those."""
    facts: list[object] = []
    times: list[object] = []
    for column, value in row.items():
        if not value or column not in PATH_COLUMNS:
            facts.append((column, value))
            continue
        try:
            status = os.stat(value)
            facts.append((column, relative_path(value, folder), status.st_size))
            times.append(status.st_mtime_ns)
        except (OSError, ValueError):
            facts.append((column, relative_path(value, folder), "missing"))
            times.append(None)
    return facts, times


def _digest(facts: list[object]) -> str:
    return hashlib.blake2b(json.dumps(facts).encode(), digest_size=16).hexdigest()


class Ledger:
    """Finished rows of earlier sessions, and the writer of this session's.

    The index lives in a temporary file that SQLite keeps, so that a million rows cost no memory.

    Args:
        folder: The output folder.
        columns: The header of the manifest that is written now.
        writes: False only looks (for a dry run) and touches nothing.
        takes_over: False knows nothing of earlier sessions.
    """

    def __init__(self, folder: Path, columns: tuple[str, ...], *, writes: bool = True, takes_over: bool = True) -> None:
        self._folder = str(folder)
        self._index = sqlite3.connect("", isolation_level=None)
        self._index.execute("PRAGMA journal_mode=OFF")
        self._index.execute("CREATE TABLE names (name TEXT PRIMARY KEY, count INTEGER) WITHOUT ROWID")
        self._index.execute(
            "CREATE TABLE done (name TEXT PRIMARY KEY, digest TEXT, file TEXT, start INTEGER, stop INTEGER, "
            "used INTEGER DEFAULT 0) WITHOUT ROWID"
        )
        self._index.execute("BEGIN")
        self._headers: dict[str, tuple[str, ...]] = {}
        self._readers: dict[str, object] = {}
        if takes_over:
            self._take_over(writes)
        if not writes:
            return
        self._rows = open(folder / PART, "w", encoding="utf-8", newline="")  # noqa: SIM115 - closed by close()
        self._log = open(folder / LOG_PART, "w", encoding="utf-8", newline="")  # noqa: SIM115
        self._writer = Writer(self._rows, columns, self._folder)
        self._writer.header()
        self._rows.flush()

    # -------------------------------------------------------------------------------------------- earlier sessions

    def _take_over(self, writes: bool) -> None:
        """Index what earlier sessions finished: the whole manifest, and what killed runs had done beyond it."""
        folder = Path(self._folder)
        has_part = (folder / PART).exists()
        # Killed between the two renames of `finish`, the finished manifest's log still has its aside name.
        self._read_log(MANIFEST, LOG if has_part or (folder / LOG).exists() else LOG_PART)
        self._read_log(_EARLIER, _EARLIER_LOG)
        if has_part:
            self._read_log(PART, LOG_PART)
        if has_part and writes:
            self._set_aside(folder)

    def _read_log(self, manifest: str, log: str) -> None:
        path = Path(self._folder, manifest)
        if not path.exists():
            return
        try:
            with open(path, encoding="utf-8", newline="") as stream:
                self._headers[manifest] = Reader(iter(stream.readline, ""), manifest, self._folder).columns
        except ManifestError:
            return  # killed before its header was whole
        size = path.stat().st_size
        for name, digest, start, stop in _log_lines(Path(self._folder, log)):
            if stop <= size:
                self._index.execute(
                    "INSERT OR REPLACE INTO done (name, digest, file, start, stop) VALUES (?, ?, ?, ?, ?)",
                    (name, digest, manifest, start, stop),
                )

    def _set_aside(self, folder: Path) -> None:
        """Move the rows of a killed run out of the way of the new part file, beside those of earlier kills."""
        killed = self._index.execute("SELECT name FROM done WHERE file IN (?, ?)", (PART, _EARLIER)).fetchall()
        rows = [(name, self._entry(name)) for (name,) in killed]
        columns = with_columns(self._headers.get(PART, ("path",)), *self._headers.get(_EARLIER, ()))
        with (
            open(folder / (_EARLIER + _NEW), "w", encoding="utf-8", newline="") as manifest,
            open(folder / (_EARLIER_LOG + _NEW), "w", encoding="utf-8", newline="") as log,
        ):
            writer = Writer(manifest, columns, self._folder)
            writer.header()
            for name, (digest, file, start, stop) in rows:
                begin = _flushed_size(manifest)
                for row in self._span(file, start, stop):
                    writer.row(row)
                log.write(json.dumps([name, digest, begin, _flushed_size(manifest)]) + "\n")
        # The old log must not be found beside the new rows by a run after a kill just here.
        (folder / _EARLIER_LOG).unlink(missing_ok=True)
        os.replace(folder / (_EARLIER + _NEW), folder / _EARLIER)
        os.replace(folder / (_EARLIER_LOG + _NEW), folder / _EARLIER_LOG)
        self._readers.clear()
        self._read_log(_EARLIER, _EARLIER_LOG)

    def _entry(self, name: str) -> tuple[str, str, int, int] | None:
        return self._index.execute("SELECT digest, file, start, stop FROM done WHERE name = ?", (name,)).fetchone()

    def _span(self, manifest: str, start: int, stop: int) -> list[Row]:
        if manifest not in self._readers:
            self._readers[manifest] = open(Path(self._folder, manifest), "rb")  # noqa: SIM115 - closed by close()
        stream = self._readers[manifest]
        stream.seek(start)  # type: ignore[attr-defined]
        lines = io.StringIO(newline="")
        Writer(lines, self._headers[manifest], None).header()
        lines.write(stream.read(stop - start).decode("utf-8"))  # type: ignore[attr-defined]
        lines.seek(0)
        return list(Reader(lines, manifest, self._folder))

    # ------------------------------------------------------------------------------------------------ this session

    def number(self, name: str) -> int:
        """How often this name was met so far in this session, this time included."""
        return self._index.execute(
            "INSERT INTO names VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET count = count + 1 RETURNING count",
            (name,),
        ).fetchone()[0]

    def finished(self, name: str, digest: str) -> list[Row] | None:
        """The output rows of an input row that an earlier session finished, or None where it must be done."""
        entry = self._entry(name)
        if entry is None:
            return None
        self._index.execute("UPDATE done SET used = 1 WHERE name = ?", (name,))
        if entry[0] != digest:
            return None
        rows = self._span(*entry[1:])
        return rows if all(map(self._is_there, rows)) else None

    def _is_there(self, row: Row) -> bool:
        inside = self._folder + os.sep
        files = (row.get(column, "") for column in PATH_COLUMNS)
        return all(os.path.exists(file) for file in files if file.startswith(inside)) or row.is_bad

    def write(self, name: str, digest: str, rows: list[Row]) -> None:
        """Write the output rows of one input row: first the manifest, then the log."""
        start = self._rows.tell()
        for row in rows:
            self._writer.row(row)
        self._rows.flush()
        self._log.write(json.dumps([name, digest, start, self._rows.tell()]) + "\n")
        self._log.flush()

    def stale(self) -> int:
        """How many finished rows the input no longer has."""
        return self._index.execute("SELECT count(*) FROM done WHERE NOT used").fetchone()[0]

    def close(self) -> None:
        """Close the files; the folder can be continued."""
        self._rows.close()
        self._log.close()
        for stream in self._readers.values():
            stream.close()  # type: ignore[attr-defined]
        self._index.close()

    def finish(self) -> None:
        """Close, and put the finished manifest and its log in their places."""
        self.close()
        folder = Path(self._folder)
        (folder / LOG).unlink(missing_ok=True)
        os.replace(folder / PART, folder / MANIFEST)
        os.replace(folder / LOG_PART, folder / LOG)
        for name in _ASIDE:
            (folder / name).unlink(missing_ok=True)


def _log_lines(log: Path) -> Iterator[tuple[str, str, int, int]]:
    """The whole lines of a log; a torn last one is dropped."""
    if not log.exists():
        return
    with open(log, encoding="utf-8") as stream:
        for line in stream:
            try:
                name, digest, start, stop = json.loads(line)
            except ValueError:
                return
            yield name, digest, start, stop


def _flushed_size(stream: object) -> int:
    stream.flush()  # type: ignore[attr-defined]
    return stream.tell()  # type: ignore[attr-defined]
