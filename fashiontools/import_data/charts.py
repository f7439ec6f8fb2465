"""Charts of an imported set, as figures 3.2 and 3.3 of Chiaretti's thesis (2020) have them."""

import io
from collections import Counter
from pathlib import Path

from fashiontools.core.files import write_atomically

CATEGORIES, LABELS = "categories.png", "labels.png"
_MOST = 20


def draw_charts(folder: Path, categories: Counter[str], labels: Counter[str]) -> None:
    """Draw the top twenty categories into `categories.png` and the classes into `labels.png`; what is not there, not.

    Args:
        folder: Where.
        categories: Boxes by category.
        labels: Boxes by class.
    """
    if categories:
        shown = min(_MOST, len(categories))
        _bars(folder / CATEGORIES, categories, f"Boxes by category: the {shown} most frequent of {len(categories):,}")
    if labels:
        _bars(folder / LABELS, labels, "Boxes by class")


def _bars(file: Path, counts: Counter[str], title: str) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    # The names break ties: the same counts make the same picture, whatever order they came in.
    top = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_MOST]
    figure, axis = pyplot.subplots(figsize=(8, 1.2 + 0.28 * len(top)))
    bars = axis.barh([name for name, _ in top], [count for _, count in top], color="#4c72b0")
    axis.bar_label(bars, [f"{count:,}" for _, count in top], padding=3, fontsize=8)
    axis.invert_yaxis()
    axis.margins(x=0.12)
    axis.set_title(title, fontsize=10)
    axis.xaxis.set_major_formatter("{x:,.0f}")
    axis.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100, metadata={"Software": None})
    pyplot.close(figure)
    write_atomically(file, buffer.getvalue())
