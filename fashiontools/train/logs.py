"""What a run leaves to look at: metrics.csv, losses.png, previews and real beside generated photos."""

import csv
import io
import resource
import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from fashiontools.core.contact_sheet import grid
from fashiontools.core.files import write_atomically
from fashiontools.core.images import write_photo
from fashiontools.train.pixels import to_pixels

METRICS = "metrics.csv"
LOSSES = "losses.png"
PREVIEWS = "previews"


def _names(epochs: list[dict[str, float]]) -> list[str]:
    """The scalars of all epochs, in the order in which they appear; a turn that begins late brings its own."""
    return list(dict.fromkeys(name for epoch in epochs for name in epoch if name not in ("epoch", "step")))


def write_metrics(run: Path, epochs: list[dict[str, float]]) -> None:
    """Write `metrics.csv`: one line per finished epoch, the means over its photos."""
    text = io.StringIO()
    writer = csv.DictWriter(text, ["epoch", "step", *_names(epochs)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(epochs)
    write_atomically(run / METRICS, text.getvalue().encode())


def draw_losses(run: Path, epochs: list[dict[str, float]], best: int, rule: str) -> None:
    """Draw `losses.png`: the losses over the epochs above, the other scalars (such as D(x)) below."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    losses = [name for name in _names(epochs) if name.startswith(("loss_", "val_loss"))]
    scalars = [name for name in _names(epochs) if name not in losses]
    figure, axes = pyplot.subplots(1 + bool(scalars), 1, figsize=(8, 6), sharex=True, squeeze=False)
    numbers = [epoch["epoch"] for epoch in epochs]
    for axis, names in zip(axes[:, 0], (losses, scalars), strict=False):
        for name in names:
            values = [epoch.get(name, float("nan")) for epoch in epochs]
            axis.plot(numbers, values, label=name, marker="." if len(epochs) < 40 else None)
        axis.axvline(numbers[best], color="gray", linestyle=":", linewidth=1)
        axis.legend()
        axis.grid(alpha=0.3)
    axes[0, 0].set_title(f"dotted: best epoch {numbers[best]:.0f} ({rule})", fontsize=9)
    axes[-1, 0].set_xlabel("epoch")
    figure.tight_layout()
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100, metadata={"Software": None})
    pyplot.close(figure)
    write_atomically(run / LOSSES, buffer.getvalue())


def write_preview(run: Path, step: int, images: Tensor, columns: int) -> None:
    """Write `previews/STEP.png`, a grid of the images."""
    write_photo(run / PREVIEWS / f"{step:08d}.png", grid(list(to_pixels(images)), columns))


def side_by_side(left: np.ndarray, right: np.ndarray, columns: int) -> np.ndarray:
    """Two grids of (N, H, W, 3) uint8 pictures beside each other; returns (H, W, 3) uint8."""
    sides = [grid(list(pixels), columns) for pixels in (left, right)]
    height = max(side.shape[0] for side in sides)
    padded = [np.pad(s, ((0, height - s.shape[0]), (0, 0), (0, 0)), constant_values=255) for s in sides]
    return np.concatenate([padded[0], np.full((height, 16, 3), 255, np.uint8), padded[1]], axis=1)


def clock(left: float) -> str:
    """Seconds as `M:SS` or `H:MM:SS`."""
    minutes, secs = divmod(round(left), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{secs:02d}" if hours else f"{minutes}:{secs:02d}"


def peak_memory(device: torch.device) -> int:
    """The most memory that was in use so far, bytes: the GPU's, else the process's."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
