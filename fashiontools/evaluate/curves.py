"""Precision-recall curves of each class, drawn."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fashiontools.core.files import write_atomically
from fashiontools.evaluate.average_precision import RECALLS, Accumulated

_STYLES = {0.5: "-", 0.75: "--"}
_MOST = 10


def draw_curves(file: Path, accumulated: Accumulated, classes: Sequence[str], boxes: np.ndarray) -> None:
    """Draw precision over recall at IoU .5 and .75, as COCO reads it: made monotone, at 101 recalls.

    Args:
        file: The PNG file.
        accumulated: COCO's tables.
        classes: Names of the classes.
        boxes: (classes,) how many there are to find. Of more than ten classes those with the most boxes are drawn.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    there = [label for label in np.argsort(-boxes, kind="stable").tolist() if boxes[label]]
    figure, axis = pyplot.subplots(figsize=(7, 5.5))
    colours = pyplot.get_cmap("tab10").colors
    for colour, label in zip(colours, sorted(there[:_MOST]), strict=False):
        for iou, style in _STYLES.items():
            precision = accumulated.curve(label, iou)
            name = f"{classes[label]}, IoU {iou:g}: AP {precision.mean():.3f}"
            axis.plot(RECALLS, precision, style, color=colour, linewidth=1.6, label=name.replace("$", r"\$"))
    axis.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="recall", ylabel="precision")
    shown = f": the {_MOST} of {len(there)} classes with the most boxes" if len(there) > _MOST else " by class"
    axis.set_title(f"Precision and recall{shown}", fontsize=10)
    axis.grid(color="#dddddd", linewidth=0.6)
    axis.spines[["top", "right"]].set_visible(False)
    handles, told = axis.get_legend_handles_labels()  # one column for each IoU: a legend is filled by columns
    figure.legend(
        handles[::2] + handles[1::2], told[::2] + told[1::2], loc="lower center", ncols=2, fontsize=8, frameon=False
    )
    rows = min(len(there), _MOST)
    figure.set_figheight(4.6 + 0.22 * rows)
    figure.tight_layout(rect=(0, (0.1 + 0.2 * rows) / (4.6 + 0.22 * rows), 1, 1))
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110, metadata={"Software": None})
    pyplot.close(figure)
    write_atomically(file, buffer.getvalue())
