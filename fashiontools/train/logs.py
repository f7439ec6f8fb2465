"""What a run leaves to look at: metrics.csv, losses.png, previews and real beside generated photos."""

import csv
import io
from pathlib import Path

import numpy as np
from torch import Tensor

from fashiontools.core.contact_sheet import grid
from fashiontools.core.files import write_atomically
from fashiontools.core.images import write_photo

METRICS = "metrics.csv"
LOSSES = "losses.png"
PREVIEWS = "previews"
REAL_VS_GENERATED = "real_vs_generated.png"
_COLUMNS = 8


def write_metrics(run: Path, epochs: list[dict[str, float]]) -> None:
    """Write `metrics.csv`: one line per finished epoch, the means over its photos."""
    text = io.StringIO()
    names = ["epoch", "step", *(name for name in (epochs[0] if epochs else {}) if name not in ("epoch", "step"))]
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(epochs)
    write_atomically(run / METRICS, text.getvalue().encode())


def draw_losses(run: Path, epochs: list[dict[str, float]], best: int, rule: str) -> None:
    """Draw `losses.png`: the losses over the epochs above, the other scalars (such as D(x)) below."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    losses = [name for name in epochs[0] if name.startswith("loss_")]
    scalars = [name for name in epochs[0] if name not in ("epoch", "step", *losses)]
    figure, axes = pyplot.subplots(1 + bool(scalars), 1, figsize=(8, 6), sharex=True, squeeze=False)
    numbers = [epoch["epoch"] for epoch in epochs]
    for axis, names in zip(axes[:, 0], (losses, scalars), strict=False):
        for name in names:
            axis.plot(numbers, [epoch[name] for epoch in epochs], label=name, marker="." if len(epochs) < 40 else None)
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


def to_pixels(images: Tensor) -> np.ndarray:
    """(N, 3, H, W) float in [-1, 1] to (N, H, W, 3) uint8 RGB, rounded."""
    scaled = ((images.detach().float().cpu() + 1) * 127.5).round().clamp(0, 255)
    return scaled.byte().permute(0, 2, 3, 1).contiguous().numpy()


def write_preview(run: Path, step: int, images: Tensor) -> None:
    """Write `previews/STEP.png`, a grid of the images."""
    write_photo(run / PREVIEWS / f"{step:08d}.png", grid(list(to_pixels(images)), _COLUMNS))


def write_real_vs_generated(run: Path, real: np.ndarray, generated: Tensor) -> None:
    """Write photos of the data (left) beside generated images (right), as the thesis's figures 5.4 to 5.8 do."""
    sides = [grid(list(pixels), _COLUMNS) for pixels in (real, to_pixels(generated))]
    height = max(side.shape[0] for side in sides)
    padded = [np.pad(s, ((0, height - s.shape[0]), (0, 0), (0, 0)), constant_values=255) for s in sides]
    gap = np.full((height, 16, 3), 255, np.uint8)
    write_photo(run / REAL_VS_GENERATED, np.concatenate([padded[0], gap, padded[1]], axis=1))
