"""A trained network from its run folder, and from nothing else."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from fashiontools.core.errors import UsageError
from fashiontools.core.provenance import read_run
from fashiontools.core.registry import lookup
from fashiontools.models.registry import MODELS
from fashiontools.train.checkpoint import below

MODEL = "model.safetensors"


def open_run(folder: Path) -> dict[str, Any]:
    """The `run.json` of a finished training run.

    Raises:
        UsageError: It is none, or unfinished.
    """
    run = read_run(folder)
    if run is None or run["command"] != "train":
        raise UsageError(f"{folder} is not a training run: `fashiontools train` makes some")
    if not run.get("complete") or not (folder / MODEL).exists():
        raise UsageError(f"{folder} is unfinished: run it again, or stop it with --time-limit or --steps")
    return run


def load_network(folder: Path, run: dict[str, Any], name: str, device: torch.device) -> nn.Module:
    """Build a network of a run and load its weights, ready to be used (evaluation mode).

    Args:
        folder: The run folder.
        run: Its `run.json`.
        name: Of the module, such as `generator`.
        device: Where it goes.

    Raises:
        UsageError: The run has no such network, or its weights do not fit.
    """
    if name not in run.get("models", {}):
        raise UsageError(f"{folder} has no {name}: recipe {run.get('recipe')!r} trains {', '.join(run['models'])}")
    model = run["models"][name]
    network: nn.Module = lookup(MODELS, model["name"], "model").load()(**model["arguments"])
    try:
        network.load_state_dict(below(load_file(folder / MODEL), name + "."))
    except (OSError, RuntimeError, SafetensorError) as error:
        raise UsageError(f"{folder / MODEL} is damaged: {str(error).splitlines()[0]}") from None
    return network.to(device).eval()


def load_weights(folder: Path, recipe: str, modules: Mapping[str, nn.Module]) -> None:
    """Load the weights of another finished run of the same recipe into networks.

    Args:
        folder: The other run.
        recipe: The name of the recipe.
        modules: The networks, by name; all are replaced.

    Raises:
        UsageError: It is another recipe's run, unfinished, or its networks are others.
    """
    run = open_run(folder)
    if run.get("recipe") != recipe:
        raise UsageError(f"--init-from {folder}: a run of {run.get('recipe')!r}, not of {recipe!r}")
    try:
        tensors = load_file(folder / MODEL)
        for name, module in modules.items():
            module.load_state_dict(below(tensors, name + "."))
    except (OSError, RuntimeError, SafetensorError) as error:
        reason = " ".join(str(error).split()[:24])
        raise UsageError(f"--init-from {folder}: its networks do not fit these options: {reason}") from None
