"""The command tree: the only place that knows all commands. Nothing of a room is loaded before it is called."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from fashiontools import __version__
from fashiontools.core.errors import exit_code_of

# Each table is `name -> (module:object of the Command or of a table of them, one line of help)`.
COMMANDS = {
    "scrape": ("fashiontools.scrape.options:SCRAPERS", "Collect photos from web pages."),
    "import": ("fashiontools.import_data.options:IMPORTERS", "Read a published data set, or draw a lookbook."),
    "dedupe": ("fashiontools.dedupe.options:COMMAND", "Find photos that are copies of each other."),
    "detect-crop": ("fashiontools.detect_crop.options:COMMAND", "Find garments on photos and cut them out."),
    "label": ("fashiontools.label.options:COMMAND", "Read attributes out of the words of a shop."),
    "cluster-pairs": ("fashiontools.cluster_pairs.options:COMMAND", "Find one worn photo for each product."),
    "mask": ("fashiontools.mask.options:COMMAND", "Draw hole masks for photos."),
    "export": ("fashiontools.export.options:COMMAND", "Make a folder of files from a manifest."),
    "train": ("fashiontools.train.table:RECIPES", "Train a model; resumes where it was stopped."),
    "sample": ("fashiontools.sample.options:COMMAND", "Make new images with a trained model."),
    "inpaint": ("fashiontools.inpaint.options:COMMAND", "Fill the holes of photos."),
    "evaluate": ("fashiontools.evaluate.options:COMMAND", "Score images against references."),
    "info": ("fashiontools.info.options:COMMAND", "Say what is installed, or what a run or folder is."),
}
EPILOG = "Commands pipe: fashiontools dedupe DIR | fashiontools mask - -o holes | fashiontools inpaint - -o filled"


def _load(target: str) -> Any:
    import importlib

    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)


class _Lazy(TyperCommand):
    """A command that is known by name and summary, and built when it is called or asked for its help."""

    def __init__(self, name: str, target: str, summary: str) -> None:
        super().__init__(name, help=summary)
        self._target = target

    def build(self) -> Any:
        """The real command."""
        found = _load(self._target)
        return (
            _group(self.name or "", found, self.help or "")
            if isinstance(found, Mapping)
            else _single(self.name or "", found)
        )

    def make_context(self, *arguments: Any, **extra: Any) -> Any:
        """Hand over to the real command."""
        return self.build().make_context(*arguments, **extra)


_TEXTS: dict[Any, Callable[[Any], Any]] = {str: str, Path: Path, list[str]: list}


def _converted(parameter: Any, context: Any, value: Any) -> Any:
    """An option's value: a default and plain text as they are, all else as typer has it."""
    if parameter.callback is None:
        if context.get_parameter_source(parameter.name).name == "DEFAULT":
            return () if value is None and (parameter.multiple or parameter.nargs == -1) else value
        as_text = _TEXTS.get(parameter.type_descriptor.annotation)
        if as_text is not None:
            return as_text(value)
    return type(parameter).process_value(parameter, context, value)


def _light(parameters: list[Any]) -> list[Any]:
    """The parameters of a command, of which typer converts only what was typed and is no plain text.

    It would hand defaults, text and flags that are off to pydantic, too, and to load that takes a fifth of the time in
    which a command starts. Numbers, choices and pairs that were typed still go there, and are refused in its words.
    """
    for parameter in parameters:
        if parameter.default is None and getattr(parameter, "is_flag", False):
            parameter.default = False
        parameter.process_value = partial(_converted, parameter)
    return parameters


class _Command(TyperCommand):
    """A command that starts without pydantic where it can."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The arguments and options."""
        return _light(super().get_params(ctx))


class _Group(TyperGroup):
    """A group that starts without pydantic."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The options of the group itself."""
        return _light(super().get_params(ctx))


class _Tree(_Group):
    """The top of the tree, filled with lazy commands in the order of a pipeline."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = {name: _Lazy(name, *entry) for name, entry in COMMANDS.items()}


def built(name: str) -> Any:
    """The real command, or group of commands, of a name."""
    return _Lazy(name, *COMMANDS[name]).build()


def _single(name: str, command: Any) -> Any:
    app = typer.Typer(add_completion=False)
    app.command(name, cls=_Command)(command.function(name))
    return typer.main.get_command(app)


def _group(name: str, table: Mapping[str, Any], summary: str) -> Any:
    app = typer.Typer(cls=_Group, add_completion=False, no_args_is_help=True, name=name)
    for sub, command in table.items():
        app.command(sub, cls=_Command, short_help=command.summary)(command.function(f"{name} {sub}"))

    def show_list(wanted: bool) -> None:
        if wanted:
            typer.echo(_listed(table), nl=False)
            raise typer.Exit

    @app.callback(help=summary)
    def group(
        listed: Annotated[
            bool,
            typer.Option("--list", help="List them with their sources and exit.", is_eager=True, callback=show_list),
        ] = False,
    ) -> None:
        pass

    return typer.main.get_command(app)


def _listed(table: Mapping[str, Any]) -> str:
    """The entries as CSV: name, summary, source, and whatever traits the entries of this table declare."""
    import csv
    import io
    from dataclasses import fields

    from fashiontools.core.command import Command

    entries = list(table.items())
    common = {field.name for field in fields(Command)} | {"recipe"}
    traits = [field.name for field in fields(entries[0][1]) if field.name not in common]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["name", "summary", "source", *traits])
    for name, entry in entries:
        told = ("yes" if getattr(entry, trait) else "no" for trait in traits)
        writer.writerow([name, entry.summary, entry.source, *told])
    return text.getvalue()


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"fashiontools {__version__}")
        raise typer.Exit


app = typer.Typer(cls=_Tree, no_args_is_help=True, epilog=EPILOG, name="fashiontools")


@app.callback()
def _fashiontools(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    """Small commands that pipe together, for people who build generative models of fashion."""


def run(words: list[str] | None = None) -> int:
    """Parse a command line, do what it says, and turn every error into one line.

    typer parses and does no more: what a command is to do is done when it has returned, so that no error and no closed
    pipe passes through it.

    Args:
        words: What was typed after the program's name; None takes `sys.argv`.

    Returns:
        The exit code of the process.
    """

    def parse_and_do() -> object:
        parsed = typer.main.get_command(app).main(words, prog_name="fashiontools", standalone_mode=False)
        return parsed() if callable(parsed) else parsed

    return exit_code_of(parse_and_do)
