"""How a command runs: inputs opened, the step called, its rows printed, its totals told."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fashiontools.core.errors import UsageError
from fashiontools.core.manifest import MANIFEST
from fashiontools.core.options import ConsoleOptions, ErrorOptions, InputOptions, OutputOptions, command_function
from fashiontools.core.registry import Entry
from fashiontools.core.totals import allowed_errors


@dataclass(frozen=True, kw_only=True)
class Command(Entry):
    """A command of the command line.

    Attributes:
        target: Its options dataclass, as `module:Class`; light to import.
        step: The plain function that does the work, as `module:function`; imported when it runs.
        inputs: Help of the positional inputs; None where the command reads none.
        folder: The output folder without `-o`; None writes no folder then.
        prints: The step returns what to print (`core/totals.py:Told`), instead of rows.
        kind: What `run.json` calls the second word of the command (`recipe` of `train`).
    """

    step: str
    inputs: str | None = "Folders, manifests or photos; - is standard input, which is also read where none is named."
    folder: str | None = None
    prints: bool = False
    kind: str = "kind"

    def function(self, name: str) -> Callable[..., Any]:
        """The function that typer makes the command from."""
        run = self._print_text if self.prints else self._print_rows

        def checked(options: ConsoleOptions, names: list[str]) -> object:
            if isinstance(options, ErrorOptions):
                allowed_errors(options.max_errors, 0)  # it is used at the end; a mistake in it is told before the work
            return run(name, options, names)

        return command_function(self.load(), checked, self.inputs)

    def _step(self) -> Callable[..., Any]:
        return Entry(target=self.step, summary="", source="").load()

    def _print_text(self, name: str, options: ConsoleOptions, names: list[str]) -> None:
        from fashiontools.core.progress import Progress

        step = self._step()
        progress = Progress(name, quiet=options.quiet, verbose=options.verbose)
        told = step(names, options, progress, terminal=sys.stdout.isatty())
        write_out(told.text)
        if isinstance(options, ErrorOptions) and told.totals is not None:
            told.totals.judge(options.max_errors)

    def _print_rows(self, name: str, options: OutputOptions, names: list[str]) -> None:
        step = self._step()  # imported before the input is waited for, so that a pipe starts all at once
        from fashiontools.core.inputs import open_inputs, select
        from fashiontools.core.output import Output
        from fashiontools.core.progress import Progress

        progress = Progress(name, quiet=options.quiet, verbose=options.verbose)
        folder = options.folder(self.folder)
        if isinstance(options, InputOptions):
            _refuse_same(folder, names)
        command, _, kind = name.partition(" ")
        out = Output(folder, command, options, {self.kind: kind} if kind else None)
        # Commands without rows to read (`sample`, `import`) get what was named as it is.
        source: Any = names
        if isinstance(options, InputOptions):
            source = select(open_inputs(names, leave_out=out.folder), options.where or (), options.limit, options.seed)
        table = step(source, options, out, progress)
        if folder is not None and options.output is None:  # said once all that was typed is found good
            progress.note(f"writing to {folder}")
        _print(table, to_terminal=folder is None)
        progress.clear()
        if not options.dry_run:
            progress.note(out.totals.told() + (f" -> {folder}" if folder else ""))
        if isinstance(options, ErrorOptions):
            out.totals.judge(options.max_errors)


def _refuse_same(folder: Path | None, names: list[str]) -> None:
    """A folder cannot be its own output; no name and no pipe means the current folder."""
    if folder is None:
        return
    out = os.path.realpath(folder)
    for name in names or ["."]:
        if name != "-" and os.path.realpath(name) in (out, os.path.join(out, MANIFEST)):
            raise UsageError(f"{folder} is the input: name another output folder with -o")


def _print(table: Any, *, to_terminal: bool) -> None:
    """Print rows as they come, with absolute paths.

    Args:
        table: The step's output; working through its rows is what runs the step.
        to_terminal: Print also where a person is looking, since there is no folder to look at.
    """
    from fashiontools.core.manifest import Writer

    sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")  # type: ignore[union-attr]
    if sys.stdout.isatty() and not to_terminal:
        for _ in table.rows:
            pass
        return
    writer = Writer(sys.stdout, table.columns, None)
    writer.header()
    sys.stdout.flush()  # a pipe that has its header knows that rows will come
    for row in table.rows:
        writer.row(row)
        sys.stdout.flush()


def write_out(text: str) -> None:
    """Write text to standard output, now."""
    sys.stdout.write(text)
    sys.stdout.flush()
