"""Small trainings, and what their run folders hold."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from manifests import Rows, rows_of
from safetensors.torch import load_file
from torch import Tensor

SMALL = (
    "--size", "16", "--generator-width", "8", "--discriminator-width", "8", "--batch", "8", "--save-every", "3",
)  # fmt: skip
HARD = ("--flip", "--dropout", "0.2", "--ema", "0.9")  # what has a state, or takes random numbers besides the latents


def weights(run: Path) -> bytes:
    return (run / "model.safetensors").read_bytes()


def tensors(run: Path) -> dict[str, Tensor]:
    return load_file(run / "model.safetensors")


def state(run: Path, step: int) -> dict[str, Tensor]:
    """The tensors of a checkpoint."""
    return load_file(run / "checkpoints" / f"{step:08d}" / "state.safetensors")


def numbers(run: Path, step: int) -> dict[str, Any]:
    """The numbers of a checkpoint."""
    return json.loads((run / "checkpoints" / f"{step:08d}" / "state.json").read_text())


def record_of(run: Path) -> dict[str, Any]:
    return json.loads((run / "run.json").read_text())


def checkpoints_of(run: Path) -> list[int]:
    return sorted(int(folder.name) for folder in (run / "checkpoints").iterdir())


def metrics_of(run: Path) -> Rows:
    return rows_of(run / "metrics.csv")


def steps_done(run: Path) -> int:
    return record_of(run)["totals"]["steps"]


def furthest(one: dict[str, Tensor], other: dict[str, Tensor], names: Sequence[str] | None = None) -> float:
    """The largest difference between tensors of the same names."""
    assert names is not None or set(one) == set(other)
    return max(float(np.abs((one[name] - other[name]).double().numpy()).max()) for name in names or one)
