"""A trained network from its run folder, and from nothing else."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from fashiontools.core.errors import UsageError
from fashiontools.core.output import Output
from fashiontools.core.provenance import read_run
from fashiontools.core.registry import lookup
from fashiontools.core.weights import file_sha256
from fashiontools.models.registry import MODELS
from fashiontools.train.checkpoint import below
from fashiontools.train.recipe import Before, Recipe

MODEL = "model.safetensors"
BEST = "best.safetensors"
FACTS = "recipe_facts"
FILES = "files"
FIGURES = "figures"
_WEIGHTS = "weights"


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


def best_file(folder: Path) -> str:
    """The name of a run's best weights: `BEST` where the run was judged on the way, else `MODEL`."""
    return BEST if (folder / BEST).exists() else MODEL


def save_networks(folder: Path, file: str, recipe: Recipe, modules: Mapping[str, nn.Module]) -> None:
    """Write the weights of the networks that a recipe names, aside and renamed.

    Args:
        folder: The run folder.
        file: `MODEL` or `BEST`.
        recipe: Whose `models` are written.
        modules: The networks by name, averaged ones where images are made with them.
    """
    tensors = {
        f"{name}.{key}": value.detach().cpu().contiguous()
        for name, module in modules.items()
        if name in recipe.models
        for key, value in module.state_dict().items()
    }
    aside = folder / f".{file}.part"
    save_file(tensors, aside)
    aside.replace(folder / file)


def load_network(folder: Path, run: dict[str, Any], name: str, device: torch.device, file: str = MODEL) -> nn.Module:
    """Build a network of a run and load its weights, ready to be used (evaluation mode).

    Args:
        folder: The run folder.
        run: Its `run.json`.
        name: Of the module, such as `generator`.
        device: Where it goes.
        file: `MODEL`, the last weights, or `BEST`, those that held-out photos were judged best with.

    Raises:
        UsageError: The run has no such network, or its weights do not fit.
    """
    if name not in run.get("models", {}):
        raise UsageError(f"{folder} has no {name}: recipe {run.get('recipe')!r} trains {', '.join(run['models'])}")
    model = run["models"][name]
    network: nn.Module = lookup(MODELS, model["name"], "model").load()(**model["arguments"])
    try:
        network.load_state_dict(below(load_file(folder / file), name + "."))
    except (OSError, RuntimeError, SafetensorError) as error:
        raise UsageError(f"{folder / file} is damaged: {str(error).splitlines()[0]}") from None
    return network.to(device).eval()


def read_before(folder: Path, run: dict[str, Any], *, goes_on: bool) -> Before:
    """What a recipe may know of an earlier run.

    Args:
        folder: Its folder.
        run: Its `run.json`.
        goes_on: Whether it is the run that goes on, so that its facts must hold again.
    """
    files = {name: (folder / name).read_bytes() for name in run.get(FILES, ()) if (folder / name).is_file()}
    arguments = {name: model["arguments"] for name, model in run.get("models", {}).items()}
    return Before(run.get(FACTS, {}) if goes_on else {}, files, arguments)


def load_weights(folder: Path, name: str, recipe: Recipe) -> None:
    """Load the weights of another finished run of the same recipe into its networks.

    Args:
        folder: The other run.
        name: The name of the recipe.
        recipe: Its networks are changed.

    Raises:
        UsageError: It is another recipe's run, unfinished, or its networks are others.
    """
    run = open_run(folder)
    if run.get("recipe") != name:
        raise UsageError(f"--init-from {folder}: a run of {run.get('recipe')!r}, not of {name!r}")
    try:
        tensors = load_file(folder / MODEL)
        for model in recipe.models:
            recipe.modules[model].load_state_dict(below(tensors, model + "."))
    except (OSError, RuntimeError, SafetensorError) as error:
        reason = " ".join(str(error).split()[:24])
        raise UsageError(f"--init-from {folder}: its networks do not fit these options: {reason}") from None


def refuse_other_weights(source: Path, out: Output, file: str = MODEL) -> None:
    """Record whose weights an output folder is made with, and refuse to go on with others.

    Its rows know only the name, and a run that was trained on since then is another one.

    Args:
        source: The run folder, or a file of weights.
        out: What is made with it.
        file: The weights in the run folder.

    Raises:
        UsageError: The output folder was made with other weights.
    """
    weights = file_sha256(source / file if source.is_dir() else source)
    before = None if out.options.overwrite else read_run(out.path(""))
    if before is not None and before.get(_WEIGHTS, weights) != weights:
        other = f"{out.path('')} was made with other weights than {source} has now"
        raise UsageError(f"{other}: name another output folder, or --overwrite")
    out.describe(**{_WEIGHTS: weights})
