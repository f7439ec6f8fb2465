"""What the source promises, read from its syntax trees: light tops, arrows that point one way, nothing unpickled."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import fashiontools

ROOT = Path(fashiontools.__file__).parent
FILES = {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in ROOT.rglob("*.py")}
SHARED = ("core", "models", "losses")
each_file = pytest.mark.parametrize("file", sorted(FILES))


def imports(nodes: Iterator[ast.AST]) -> Iterator[str]:
    """The full names of what these nodes import: `a.b.c` for `from a.b import c` too."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def top_level(tree: ast.Module) -> Iterator[ast.AST]:
    """The nodes that run when a file is imported: everything but the insides of functions."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(
            child
            for child in ast.iter_child_nodes(node)
            if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        )


def ours(names: Iterator[str]) -> set[tuple[str, ...]]:
    return {tuple(name.split(".")[1:]) for name in names if name.split(".")[0] == "fashiontools"}


def room(file: str) -> str:
    return file.split("/")[0] if "/" in file else ""


def test_the_files_are_found() -> None:
    assert {"cli.py", "core/errors.py", "mask/step.py"} <= set(FILES)


@pytest.mark.parametrize(
    "file", [file for file in sorted(FILES) if file.endswith(("options.py", "cli.py", "__init__.py"))]
)
def test_light_files_import_the_standard_library_and_typer_alone(file: str) -> None:
    foreign = {name.split(".")[0] for name in imports(top_level(FILES[file]))} - sys.stdlib_module_names
    assert foreign <= {"typer", "fashiontools"}


@each_file
def test_core_knows_no_room_and_networks_know_core_alone(file: str) -> None:
    allowed = {"core": {"core"}, "models": set(SHARED), "losses": set(SHARED)}.get(room(file))
    used = {name[0] for name in ours(imports(ast.walk(FILES[file])))} - {"__version__"}
    if allowed is not None:
        assert used <= allowed
    if file not in ("__main__.py", "man.py"):
        assert "cli" not in used, "the program and its man pages are the only ones that know all commands"


@each_file
def test_a_room_uses_no_other_rooms_step(file: str) -> None:
    """Steps meet through files; also within a room a step is at the end of the arrows."""
    steps = {name for name in ours(imports(ast.walk(FILES[file]))) if "step" in name}
    assert steps == set()


@each_file
def test_nothing_prints_below_the_command_line(file: str) -> None:
    calls = [node for node in ast.walk(FILES[file]) if isinstance(node, ast.Call)]
    assert [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"] == []


WRITERS_OF_STDOUT = {"cli.py", "core/command.py", "core/errors.py"}


@each_file
def test_standard_output_is_written_in_one_place(file: str) -> None:
    """Algorithms never see a console; standard error is for `core/progress.py` and `core/errors.py`."""
    used = {
        (node.value.id, node.attr)
        for node in ast.walk(FILES[file])
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    if file not in WRITERS_OF_STDOUT:
        assert ("sys", "stdout") not in used
        assert ("typer", "echo") not in used
    if file not in ("core/progress.py", "core/errors.py"):
        assert ("sys", "stderr") not in used


@each_file
def test_nothing_is_called_utils(file: str) -> None:
    vague = {"utils", "util", "helpers", "helper", "misc", "common"}
    assert not vague & set(file.removesuffix(".py").split("/"))
    defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    assert not vague & {node.name.lower() for node in ast.walk(FILES[file]) if isinstance(node, defined)}


def reads_tensors_alone(call: ast.Call) -> bool:
    """`torch.load(..., weights_only=True)`, PyTorch's reader of published weights, which runs nothing of a file."""
    settings = {word.arg: word.value for word in call.keywords}
    only = settings.get("weights_only")
    return ast.unparse(call.func) == "torch.load" and isinstance(only, ast.Constant) and only.value is True


@each_file
def test_nothing_is_unpickled(file: str) -> None:
    nodes = list(ast.walk(FILES[file]))
    used = set(imports(iter(nodes)))
    unsafe = {"pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal"}
    assert not {name.split(".")[0] for name in used} & unsafe
    assert not used & {"torch.load", "torch.save", "joblib.load", "joblib.dump"}
    called = {
        f"{node.func.value.id}.{node.func.attr}"
        for node in nodes
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and not reads_tensors_alone(node)
    }
    assert not called & {"torch.load", "torch.save", "joblib.load", "joblib.dump"}
    allowed = [node.value for node in nodes if isinstance(node, ast.keyword) and node.arg == "allow_pickle"]
    assert all(isinstance(value, ast.Constant) and value.value is False for value in allowed)


@each_file
def test_neither_click_nor_the_private_parts_of_typer_are_used(file: str) -> None:
    used = set(imports(ast.walk(FILES[file])))
    assert not {name for name in used if name.split(".")[0] == "click"}
    assert not {name for name in used if name.startswith("typer.") and any(p[0] == "_" for p in name.split("."))}


@each_file
def test_every_file_says_what_it_is(file: str) -> None:
    told = ast.get_docstring(FILES[file])
    assert told
    assert told.split("\n\n")[0].endswith((".", ":"))
