"""Options: one frozen dataclass per command, from which flags, man pages and `run.json` are made.

Each field carries its default, its help and its mark once, as `Annotated[type, typer.Option(help=...), Mark.X]`.
"""

import inspect
from collections.abc import Callable
from copy import copy
from dataclasses import MISSING, dataclass, fields
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import typer

from fashiontools.core.errors import UsageError


class Mark(Enum):
    """What a changed option means when a command is run again on its output folder."""

    RESULT = "result"  # it changes what is made: refused
    RUN = "run"  # it changes how it is made: free
    EXTEND = "extend"  # it makes more of the same: goes on


COMMON = "Common options"


def panel(title: str) -> Callable[..., Any]:
    """What makes the options of one panel of a command's help: called as `typer.Option` is."""
    return partial(typer.Option, rich_help_panel=title)


_common = panel(COMMON)


@dataclass(frozen=True, kw_only=True)
class ConsoleOptions:
    """How much a command says."""

    quiet: Annotated[bool, _common("--quiet", "-q", help="No progress, no summary."), Mark.RUN] = False
    verbose: Annotated[bool, _common("--verbose", "-v", help="Name each bad row and each detail."), Mark.RUN] = False


@dataclass(frozen=True, kw_only=True)
class SeedOptions(ConsoleOptions):
    """For commands that draw."""

    seed: Annotated[int, _common(help="Seed of everything that is drawn.", min=0, max=2**32 - 1), Mark.RESULT] = 0


@dataclass(frozen=True, kw_only=True)
class ErrorOptions(ConsoleOptions):
    """For commands some of whose rows may be bad."""

    max_errors: Annotated[
        str,
        _common(
            help="Bad rows that are put up with: a count, or a part of the rows tried (of under 20 rows, one).",
            metavar="N|P%",
        ),
        Mark.RUN,
    ] = "10%"


@dataclass(frozen=True, kw_only=True)
class PhotoOptions(SeedOptions, ErrorOptions):
    """For commands that read photos, some of which may be bad."""

    limit: Annotated[int | None, _common(help="Only N rows, drawn by the seed.", min=1, metavar="N"), Mark.RUN] = None


@dataclass(frozen=True, kw_only=True)
class InputOptions(PhotoOptions):
    """For commands that read rows."""

    where: Annotated[
        list[str] | None,
        _common(help="Only rows where this holds (also !=, >, <); repeat it for and.", metavar="COLUMN=VALUE"),
        Mark.RUN,
    ] = None


@dataclass(frozen=True, kw_only=True)
class WorkerOptions(ConsoleOptions):
    """For commands that work on several photos at a time."""

    workers: Annotated[
        int | None,
        _common(
            help="Photos at a time. Default: the cores that the process may use.",
            min=1,
            metavar="N",
            show_default=False,
        ),
        Mark.RUN,
    ] = None


@dataclass(frozen=True, kw_only=True)
class OutputOptions(ConsoleOptions):
    """For commands that write a folder."""

    output: Annotated[Path | None, _common("--output", "-o", help="The output folder.", metavar="DIR"), Mark.RUN] = None
    dry_run: Annotated[
        bool, _common("--dry-run", help="Count and name what would be done, write nothing."), Mark.RUN
    ] = False
    overwrite: Annotated[bool, _common("--overwrite", help="Start the output folder anew."), Mark.RUN] = False

    def folder(self, default: str | None) -> Path | None:
        """Where the command writes, by default into its own folder; None where it prints alone."""
        return self.output or (Path(default) if default else None)


@dataclass(frozen=True, kw_only=True)
class RetryOptions(OutputOptions, WorkerOptions):
    """For commands whose output folder is made row by row."""

    retry_failed: Annotated[bool, _common("--retry-failed", help="Do the bad rows again."), Mark.RUN] = False


@dataclass(frozen=True, kw_only=True)
class RowOptions(RetryOptions, InputOptions):
    """For commands that work row by row on the rows of a manifest."""


@dataclass(frozen=True, kw_only=True)
class DeviceOptions(ConsoleOptions):
    """For commands that run a network."""

    device: Annotated[
        Literal["auto", "cpu", "cuda", "mps"],
        _common(help="Where the networks run; auto takes a GPU where there is one."),
        Mark.RUN,
    ] = "auto"


def command_function(options: type, run: Callable[[Any, list[str]], object], inputs: str | None) -> Callable[..., Any]:
    """Make the function that typer turns into a command.

    Args:
        options: The options dataclass; its docstring becomes the help text.
        run: What the command does with an instance of it and the list of inputs.
        inputs: Help of the positional inputs; None where the command reads none.

    Returns:
        A function whose signature has one parameter per field; what it returns is `run` with its arguments bound.
    """

    def command(context: typer.Context, **values: Any) -> Callable[[], object]:
        names = values.pop("inputs", None) or []
        typed = {name for name in values if context.get_parameter_source(name).name != "DEFAULT"}
        return partial(run, options(**preset(options, values, typed)), names)

    hints = get_type_hints(options, include_extras=True)
    parameters = [inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)]
    if inputs is not None:
        argument = Annotated[list[str] | None, typer.Argument(metavar="INPUT...", help=inputs, show_default=False)]
        parameters.append(
            inspect.Parameter("inputs", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=argument)
        )
    for field in sorted(fields(options), key=lambda field: _rank(options, field.name, hints[field.name])):
        if field.default is MISSING:
            raise TypeError(f"{options.__name__}.{field.name} has no default")
        annotation = _without_marks(hints[field.name])
        parameters.append(
            inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=annotation)
        )
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__doc__ = _unwrapped(options.__doc__ or "")
    return command


def preset(options: type, values: dict[str, Any], typed: set[str]) -> dict[str, Any]:
    """The values with those of the chosen preset in the place of defaults.

    Args:
        options: The options dataclass; one with presets has them in `PRESETS`, by name, and a field `preset`;
            `IMPLIED_PRESETS` are those that a value of another field chooses where none is named.
        values: By field.
        typed: The fields that the user named: they win over the preset.
    """
    implied = {} if "preset" in typed else getattr(options, "IMPLIED_PRESETS", {})
    chosen = next((by[values[name]] for name, by in implied.items() if values[name] in by), values.get("preset"))
    named = {"preset": chosen, **getattr(options, "PRESETS", {}).get(chosen, {})} if chosen is not None else {}
    return {**values, **{name: value for name, value in named.items() if name not in typed}}


def _rank(options: type, name: str, hint: Any) -> int:
    """A command's own options come first in its help, then those of its family, then the common ones."""
    option = next(item for item in get_args(hint)[1:] if not isinstance(item, Mark))
    if option.rich_help_panel == COMMON:
        return 2
    shared = any(name in getattr(base, "__annotations__", {}) for base in options.__mro__[1:])
    return 1 if shared else 0


def _unwrapped(docstring: str) -> str:
    """The docstring with one line per paragraph: the terminal wraps it where it is wide."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in inspect.cleandoc(docstring).split("\n\n"))


def _without_marks(hint: Any) -> Any:
    """The hint as typer takes it; a number is called N or X where the field gives it no name."""
    kind, *metadata = get_args(hint)
    option = next(item for item in metadata if not isinstance(item, Mark))
    numbers = {int: "N", float: "X"}
    named = next((numbers[part] for part in (kind, *get_args(kind)) if part in numbers), None)
    if option.metavar is None and named is not None:
        option = copy(option)
        option.metavar = named
    return Annotated[kind, option]


def marks(options: type) -> dict[str, Mark]:
    """The mark of each field of an options class."""
    found = {}
    for name, hint in get_type_hints(options, include_extras=True).items():
        if get_origin(hint) is not Annotated:
            continue
        found[name] = next(item for item in get_args(hint)[1:] if isinstance(item, Mark))
    return found


def marked(options: Any, *wanted: Mark) -> dict[str, Any]:
    """The options with one of these marks, as JSON can hold them."""
    return {name: _plain(getattr(options, name)) for name, mark in marks(type(options)).items() if mark in wanted}


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


def flag(name: str) -> str:
    """The flag of a field: `max_errors` is `--max-errors`."""
    return "--" + name.replace("_", "-")


def in_range(name: str, low: float, high: float, values: tuple[float, float] | None) -> None:
    """Check a LOW HIGH pair.

    Raises:
        UsageError: It is not low <= high inside the range.
    """
    if values is not None and not low <= values[0] <= values[1] <= high:
        raise UsageError(f"{flag(name)} {values[0]:g} {values[1]:g}: expected {low:g} <= LOW <= HIGH <= {high:g}")
