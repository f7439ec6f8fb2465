"""Options of `label`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from fashiontools.core.command import Command
from fashiontools.core.errors import UsageError
from fashiontools.core.options import InputOptions, Mark, OutputOptions

OURS = ("manifest.csv", "manifest.csv.part", "run.json", "rows.log")


@dataclass(frozen=True, kw_only=True)
class LabelOptions(OutputOptions, InputOptions):
    """Read attributes out of the words of a shop.

    The columns name, attributes (tags, parted by commas), category and color are read as the shop words them; the
    columns category, color, length, sleeve_length, fit, pattern, neckline and occasion are written anew, with the
    values of seed 003, or empty where the texts do not say. No photo is read. Standard error tells how often each value
    was found; --unmatched lists what was not understood, and --words takes more words.

    Example: fashiontools label shop --unmatched unknown.csv --binary shop-binary.csv -o labelled
    """

    language: Annotated[
        str, typer.Option(help="Language of the texts: de or en, or another that has a vocabulary file."), Mark.RESULT
    ] = "de"
    rules: Annotated[
        Literal["thesis", "corrected"],
        typer.Option(help="thesis: the ordered rules of seed 003 to the letter, mistakes included; corrected: ours."),
        Mark.RESULT,
    ] = "corrected"
    words: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A vocabulary of your own (TOML) on top of the language's: its forms win; where it has changed, all "
            "rows are labelled again.",
        ),
        Mark.RUN,
    ] = None
    unmatched: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="List the words and tags that were not understood, with counts, as CSV."),
        Mark.RUN,
    ] = None
    binary: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write path and a 0 or 1 for each value (pattern_stripes and so on), as CSV."
        ),
        Mark.RUN,
    ] = None
    describe: Annotated[
        bool, typer.Option("--describe", help="Write an English sentence of the values into description."), Mark.RESULT
    ] = False

    def __post_init__(self) -> None:
        """Refuse what contradicts itself.

        Raises:
            UsageError: The thesis's rules are given words, or a language that is not theirs; one file is two things.
        """
        if self.rules == "thesis" and self.words is not None:
            raise UsageError("--words has no meaning for --rules thesis: its words are fixed")
        if self.rules == "thesis" and self.language != "de":
            raise UsageError("--rules thesis is for German texts: leave --language out")
        files = [file for file in (self.unmatched, self.binary) if file is not None]
        for file in files:
            if file.is_dir():
                raise UsageError(f"{file} is a folder: name a file")
            if file.name in OURS:
                raise UsageError(f"{file} would take the place of a folder's own {file.name}: name another file")
        if len({file.absolute() for file in files}) < len(files):
            raise UsageError(f"--unmatched and --binary are both {files[0]}: name two files")


COMMAND = Command(
    target="fashiontools.label.options:LabelOptions",
    step="fashiontools.label.step:label",
    summary="Read attributes out of the words of a shop.",
    source="seed 003's rules, German to English, corrected",
)
