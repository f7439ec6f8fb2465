"""Manual pages from the command tree: one page per command, each option with its help and default."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import typer

_SEE = "fashiontools(1), fashiontools-manifest(5)"


def escaped(text: str) -> str:
    """Text as roff takes it literally."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text.startswith((".", "'")) else text


def command_page(words: str, command: Any, version: str) -> str:
    """The page of a command.

    Args:
        words: What is typed after `fashiontools`, such as `train dcgan`.
        command: The built command, of typer's tree.
        version: Of the program.

    Returns:
        The page, as roff.
    """
    context = typer.Context(command)
    paragraphs = (command.help or "").split("\n\n")
    example = [p for p in paragraphs if p.startswith("Example:")]
    told = [p for p in paragraphs if not p.startswith("Example:")]
    lines = [
        _title(words, version),
        ".SH NAME",
        f"fashiontools\\-{escaped(words.replace(' ', '-'))} \\- {escaped(told[0].rstrip('.'))}",
        ".SH SYNOPSIS",
        f".B fashiontools {escaped(words)}",
        escaped(" ".join(["[OPTIONS]", *(_metavar(p) for p in command.params if p.param_type_name == "argument")])),
        ".SH DESCRIPTION",
        *_paragraphs(told),
    ]
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    if arguments:
        lines += [".SH ARGUMENTS", *(line for a in arguments for line in _entry(_metavar(a), a.help or ""))]
    for title, options in _panels(command.params).items():
        lines += [f".SH {escaped(title.upper())}", *(line for option in options for line in _option(option, context))]
    if example:
        lines += [".SH EXAMPLE", ".EX", escaped(example[0].removeprefix("Example:").strip()), ".EE"]
    return "\n".join([*lines, ".SH SEE ALSO", escaped(_SEE), ""])


def group_page(
    words: str, summary: str, entries: Mapping[str, str], version: str, guide: Mapping[str, Sequence[str]] | None = None
) -> str:
    """The page of a group of commands, such as `train`.

    Args:
        words: What is typed after `fashiontools`.
        summary: One line.
        entries: Name to summary of what is below it.
        version: Of the program.
        guide: Further sections: title to paragraphs.
    """
    lines = [
        _title(words, version),
        ".SH NAME",
        f"fashiontools\\-{escaped(words)} \\- {escaped(summary.rstrip('.'))}",
        ".SH SYNOPSIS",
        f".B fashiontools {escaped(words)}",
        escaped("NAME [OPTIONS] [INPUT...]"),
        ".br",
        f".B fashiontools {escaped(words)} \\-\\-list",
        ".SH DESCRIPTION",
        escaped(summary),
        ".SH NAMES",
        *(
            line
            for name, told in entries.items()
            for line in _entry(name, f"{told} See fashiontools-{words}-{name}(1).")
        ),
    ]
    for title, paragraphs in (guide or {}).items():
        lines += [f".SH {escaped(title.upper())}", *_paragraphs(paragraphs)]
    return "\n".join([*lines, ".SH SEE ALSO", escaped(_SEE), ""])


def _title(words: str, version: str) -> str:
    name = f"fashiontools-{words.replace(' ', '-')}".upper()
    return f'.TH "{escaped(name)}" 1 "" "fashiontools {version}" "fashiontools manual"'


def _paragraphs(texts: Iterable[str]) -> list[str]:
    return [line for text in texts for line in (".PP", escaped(text))]


def _panels(parameters: Iterable[Any]) -> dict[str, list[Any]]:
    """Options by the panel that `--help` shows them in, the command's own first."""
    panels: dict[str, list[Any]] = {"Options": []}
    for parameter in parameters:
        if parameter.param_type_name == "option" and not parameter.hidden:
            panels.setdefault(getattr(parameter, "rich_help_panel", None) or "Options", []).append(parameter)
    return {title: options for title, options in panels.items() if options}


def _metavar(argument: Any) -> str:
    return f"[{argument.metavar}]"


def _option(option: Any, context: Any) -> list[str]:
    """An option as its help has it: flags with what they take, help and default."""
    term, told = option.get_help_record(context)
    return _entry(term, " ".join(told.split()))


def _entry(term: str, text: str) -> list[str]:
    return [".TP", f".B {escaped(term)}", escaped(text)]
