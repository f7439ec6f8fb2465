"""Output folders: rows are worked on, written as they are finished, and never done twice."""

import hashlib
import io
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from fashiontools.core.errors import BadRow, UsageError
from fashiontools.core.files import write_atomically
from fashiontools.core.ledger import Ledger, facts_of, forget
from fashiontools.core.manifest import Row, Table, Writer, failed, with_columns
from fashiontools.core.names import numbered
from fashiontools.core.parallel import LARGEST_WINDOW, map_window, usable_cores, windows
from fashiontools.core.progress import Progress
from fashiontools.core.provenance import Record
from fashiontools.core.totals import Totals

Work = Callable[[Row], list[Row]]
Do = Callable[[list[Row]], list[list[Row] | BadRow]]
STATUS = ("status", "error")


class Output:
    """The output folder of one command.

    Args:
        folder: Where to write; None for commands that were asked for no folder.
        command: The command's name.
        options: Its options.
        extra: Further facts for `run.json`.
    """

    def __init__(self, folder: Path | None, command: str, options: Any, extra: dict[str, Any] | None = None) -> None:
        self.folder = Path(os.path.realpath(folder)) if folder is not None else None
        self.options = options
        self.totals = Totals()
        self.extra_totals: dict[str, Any] = {}
        self._retries = getattr(options, "retry_failed", False)
        self._starts_anew = options.overwrite
        self._own_rows = False
        if self.folder is not None:
            _refuse_file(self.folder)
        self.record = Record(self.folder, command, options, extra) if self.folder is not None else None

    def path(self, name: str) -> Path:
        """A file of the folder.

        Raises:
            UsageError: The command writes no folder.
        """
        if self.folder is None:
            raise UsageError("this needs an output folder: give -o DIR")
        return self.folder / name

    def describe(self, **facts: Any) -> None:
        """Add facts about what is made to `run.json`."""
        if self.record is not None:
            self.record.describe(facts)

    def describe_session(self, **facts: Any) -> None:
        """Add facts about how this session goes to `run.json`."""
        if self.record is not None:
            self.record.describe_session(facts)

    def goes_on(self, input_digest: str) -> bool:
        """Whether an earlier session left something to go on from, made from this very input.

        Raises:
            UsageError: The input is another one now.
        """
        if self.record is None or not self.record.is_old:
            return False
        if self.record.input not in ("", input_digest):
            raise UsageError(
                f"the input is not the one that {self.folder} was begun with: name another folder, or --overwrite"
            )
        self.record.input = input_digest
        return True

    def earlier_seconds(self) -> float:
        """The time that earlier sessions took."""
        return self.record.earlier_seconds if self.record is not None else 0.0

    def begin(self, input_digest: str = "") -> None:
        """Make the folder and say in `run.json` that it is unfinished; the digest where the input is known already.

        With `--overwrite` this is where the old manifest goes: not before the input and all options are found good.
        """
        if self.folder is not None and self.record is not None:
            self.record.input = input_digest
            self.folder.mkdir(parents=True, exist_ok=True)
            if self._starts_anew:
                forget(self.folder)
                self._starts_anew = False
            self.record.save(complete=False)

    def finish(self, input_digest: str) -> None:
        """Say in `run.json` that the folder is complete, from which input, with the totals of its manifest."""
        if self.record is not None:
            totals = self.totals
            self.record.input = input_digest
            counts = {"rows": totals.rows, "done": totals.done, "bad": totals.bad, "passed": totals.passed}
            self.record.totals = {**counts, **self.extra_totals}
            self.record.save(complete=True)

    def each(
        self,
        table: Table,
        work: Work | None,
        progress: Progress,
        *,
        added: tuple[str, ...] = (),
        processes: bool = False,
        workers: int | None = None,
        unit: str = "rows",
        together: Do | None = None,
        window: int = LARGEST_WINDOW,
        own_rows: bool = False,
    ) -> Table:
        """Work on the rows that are not finished, in order.

        Args:
            table: The input.
            work: Makes the output rows of one input row; the row's `name` is the name of its files. It raises
                `BadRow` where the row cannot be worked on.
            progress: Where progress goes.
            added: The columns that the step adds.
            processes: Whether `work` holds Python's lock and wants processes (it must be picklable then).
            workers: Rows at a time, for work that says so itself; None asks the options.
            unit: What a row is called on the progress line.
            together: Instead of `work`, makes the output rows of a whole window of input rows, for networks that take
                a batch at once.
            window: Rows that are worked on before the first of them is written.
            own_rows: Whether the rows are of this command's own making, such as a site's listing, so that bad ones
                among them are its own bad rows, not those of an earlier step.

        Returns:
            The output: each row is written to the folder before it is handed on, so that a run that is stopped at
            any moment is continued where it was.
        """
        columns = with_columns(table.columns, *added, *STATUS)
        self._own_rows = own_rows
        if self.options.dry_run:
            return Table(columns, self._rehearse(table, columns, progress))
        workers = workers or getattr(self.options, "workers", None) or usable_cores()
        do = together or partial(map_window, work, workers=workers, processes=processes)
        return Table(columns, self._run(windows(table.rows, window), columns, do, progress, unit))

    def _run(
        self, cut: Iterable[list[Row]], columns: tuple[str, ...], do: Do, progress: Progress, unit: str
    ) -> Iterator[Row]:
        self.begin()
        ledger = Ledger(self.path(""), columns)
        digest = hashlib.sha256()
        finished = False
        try:
            for window in cut:
                jobs = [self._job(row, ledger, digest) for row in window]
                _work_on([job for job in jobs if job.output is None], do)
                for job in progress.track(jobs, unit):
                    yield from self._write(job, ledger, progress)
            self.totals.stale = ledger.stale()
            finished = True
        finally:
            if finished:
                ledger.finish()
            else:
                ledger.close()
        self.finish(digest.hexdigest())

    def _job(self, row: Row, ledger: Ledger, digest: "hashlib._Hash") -> "_Job":
        """Decide what is to be done with an input row: pass it on, take an earlier session's output, or work."""
        name = numbered(row.name, ledger.number(row.name))
        timed, timeless = facts_of(row, str(self.folder))
        digest.update(timeless.encode())
        job = _Job(Row(dict(row), name), timed)
        earlier = ledger.finished(name, timed)
        if row.is_bad:
            job.output = [row]
        elif earlier is not None and not (self._retries and any(out.is_bad for out in earlier)):
            job.output = earlier
            job.earlier = True
        return job

    def _write(self, job: "_Job", ledger: Ledger, progress: Progress) -> list[Row]:
        output = job.output or []
        for row in output:
            if row.is_bad:
                progress.detail(f"bad: {job.row.name}: {row.get('error', '')}")
        ledger.write(job.row.name, job.digest, output)
        if job.row.is_bad and not self._own_rows:
            self.totals.rows += 1
            self.totals.passed += 1
        else:
            for row in output:
                self.totals.count(row)
            self.totals.earlier += len(output) if job.earlier else 0
        return output

    def _rehearse(self, table: Table, columns: tuple[str, ...], progress: Progress) -> Iterator[Row]:
        """Name what would be done, and touch nothing; no row comes out."""
        ledger = Ledger(self.path(""), columns, writes=False, takes_over=not self._starts_anew)
        digest = hashlib.sha256()
        for row in table.rows:
            job = self._job(row, ledger, digest)
            self.totals.rows += 1
            if job.output is None:
                self.totals.done += 1
                progress.note(f"would do {job.row.name}")
        progress.note(f"dry run: {self.totals.rows:,} rows, {self.totals.done:,} to do; nothing was written")
        yield from ()

    def write_table(self, name: str, columns: Iterable[str], rows: Iterable[Row]) -> None:
        """Write a whole manifest (or side file) at once, aside and renamed."""
        write_table(self.path(name), tuple(columns), rows)


def _refuse_file(folder: Path) -> None:
    """Stop before any work where the output folder cannot be made."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    if not there.is_dir():
        raise UsageError(f"{there} is a file: name another output folder with -o")


def write_table(file: Path, columns: tuple[str, ...], rows: Iterable[Row]) -> None:
    """Write rows as CSV with paths relative to the file's folder, aside and renamed."""
    text = io.StringIO(newline="")
    writer = Writer(text, columns, os.path.realpath(file.parent))
    writer.header()
    for row in rows:
        writer.row(row)
    write_atomically(file, text.getvalue().encode("utf-8"))


def _work_on(jobs: "list[_Job]", do: Do) -> None:
    for job, result in zip(jobs, do([job.row for job in jobs]), strict=True):
        if isinstance(result, BadRow):
            job.output = [failed(job.row, result)]
        else:
            job.output = [row.having(status="ok", error="") for row in result]


@dataclass
class _Job:
    """An input row on its way through a window."""

    row: Row
    digest: str
    output: list[Row] | None = None
    earlier: bool = False
