"""The step of `train`: rows in, a run folder out."""

import io
import json
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from fashiontools.core.device import pick_device
from fashiontools.core.errors import UsageError
from fashiontools.core.files import write_atomically
from fashiontools.core.manifest import Row, Table, Writer
from fashiontools.core.memory import ANYTHING, keep_freed_memory
from fashiontools.core.output import Output
from fashiontools.core.progress import Progress
from fashiontools.core.provenance import read_run
from fashiontools.core.registry import Entry
from fashiontools.train import logs, run_folder
from fashiontools.train.checkpoint import FOLDER as CHECKPOINTS
from fashiontools.train.checkpoint import steps_of
from fashiontools.train.feed import seed_step
from fashiontools.train.launch import started, step_back
from fashiontools.train.loop import Loop
from fashiontools.train.options import TrainOptions
from fashiontools.train.processes import TRACKER, Processes
from fashiontools.train.reading import read_data
from fashiontools.train.recipe import Before, Data, Recipe
from fashiontools.train.run_folder import FACTS, FIGURES, FILES
from fashiontools.train.table import RECIPES

Build = Callable[[TrainOptions, Data, torch.device], Recipe]


def train(table: Table, options: TrainOptions, out: Output, progress: Progress) -> Table:
    """Train a recipe on the photos of a table, from the start or from where the run folder stands.

    Args:
        table: Rows with `path`, and the columns that the recipe reads; bad rows are left out.
        options: Of the recipe.
        out: The run folder.
        progress: Where progress goes.

    Returns:
        One row, whose `path` is the run folder.

    Raises:
        UsageError: The input or an option changed since the run began, or there is nothing to train on.
        Diverged: A loss is no longer a number.
        Unavailable: Weights or a library that the options name cannot be had.
    """
    for column, why in options.columns.items():
        table.require(column, why=why)
    step_back(progress)
    return Table(("path",), _train(table, options, out, progress))


def _train(table: Table, options: TrainOptions, out: Output, progress: Progress) -> Iterator[Row]:
    build: Build = Entry(target=RECIPES[options.recipe].recipe, summary="", source="").load()
    rows = [row for row in table.rows if not row.is_bad]
    if options.dry_run:
        progress.note(f"dry run: would train {options.recipe} on {len(rows):,} photos; nothing was written")
        return
    with started(options.processes, _piped(table.columns, rows) if options.processes > 1 else None):
        keep_freed_memory(ANYTHING)
        processes = Processes(pick_device(options.device), options.tracker, out.path(""))
        try:
            yield from _train_together(build, rows, options, out, processes, progress)
        finally:
            processes.close()


def _train_together(
    build: Build, rows: list[Row], options: TrainOptions, out: Output, processes: Processes, progress: Progress
) -> Iterator[Row]:
    with processes.main_first():
        good, digest = read_data(rows, options, out, progress)
    good = replace(good, before=_before(out.path(""), options))
    if not processes.agree("\n".join(row["path"] for row in good.rows)):
        raise UsageError("the processes do not read the same photos: name a folder or a manifest, pipe nothing")
    seed_step(options.seed, 0, 0)  # the weights that a run begins with
    recipe = build(options, good, processes.device)
    if recipe.in_one_process and processes.count > 1:
        raise UsageError(f"these options train in one process, not in {processes.count}")
    for note in recipe.notes:
        progress.note(note)
    loop = Loop(recipe, good, options, out.path(""), processes, progress)
    # Names in a piped manifest hang on its first row, which the others may not see: the main one's digest counts.
    goes_on = out.goes_on(digest) if processes.is_main else out.record is not None and out.record.is_old
    if goes_on:
        _refuse_other_facts(out.path(""), recipe)
        loop.resume()
        progress.note(_told_resumed(loop, out.path(""), processes.count))
    elif options.init_from is not None:
        run_folder.load_weights(options.init_from, options.recipe, recipe)
    if processes.is_main:
        _begin(loop, out, digest, goes_on=goes_on)
    processes.wait()
    processes.track(options.recipe, {name: value for name, value in vars(options).items() if value is not None})
    among = f" in {processes.count} processes" if processes.count > 1 else ""
    progress.note(
        f"{len(good.photos):,} photos, {loop.per_epoch:,} steps an epoch, {loop.total_steps:,} in all, "
        f"on {processes.device.type}{among}"
    )
    begun = loop.state.position.step
    for step in loop.train(out.earlier_seconds()):
        if processes.is_main:
            out.describe_session(steps=step - begun, peak_memory=logs.peak_memory(processes.device))
            out.begin(digest)
    if processes.is_main:
        _finish(loop, out, progress, digest)
        yield Row({"path": str(out.path(""))})


def _before(run: Path, options: TrainOptions) -> Before | None:
    """What this session goes on from, or begins with."""
    record = None if options.overwrite else read_run(run)
    if record is not None:
        return run_folder.read_before(run, record, goes_on=True)
    if options.init_from is not None:
        return run_folder.read_before(options.init_from, run_folder.open_run(options.init_from), goes_on=False)
    return None


def _begin(loop: Loop, out: Output, digest: str, *, goes_on: bool) -> None:
    recipe, run = loop.recipe, out.path("")
    models = {name: {"name": one.name, "arguments": dict(one.arguments)} for name, one in recipe.models.items()}
    threads = torch.get_num_threads()
    out.describe_session(processes=loop.processes.count)
    if not goes_on and loop.options.overwrite:
        _start_anew(run)
    made = {FACTS: dict(recipe.facts), FILES: list(recipe.files), FIGURES: list(recipe.figures)}
    out.describe(models=models, torch=torch.__version__, torch_threads=threads, **made)
    if not goes_on:
        _refuse_lost_run(run)
        loop.save()  # before `run.json`: a run that has one has a checkpoint to go on from
        for name, content in recipe.files.items():
            write_atomically(run / name, content)
    out.begin(digest)


def _piped(columns: tuple[str, ...], rows: list[Row]) -> bytes | None:
    """The rows as a manifest, if they may have come from standard input, which can be read once."""
    try:
        if stat.S_ISCHR(os.fstat(0).st_mode):
            return None
    except OSError:  # it is closed
        return None
    text = io.StringIO(newline="")
    writer = Writer(text, columns, None)
    writer.header()
    for row in rows:
        writer.row(row)
    return text.getvalue().encode("utf-8", "surrogateescape")


def _told_resumed(loop: Loop, run: Path, processes: int) -> str:
    """The line that says where a run goes on, and what is not as it was."""
    record = read_run(run) or {}
    position, before = loop.state.position, record.get("options", {})
    told = f"going on from step {position.step:,}, photo {position.seen:,} of epoch {position.epoch + 1:,}"
    if before.get("batch", loop.options.batch) != loop.options.batch:
        told += f"; --batch was {before['batch']} and is {loop.options.batch} now"
    among = [one["processes"] for one in record.get("sessions", []) if "processes" in one]
    if among and among[-1] != processes:
        told += f"; --processes was {among[-1]} and is {processes} now"
    return told


def _refuse_lost_run(run: Path) -> None:
    """A folder with checkpoints of a training under way, but without `run.json`, is not begun anew in silence.

    Raises:
        UsageError: It is such a folder.
    """
    if any(step > 0 for step in steps_of(run)):
        raise UsageError(f"{run} has checkpoints but no run.json: name another folder, or --overwrite")


def _refuse_other_facts(run: Path, recipe: Recipe) -> None:
    """What decided a run besides its options, such as weights that were found, must be found again.

    Raises:
        UsageError: It is not as it was.
    """
    before: dict[str, Any] = (read_run(run) or {}).get(FACTS, {})
    for name, value in json.loads(json.dumps(dict(recipe.facts))).items():
        if name in before and before[name] != value:
            raise UsageError(f"{run} was begun with {name} = {before[name]}, and now it is {value}")


def _start_anew(run: Path) -> None:
    """Remove what an earlier training wrote into its folder, and nothing else that may lie there."""
    for folder in (CHECKPOINTS, logs.PREVIEWS, TRACKER):
        shutil.rmtree(run / folder, ignore_errors=True)
    before = read_run(run) or {}
    own = (*before.get(FILES, ()), *before.get(FIGURES, ()))
    for file in (run_folder.MODEL, run_folder.BEST, logs.METRICS, logs.LOSSES, *own):
        (run / os.path.basename(file)).unlink(missing_ok=True)


def _finish(loop: Loop, out: Output, progress: Progress, digest: str) -> None:
    run: Path = out.path("")
    run_folder.save_networks(run, run_folder.MODEL, loop.recipe, loop.shown_modules())
    best = loop.told_best()
    out.extra_totals = {"photos": len(loop.data.photos), "steps": loop.state.position.step, "best_epoch": best}
    out.finish(digest)
    progress.clear()
    if best:
        figures = ", ".join(
            f"{name} {value:.4f}" for name, value in best.items() if name not in ("epoch", "step", "rule")
        )
        told, of = ("step", loop.state.position.step) if loop.options.told_every else ("epoch", len(loop.state.epochs))
        progress.note(f"best {told} {best[told]:,} of {of:,}: {figures} (rule: {best['rule']})")
