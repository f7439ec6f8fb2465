"""Checkpoints: tensors in safetensors, numbers in JSON, written to one side and renamed. No pickle anywhere."""

import json
import os
import random
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.optim import Optimizer

from fashiontools.core.errors import UsageError

FOLDER = "checkpoints"
_TENSORS, _NUMBERS = "state.safetensors", "state.json"


def save(
    run: Path,
    step: int,
    modules: Mapping[str, nn.Module],
    optimizers: Mapping[str, Optimizer],
    numbers: dict[str, Any],
    keep: int,
) -> None:
    """Write the checkpoint of a step and remove all but the newest `keep`.

    Args:
        run: The run folder.
        step: Steps that are done.
        modules: Networks by name.
        optimizers: Optimizers by turn.
        numbers: What else the loop has to remember, as JSON.
        keep: How many checkpoints stay.
    """
    tensors = {
        f"module.{name}.{key}": value for name, module in modules.items() for key, value in module.state_dict().items()
    }
    groups = {}
    for name, optimizer in optimizers.items():
        state = optimizer.state_dict()
        groups[name] = state["param_groups"]
        for index, entry in state["state"].items():
            tensors.update({f"optimizer.{name}.{index}.{key}": torch.as_tensor(value) for key, value in entry.items()})
    tensors["rng.torch"] = torch.get_rng_state()
    if torch.cuda.is_available():
        tensors["rng.cuda"] = torch.cuda.get_rng_state()
    # `contiguous` in the ordinary sense: safetensors knows no channels-last layout.
    tensors = {key: value.detach().cpu().contiguous() for key, value in tensors.items()}
    folder = run / FOLDER / f"{step:08d}"
    aside = folder.with_name(folder.name + ".part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    save_file(tensors, aside / _TENSORS)
    numbers = {**numbers, "step": step, "optimizers": groups, "rng": _rng_numbers()}
    (aside / _NUMBERS).write_text(json.dumps(numbers), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(aside, folder)
    for old in steps_of(run)[:-keep]:
        shutil.rmtree(run / FOLDER / f"{old:08d}")


def _rng_numbers() -> dict[str, Any]:
    name, keys, *rest = np.random.get_state()
    version, internal, gauss = random.getstate()
    return {"numpy": [name, keys.tolist(), *rest], "python": [version, list(internal), gauss]}


def steps_of(run: Path) -> list[int]:
    """The steps that a run has checkpoints of, in order."""
    return sorted(int(entry.name) for entry in (run / FOLDER).glob("*") if entry.name.isdigit())


def load_newest(run: Path, modules: Mapping[str, nn.Module], optimizers: Mapping[str, Optimizer]) -> dict[str, Any]:
    """Load the newest checkpoint of a run.

    Args:
        run: The run folder.
        modules: Networks by name; their weights are replaced.
        optimizers: Optimizers by turn; their moments are replaced.

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
        _restore(tensors, numbers, modules, optimizers)
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        others = f"remove it to go on from step {steps[-2]}" if len(steps) > 1 else "there is no older one"
        reason = str(error).splitlines()[0]
        raise UsageError(f"{folder} is damaged ({reason}); {others}") from None
    return numbers


def _restore(
    tensors: dict[str, Tensor],
    numbers: dict[str, Any],
    modules: Mapping[str, nn.Module],
    optimizers: Mapping[str, Optimizer],
) -> None:
    for name, module in modules.items():
        module.load_state_dict(_below(tensors, f"module.{name}."))
    for name, optimizer in optimizers.items():
        state: dict[int, dict[str, Tensor]] = {}
        for key, value in _below(tensors, f"optimizer.{name}.").items():
            index, entry = key.split(".", 1)
            state.setdefault(int(index), {})[entry] = value
        optimizer.load_state_dict({"state": state, "param_groups": numbers["optimizers"][name]})
    torch.set_rng_state(tensors["rng.torch"])
    if "rng.cuda" in tensors and torch.cuda.is_available():
        torch.cuda.set_rng_state(tensors["rng.cuda"])
    name, keys, *rest = numbers["rng"]["numpy"]
    np.random.set_state((name, np.array(keys, np.uint32), *rest))
    version, internal, gauss = numbers["rng"]["python"]
    random.setstate((version, tuple(internal), gauss))


def _below(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
