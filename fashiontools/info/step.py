"""The step of `info`: what is installed, and what folders are."""

import importlib.metadata
import json
import os
import platform
from collections import Counter
from pathlib import Path
from typing import Any

from fashiontools import __version__
from fashiontools.core.errors import UsageError
from fashiontools.core.inputs import PART, open_inputs
from fashiontools.core.parallel import usable_cores
from fashiontools.core.progress import Progress
from fashiontools.core.provenance import read_run
from fashiontools.core.totals import Told
from fashiontools.info.options import InfoOptions

_LIBRARIES = (
    "torch", "torchvision", "accelerate", "safetensors", "torch-fidelity", "torchmetrics", "spacy", "numpy", "scipy",
    "opencv-python-headless", "pillow", "scikit-learn", "joblib", "matplotlib", "typer", "urllib3", "protego",
    "selenium", "selectolax", "cryptography", "patchmatch-cython", "h5py", "tensorboard",
)  # fmt: skip
_WEIGHTS = (".pt", ".pth", ".safetensors")


def info(names: list[str], options: InfoOptions, progress: Progress, *, terminal: bool) -> Told:
    """Tell of the installation, or of what is named.

    Args:
        names: Folders and manifests; none tells of the installation.
        options: How to print.
        progress: Where the count of a large manifest goes, and with `--verbose` each bad row and missing file.
        terminal: Whether a person reads it.

    Returns:
        Text, or JSON with `--json`.

    Raises:
        UsageError: Something named is not there.
    """
    facts = {name: _of(name, progress) for name in names} if names else {"fashiontools": _of_installation()}
    if options.json:
        return Told(json.dumps(facts, indent=1) + "\n")
    return Told("".join(_told(name, values) for name, values in facts.items()))


def _told(title: str, values: dict[str, Any]) -> str:
    lines = [title]
    for key, value in values.items():
        text = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else str(value)
        lines.append(f"  {key:12} {text}")
    return "\n".join(lines) + "\n"


def _of_installation() -> dict[str, Any]:
    import torch

    devices = ["cpu"]
    if torch.cuda.is_available():
        devices += [f"cuda ({torch.cuda.get_device_name(i)})" for i in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        devices.append("mps")
    return {
        "version": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": usable_cores(),
        "devices": ", ".join(devices),
        "libraries": {name: _version(name) for name in _LIBRARIES},
        "weights": ", ".join(_weights()) or "none found: they are fetched when first asked for",
    }


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _weights() -> list[str]:
    """Weights that torch's own loader has fetched."""
    import torch

    folder = Path(torch.hub.get_dir(), "checkpoints")
    return sorted(str(file) for file in folder.glob("*") if file.suffix in _WEIGHTS)


def _of(name: str, progress: Progress) -> dict[str, Any]:
    if not os.path.exists(name):
        raise UsageError(f"{name}: no such file or folder")
    run = read_run(name) if os.path.isdir(name) else None
    facts: dict[str, Any] = {}
    if run is not None:
        facts["made by"] = " ".join(filter(None, (run["command"], run.get("recipe") or run.get("importer"))))
        facts["version"] = run.get("version", "")
        facts["options"] = {key: value for key, value in run.get("options", {}).items() if value is not None}
        facts["sessions"] = len(run.get("sessions", []))
        facts["totals"] = _flat(run.get("totals", {}))
    unfinished = (run is not None and not run.get("complete")) or Path(name, PART).exists()
    facts["complete"] = "no: run it again" if unfinished else "yes"
    if not unfinished and (run is None or run["command"] != "train"):
        facts |= _of_rows(name, progress)
    return facts


def _flat(values: dict[str, Any]) -> dict[str, Any]:
    flat = {}
    for key, value in values.items():
        if isinstance(value, dict):
            flat.update({f"{key} {inner}": each for inner, each in value.items()})
        else:
            flat[key] = value
    return flat


def _of_rows(name: str, progress: Progress) -> dict[str, Any]:
    table = open_inputs([name])
    status: Counter[str] = Counter()
    labels: Counter[str] = Counter()
    missing = 0
    for row in progress.track(table.rows):
        status[row.get("status") or "ok"] += 1
        labels[row.get("label", "")] += 1
        if row.is_bad:
            progress.detail(f"bad: {row.name}: {row.get('error', '')}")
        if not os.path.exists(row["path"]):
            missing += 1
            progress.detail(f"missing: {row['path']}")
    progress.clear()
    facts: dict[str, Any] = {"columns": ", ".join(table.columns), "rows": {"all": status.total(), **status}}
    if missing:
        facts["missing"] = f"{missing} files that rows point to are not there"
    if set(labels) != {""}:
        facts["labels"] = dict(labels.most_common(20))
    return facts
