"""Checkpoints: tensors in safetensors, numbers in JSON, written to one side and renamed. No pickle anywhere.

The states of random generators are not in them: the loop sets every generator anew at each step, from the seed, the
step and the process, so that the step says it all, for any number of processes and devices.
"""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.amp import GradScaler
from torch.optim import Optimizer

from fashiontools.core.errors import Diverged, UsageError

FOLDER = "checkpoints"
_TENSORS, _NUMBERS = "state.safetensors", "state.json"


@dataclass
class Trained:
    """Everything whose state a checkpoint holds, by name.

    Attributes:
        modules: The networks.
        averages: Their moving averages, of those that have one.
        optimizers: By turn.
        scalers: Of 16-bit gradients, by turn.
    """

    modules: Mapping[str, nn.Module]
    averages: Mapping[str, nn.Module] = field(default_factory=dict)
    optimizers: Mapping[str, Optimizer] = field(default_factory=dict)
    scalers: Mapping[str, GradScaler] = field(default_factory=dict)


def save(run: Path, step: int, trained: Trained, numbers: dict[str, Any], keep: int) -> None:
    """Write the checkpoint of a step and remove all but the newest `keep`.

    Args:
        run: The run folder.
        step: Steps that are done.
        trained: Whose state it is.
        numbers: What else the loop has to remember, as JSON.
        keep: How many checkpoints stay.

    Raises:
        Diverged: A weight is no longer a number; the checkpoints that are there stay.
    """
    tensors = {}
    for kind, modules in (("module", trained.modules), ("average", trained.averages)):
        for name, module in modules.items():
            tensors.update({f"{kind}.{name}.{key}": value for key, value in module.state_dict().items()})
    for name, value in tensors.items():
        if value.is_floating_point() and not torch.isfinite(value).all():
            raise Diverged(f"{name} has values at step {step} that are no numbers", "the last checkpoint is kept")
    groups = {}
    for name, optimizer in trained.optimizers.items():
        state = optimizer.state_dict()
        groups[name] = state["param_groups"]
        for index, entry in state["state"].items():
            tensors.update({f"optimizer.{name}.{index}.{key}": torch.as_tensor(value) for key, value in entry.items()})
    # `contiguous` in the ordinary sense: safetensors knows no channels-last layout.
    tensors = {key: value.detach().cpu().contiguous() for key, value in tensors.items()}
    scalers = {name: scaler.state_dict() for name, scaler in trained.scalers.items()}
    folder = run / FOLDER / f"{step:08d}"
    aside = folder.with_name(folder.name + ".part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    save_file(tensors, aside / _TENSORS)
    numbers = {**numbers, "step": step, "optimizers": groups, "scalers": scalers}
    (aside / _NUMBERS).write_text(json.dumps(numbers), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(aside, folder)
    for old in steps_of(run)[:-keep]:
        shutil.rmtree(run / FOLDER / f"{old:08d}")


def steps_of(run: Path) -> list[int]:
    """The steps that a run has checkpoints of, in order."""
    return sorted(int(entry.name) for entry in (run / FOLDER).glob("*") if entry.name.isdigit())


def load_newest(run: Path, trained: Trained) -> dict[str, Any]:
    """Load the newest checkpoint of a run.

    Args:
        run: The run folder.
        trained: What takes on the state.

    Returns:
        The numbers that were saved with it, `step` among them.

    Raises:
        UsageError: There is none, or it is damaged: training never starts afresh in silence.
    """
    steps = steps_of(run)
    if not steps:
        raise UsageError(f"{run} has no checkpoint to go on from: name another folder, or --overwrite")
    folder = run / FOLDER / f"{steps[-1]:08d}"
    try:
        tensors = load_file(folder / _TENSORS)
        numbers = json.loads((folder / _NUMBERS).read_text(encoding="utf-8"))
        _restore(tensors, numbers, trained)
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        others = f"remove it to go on from step {steps[-2]}" if len(steps) > 1 else "there is no older one"
        reason = str(error).splitlines()[0]
        raise UsageError(f"{folder} is damaged ({reason}); {others}") from None
    return numbers


def _restore(tensors: dict[str, Tensor], numbers: dict[str, Any], trained: Trained) -> None:
    for kind, modules in (("module", trained.modules), ("average", trained.averages)):
        for name, module in modules.items():
            module.load_state_dict(below(tensors, f"{kind}.{name}."))
    for name, optimizer in trained.optimizers.items():
        state: dict[int, dict[str, Tensor]] = {}
        for key, value in below(tensors, f"optimizer.{name}.").items():
            index, entry = key.split(".", 1)
            state.setdefault(int(index), {})[entry] = value
        optimizer.load_state_dict({"state": state, "param_groups": numbers["optimizers"][name]})
    for name, scaler in trained.scalers.items():
        scaler.load_state_dict(numbers["scalers"][name])


def below(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors whose names begin with a prefix, without it."""
    return {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
