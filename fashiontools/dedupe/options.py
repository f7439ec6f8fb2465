"""Options of `dedupe`."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Literal

import typer

from fashiontools.core.command import Command, write_out
from fashiontools.core.errors import UsageError, near
from fashiontools.core.options import InputOptions, Mark, OutputOptions, WorkerOptions, flag

RULES = ("bytes", "look", "name")
THRESHOLD = 0.6
"""Of 10,500 pairs of look-alikes none exceeds 0.46; of copies cut by up to 5 % 98 % reach this."""
DISTANCE = 6
_READ_BY_SAME = ("same", "threshold", "quiet", "verbose")


@dataclass(frozen=True, kw_only=True)
class DedupeOptions(OutputOptions, WorkerOptions, InputOptions):
    """Find photos that are copies of each other: the same bytes, or the same look.

    A look is the same also after recompression, resizing, brightening, mirroring or a small crop; garments shot the
    same way are not the same. Nothing is ever deleted: the output is the manifest of the photos that are kept, and
    duplicates.csv says which photo each other one is a copy of, by which rule and with what score.

    A file is read once, however many rows or links lead to it, and is no copy of itself: where it is kept, all its rows
    are (its boxes, or the same row twice where a folder is named twice), and where it is dropped, none.

    Example: fashiontools dedupe raw --review sheets -o unique
    """

    by: Annotated[
        str,
        typer.Option(
            metavar="RULE,...",
            help="bytes: the same file; look: the same picture; name: the same file name in another folder (the "
            "thesis's rule), unless the pictures differ, which is reported.",
        ),
        Mark.RESULT,
    ] = "bytes,look"
    threshold: Annotated[
        float, typer.Option(min=0, max=1, help="Score from which two photos have the same look."), Mark.RESULT
    ] = THRESHOLD
    distance: Annotated[
        int,
        typer.Option(min=0, max=10, help="Bits in which perceptual hashes may differ for a pair to be looked at."),
        Mark.RESULT,
    ] = DISTANCE
    prefer: Annotated[
        Literal["first", "largest", "oldest", "newest"],
        typer.Option(help="Which of several copies is kept: by order, pixels, or the time of the file."),
        Mark.RESULT,
    ] = "first"
    against: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            help="Photos that are never dropped and never listed, even where they are among the inputs too; repeat it "
            "for more folders.",
        ),
        Mark.RESULT,
    ] = None
    review: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Draw a contact sheet of each group of copies, to look at first; the sheets of an earlier run there "
            "(group-NNNN.png) are removed.",
        ),
        Mark.RUN,
    ] = None
    duplicates: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Where to list the duplicates. Default: duplicates.csv in the output folder."
        ),
        Mark.RUN,
    ] = None
    same: Annotated[
        tuple[Path, Path] | None,
        typer.Option(
            metavar="A B",
            help="Compare two photos instead, by --threshold alone: exit 0 if they are copies, 1 if not, above 1 on "
            "trouble.",
        ),
        Mark.RUN,
    ] = None

    def __post_init__(self) -> None:
        """Check the rules.

        Raises:
            UsageError: A rule is unknown.
        """
        for rule in self.rules:
            if rule not in RULES:
                raise UsageError(f"--by: unknown rule {rule!r}: {near(rule, RULES)}")
        if not self.rules:
            raise UsageError(f"--by is empty: name some of {', '.join(RULES)}")

    @property
    def rules(self) -> list[str]:
        """The rules of `--by`."""
        return [rule.strip() for rule in self.by.split(",") if rule.strip()]


@dataclass(frozen=True, kw_only=True)
class DedupeCommand(Command):
    """`dedupe`, which also compares two photos and answers with its exit code."""

    def _print_rows(self, name: str, options: DedupeOptions, names: list[str]) -> int | None:
        if options.same is None:
            return super()._print_rows(name, options, names)
        _refuse_unread(options, names)
        from fashiontools.dedupe.same import tell_same

        text, code = tell_same(*options.same, threshold=options.threshold)
        write_out(text)
        return code


def _refuse_unread(options: DedupeOptions, names: list[str]) -> None:
    """Stop where more was typed than `--same` reads.

    Raises:
        UsageError: There are inputs, or options of the other use.
    """
    changed = [field.name for field in fields(options) if getattr(options, field.name) != field.default]
    unread = names + [flag(name) for name in changed if name not in _READ_BY_SAME]
    if unread:
        raise UsageError(f"--same compares its two photos, by --threshold alone: leave out {', '.join(unread)}")


COMMAND = DedupeCommand(
    target="fashiontools.dedupe.options:DedupeOptions",
    step="fashiontools.dedupe.step:dedupe",
    summary="Find photos that are copies of each other.",
    source="perceptual hashes of the cosine transform (Zauner 2010), confirmed on aligned thumbnails",
)
