"""The step of `train`: rows in, a run folder out."""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from fashiontools.core.device import pick_device
from fashiontools.core.errors import UsageError
from fashiontools.core.manifest import Row, Table
from fashiontools.core.output import Output
from fashiontools.core.parallel import usable_cores
from fashiontools.core.progress import Progress
from fashiontools.core.registry import Entry
from fashiontools.train import data, logs
from fashiontools.train.checkpoint import FOLDER as CHECKPOINTS
from fashiontools.train.checkpoint import steps_of
from fashiontools.train.loop import Loop
from fashiontools.train.options import RECIPES, TrainOptions
from fashiontools.train.recipe import Recipe

MODEL = "model.safetensors"


def train(table: Table, options: TrainOptions, out: Output, progress: Progress) -> Table:
    """Train a recipe on the photos of a table, from the start or from where the run folder stands.

    Args:
        table: Rows with `path`; bad rows are left out.
        options: Of the recipe.
        out: The run folder.
        progress: Where progress goes.

    Returns:
        One row, whose `path` is the run folder.

    Raises:
        UsageError: The input or an option changed since the run began, or there is nothing to train on.
        Diverged: A loss is no longer a number.
    """
    return Table(("path",), _train(table, options, out, progress))


def _train(table: Table, options: TrainOptions, out: Output, progress: Progress) -> Iterator[Row]:
    rows = [row for row in table.rows if not row.is_bad]
    if options.dry_run:
        progress.note(f"dry run: would train {options.recipe} on {len(rows):,} photos; nothing was written")
        return
    if options.overwrite:
        _start_anew(out)
    loaded = _load(rows, options, out, progress)
    device = pick_device(options.device)
    _seed_all(options.seed)
    recipe: Recipe = Entry(target=RECIPES[options.recipe].recipe, summary="", source="").load()(options, device)
    out.describe(
        models={
            name: {"name": model.name, "arguments": dict(model.arguments)} for name, model in recipe.models.items()
        },
        torch=torch.__version__,
        torch_threads=torch.get_num_threads(),
    )
    loop = Loop(recipe, loaded.photos, options, out.path(""), device, progress)
    if out.goes_on(loaded.digest):
        loop.resume()
        progress.note(f"going on from step {loop.state.step:,}")
    else:
        _refuse_lost_run(out.path(""))
        loop.save()  # before `run.json`: a run that has one has a checkpoint to go on from
    out.begin(loaded.digest)
    progress.note(
        f"{len(loaded.photos):,} photos, {loop.per_epoch:,} steps an epoch, {loop.last:,} in all, on {device}"
    )
    for _ in loop.train(out.earlier_seconds()):
        out.begin(loaded.digest)
    _finish(loop, out, progress, loaded.digest)
    yield Row({"path": str(out.path(""))})


def _seed_all(seed: int) -> None:
    """Seed every global generator, so that two runs have the same random states in their checkpoints."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def _refuse_lost_run(run: Path) -> None:
    """A folder with checkpoints of a training under way, but without `run.json`, is not begun anew in silence.

    Raises:
        UsageError: It is such a folder.
    """
    if any(step > 0 for step in steps_of(run)):
        raise UsageError(f"{run} has checkpoints but no run.json: name another folder, or --overwrite")


def _load(rows: list[Row], options: TrainOptions, out: Output, progress: Progress) -> data.Loaded:
    if not rows:
        raise UsageError("there is nothing to train on: the input has no good rows")
    cache = None if options.no_cache else data.cache_folder(options.cache)
    workers = options.workers or usable_cores()
    loaded = data.load(rows, options.size, options.fit, cache=cache, workers=workers, progress=progress)
    progress.clear()
    out.totals.rows, out.totals.done, out.totals.bad = len(rows), len(loaded.photos), len(loaded.bad)
    for path, reason in loaded.bad:
        out.totals.reasons[reason] = out.totals.reasons.get(reason, 0) + 1
        progress.detail(f"bad: {path}: {reason}")
    out.totals.judge(options.max_errors)  # before the days of training, not after them
    if len(loaded.photos) == 0:
        raise UsageError("there is nothing to train on: no photo can be read")
    return loaded


def _start_anew(out: Output) -> None:
    for folder in (CHECKPOINTS, logs.PREVIEWS):
        shutil.rmtree(out.path(folder), ignore_errors=True)
    for file in (MODEL, logs.METRICS, logs.LOSSES, logs.REAL_VS_GENERATED):
        out.path(file).unlink(missing_ok=True)


def _finish(loop: Loop, out: Output, progress: Progress, digest: str) -> None:
    run: Path = out.path("")
    tensors = {
        f"{name}.{key}": value.detach().cpu().contiguous()
        for name, module in loop.recipe.modules.items()
        for key, value in module.state_dict().items()
    }
    aside = run / f".{MODEL}.part"
    save_file(tensors, aside)
    aside.replace(run / MODEL)
    best = loop.told_best()
    out.extra_totals = {"photos": len(loop.photos), "steps": loop.state.step, "best_epoch": best}
    out.finish(digest)
    progress.clear()
    if best:
        figures = ", ".join(
            f"{name} {value:.4f}" for name, value in best.items() if name not in ("epoch", "step", "rule")
        )
        progress.note(f"best epoch {best['epoch']} of {len(loop.state.epochs)}: {figures} (rule: {best['rule']})")
