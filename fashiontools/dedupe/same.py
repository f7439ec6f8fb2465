"""`dedupe --same A B`: one question, answered by the exit code."""

import csv
import io
from pathlib import Path

from fashiontools.core.errors import BadRow, UsageError
from fashiontools.core.files import read_bytes
from fashiontools.core.images import decode
from fashiontools.dedupe.confirm import SIDE, compare, thumbnail

SAME, DIFFERENT = 0, 1


def tell_same(first: Path, second: Path, *, threshold: float) -> tuple[str, int]:
    """Compare two photos.

    Args:
        first: A photo.
        second: Another one.
        threshold: Score from which they are the same.

    Returns:
        Their score as CSV, and the exit code: 0 where they are the same, 1 where they are not.

    Raises:
        UsageError: One of them cannot be read.
    """
    contents = [_content(file) for file in (first, second)]
    if contents[0] == contents[1]:
        score, mirrored = 1.0, False
    else:
        best = compare(*(thumbnail(decode(content, min_side=SIDE)) for content in contents))
        score, mirrored = best.score, best.mirrored
    same = score >= threshold
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["first", "second", "same", "score", "mirrored"])
    writer.writerow([first, second, "yes" if same else "no", f"{score:.4f}", "yes" if mirrored else "no"])
    return text.getvalue(), SAME if same else DIFFERENT


def _content(file: Path) -> bytes:
    try:
        content = read_bytes(str(file))
        decode(content, min_side=SIDE)
    except BadRow as error:
        raise UsageError(f"{file}: {error}") from None
    return content
