"""Manifests, and other CSV files of ours, as tests read and write them: by Python's own reader, not by ours."""

import csv
from pathlib import Path

Rows = list[dict[str, str]]


def rows_of(place: Path) -> Rows:
    """The rows of a CSV file, or of the manifest of a folder."""
    file = place / "manifest.csv" if place.is_dir() else place
    with open(file, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, strict=True))


def write_manifest(folder: Path, rows: Rows) -> Path:
    """Write the manifest of a folder; rows may have different columns."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with open(folder / "manifest.csv", "w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(rows)
    return folder / "manifest.csv"
