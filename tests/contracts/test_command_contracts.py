"""What every command of the tree promises: light help, one mark and one help text per option, one meaning per flag."""

import csv
import dataclasses
import importlib
import io
import json
import os
import re
import shlex
import subprocess
import sys
import types
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from typer.models import OptionInfo

from fashiontools import __version__
from fashiontools.cli import COMMANDS
from fashiontools.core.command import Command
from fashiontools.core.options import Mark, flag, marked, marks

Run = Callable[..., subprocess.CompletedProcess[str]]

HEAVY = (
    "torch", "torchvision", "cv2", "sklearn", "spacy", "selenium", "accelerate", "matplotlib", "scipy", "numpy",
    "PIL", "joblib", "safetensors", "sqlite3", "torch_fidelity", "torchmetrics", "h5py",
    "faster_coco_eval", "pydantic",
)  # fmt: skip


def found_at(target: str) -> Any:
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)


def walk() -> Iterator[tuple[str, Command]]:
    """Every command that can be typed, with its words: `mask`, `train dcgan` and so on."""
    for name, (target, _) in COMMANDS.items():
        found = found_at(target)
        if isinstance(found, Mapping):
            yield from ((f"{name} {sub}", command) for sub, command in found.items())
        else:
            yield name, found


EVERY = dict(walk())
TABLES = [name for name, (target, _) in COMMANDS.items() if isinstance(found_at(target), Mapping)]
each_command = pytest.mark.parametrize("words", list(EVERY))


@dataclasses.dataclass
class Option:
    """A field of an options class as the command line has it."""

    name: str
    kind: Any
    marks: list[Mark]
    infos: list[OptionInfo]

    @property
    def flags(self) -> list[str]:
        # typer keeps the first of `Option("--quiet", "-q")` where its default would be.
        texts = [text for info in self.infos for text in (info.default, *(info.param_decls or ()))]
        declared = [word for text in texts if isinstance(text, str) for word in text.split("/")]
        return declared or [flag(self.name)]


def options_of(words: str) -> list[Option]:
    hints = get_type_hints(EVERY[words].load(), include_extras=True)
    found = []
    for field in dataclasses.fields(EVERY[words].load()):
        kind, *metadata = get_args(hints[field.name]) if get_origin(hints[field.name]) is Annotated else [field.type]
        infos = [item for item in metadata if isinstance(item, OptionInfo)]
        found.append(Option(field.name, kind, [item for item in metadata if isinstance(item, Mark)], infos))
    return found


# ------------------------------------------------------------------------------------------------------- help


@pytest.mark.parametrize("words", ["", *TABLES, *EVERY])
def test_help_is_light_and_shows_every_option(words: str, environment: dict[str, str]) -> None:
    program = (
        "import sys\n"
        "from fashiontools.__main__ import main\n"
        "try:\n"
        "    main()\n"
        "except SystemExit as stop:\n"
        f"    print(stop.code or 0, *sorted(set(sys.modules) & set({HEAVY!r})), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *words.split(), "--help"],
        capture_output=True, text=True, env={**environment, "COLUMNS": "200"}, check=False,
    )  # fmt: skip
    assert done.stderr == "0\n"
    assert "Usage: fashiontools" in " ".join(done.stdout.split())
    shown = set(re.findall(r"--[a-z0-9-]+|(?<![\w-])-[a-z](?![\w-])", done.stdout))
    if words in EVERY:
        assert {word for option in options_of(words) for word in option.flags} <= shown


def test_defaults_and_plain_text_start_a_command_without_pydantic(environment: dict[str, str]) -> None:
    program = (
        "import sys\n"
        "from fashiontools.cli import run\n"
        "code = run(sys.argv[1:])\n"
        "print(code, 'pydantic' in sys.modules)\n"
    )
    for typed, answer in (((), "2 False"), (("--count", "2"), "2 True")):
        done = subprocess.run(
            [sys.executable, "-c", program, "mask", "nowhere", "-o", "holes", "--where", "a=b", *typed],
            capture_output=True, text=True, env=environment, check=False,
        )  # fmt: skip
        assert (done.stdout.strip(), "nowhere" in done.stderr) == (answer, True)


@each_command
def test_defaults_are_of_the_types_that_are_declared(words: str) -> None:
    """No one converts them."""
    for field, option in zip(dataclasses.fields(EVERY[words].load()), options_of(words), strict=True):
        if field.default is not None:
            kinds = [get_origin(kind) or kind for kind in (option.kind, *get_args(option.kind))]
            literals = [item for kind in (option.kind, *get_args(option.kind)) for item in get_args(kind)]
            assert type(field.default) in kinds or field.default in literals or isinstance(field.default, tuple), field


@pytest.mark.parametrize("words", ["", *TABLES])
def test_a_group_lists_its_commands_with_a_line_each(words: str, run: Run) -> None:
    shown = run(*words.split(), "--help", env={"COLUMNS": "200"}).stdout
    table = found_at(COMMANDS[words][0]) if words else COMMANDS
    for name, entry in table.items():
        summary = entry.summary if words else entry[1]
        assert re.search(rf"{name} +{re.escape(summary)}", shown), name


@pytest.mark.parametrize("words", TABLES)
def test_list_prints_the_table(words: str, run: Run) -> None:
    done = run(words, "--list")
    assert (done.returncode, done.stderr) == (0, "")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    table = found_at(COMMANDS[words][0])
    assert [(row["name"], row["summary"], row["source"]) for row in rows] == [
        (name, entry.summary, entry.source) for name, entry in table.items()
    ]


def test_the_version_is_told(run: Run) -> None:
    assert run("--version").stdout == f"fashiontools {__version__}\n"


# ----------------------------------------------------------------------------------------------------- options


@each_command
def test_options_are_one_frozen_dataclass_with_a_default_for_everything(words: str) -> None:
    options = EVERY[words].load()
    assert dataclasses.is_dataclass(options)
    with pytest.raises(dataclasses.FrozenInstanceError):
        options().quiet = True
    assert options() == options()


@each_command
def test_every_option_has_one_mark_and_one_help(words: str) -> None:
    for option in options_of(words):
        assert len(option.marks) == 1, option.name
        assert len(option.infos) == 1, option.name
        (info,) = option.infos
        assert info.help, option.name
        assert info.help == info.help.strip(), option.name
        assert "\n" not in info.help, option.name
        assert info.help.endswith("."), f"{option.name}: help is a sentence"


@each_command
def test_the_help_of_a_command_says_what_it_does_and_gives_an_example(words: str) -> None:
    told = (EVERY[words].load().__doc__ or "").splitlines()
    assert told[0].endswith((".", ":")) or len(told) > 1
    (example,) = (line.strip().removeprefix("Example: ") for line in told if line.strip().startswith("Example: "))
    typed = shlex.split(example)
    assert typed[0] == "fashiontools"
    assert typed[1 : 1 + len(words.split())] == words.split()
    known = {word for option in options_of(words) for word in option.flags}
    assert {word for word in typed if word.startswith("-") and not re.fullmatch(r"-[\d.]+", word)} <= known


@each_command
def test_run_json_can_hold_every_result_option(words: str) -> None:
    options = EVERY[words].load()()
    assert set(marks(type(options))) == {field.name for field in dataclasses.fields(options)}
    assert json.loads(json.dumps(marked(options, *Mark))) == marked(options, *Mark)


FREE = [
    "workers", "quiet", "verbose", "processes", "device", "time_limit", "max_errors", "retry_failed", "save_every",
    "preview_every",
]  # fmt: skip
MORE = ["steps", "epochs"]


@each_command
def test_what_design_md_says_is_free_to_change_is(words: str) -> None:
    for name, mark in marks(EVERY[words].load()).items():
        if name in FREE:
            assert mark is Mark.RUN, name
        if name in MORE:
            assert mark is Mark.EXTEND, name


def without_none(kind: Any) -> Any:
    """`int | None` is `int`: whether a flag may be left out is no part of its meaning."""
    if get_origin(kind) in (Union, types.UnionType):
        (kind,) = (part for part in get_args(kind) if part is not type(None))
    return kind


def meaning_of(kind: Any) -> str:
    """The type of a flag's value; which names there are to choose from is each command's own."""
    kind = without_none(kind)
    return "one of some names" if get_origin(kind) is Literal else str(kind)


TWO_MEANINGS = {"--duplicates", "--split"}
"""A share in `import lookbook`, a file in `dedupe`; a set's own or its paper's in `import fashiongen`, three shares in
`cluster-pairs`: all are asked for by that name (ARCHITECTURE.md)."""


def test_one_flag_has_one_meaning_in_all_commands() -> None:
    """The same flag has the same type, mark and field everywhere."""
    meanings: dict[str, dict[tuple[str, str, Mark], list[str]]] = defaultdict(lambda: defaultdict(list))
    for words in EVERY:
        for option in options_of(words):
            for word in option.flags:
                meanings[word][option.name, meaning_of(option.kind), option.marks[0]].append(words)
    assert {word: dict(found) for word, found in meanings.items() if len(found) > 1 and word not in TWO_MEANINGS} == {}


@each_command
def test_common_flags_mean_what_design_md_says(words: str) -> None:
    by_flag = {word: option.name for option in options_of(words) for word in option.flags}
    for word, name in (("-o", "output"), ("-q", "quiet"), ("-v", "verbose"), ("-n", "number")):
        assert by_flag.get(word, name) == name
    assert {"--quiet", "--verbose"} <= set(by_flag)
    if "--output" in by_flag:
        assert {"-o", "--dry-run", "--overwrite"} <= set(by_flag)
    assert len(by_flag) == sum(len(option.flags) for option in options_of(words)), "a flag is there twice"


@each_command
def test_a_command_names_things_that_are_there(words: str) -> None:
    command = EVERY[words]
    assert callable(found_at(command.step))
    assert command.step.startswith(command.target.split(":")[0].rsplit(".", 1)[0].split(".recipes")[0])
    assert re.fullmatch(r"[a-z0-9-]+( [a-z0-9-]+)?", words)
    assert command.prints or command.folder or "output" in {option.name for option in options_of(words)}


def test_module_and_command_are_the_same_program(environment: dict[str, str]) -> None:
    script = os.path.join(os.path.dirname(sys.executable), "fashiontools")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, done.stdout) == (0, f"fashiontools {__version__}\n")
