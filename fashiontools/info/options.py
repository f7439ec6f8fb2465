"""Options of `info`."""

from dataclasses import dataclass
from typing import Annotated

import typer

from fashiontools.core.command import Command
from fashiontools.core.options import ConsoleOptions, Mark


@dataclass(frozen=True, kw_only=True)
class InfoOptions(ConsoleOptions):
    """Say what is installed, or what a run or folder is.

    Without arguments: versions, devices, weights found. With folders or manifests: what made each, from which
    options, how many rows are good, and whether it is complete.

    Example: fashiontools info runs/dcgan
    """

    json: Annotated[bool, typer.Option("--json", help="Print JSON."), Mark.RUN] = False


COMMAND = Command(
    target="fashiontools.info.options:InfoOptions",
    step="fashiontools.info.step:info",
    summary="Say what is installed, or what a run or folder is.",
    source="",
    inputs="Run folders, output folders, photo folders, manifests; none tells of the installation.",
    prints=True,
)
