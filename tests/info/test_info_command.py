"""`info` through the real command line: the installation, and what folders are."""

import json
import platform
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from fashiontools import __version__

Run = Callable[..., "CompletedProcess[str]"]


def facts_of(run: Run, *names: object) -> dict[str, dict]:
    done = run("info", *names, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_installation(run: Run) -> None:
    facts = facts_of(run)["fashiontools"]
    assert facts["version"] == __version__
    assert facts["python"] == platform.python_version()
    assert facts["cores"] >= 1
    assert "cpu" in facts["devices"]
    for library in ("torch", "numpy", "scipy", "pillow", "patchmatch-cython"):
        assert facts["libraries"][library] == version(library)


def test_the_installation_for_people_with_weights_that_torch_fetched(run: Run, tmp_path: Path) -> None:
    (tmp_path / "hub" / "checkpoints").mkdir(parents=True)
    (tmp_path / "hub" / "checkpoints" / "vgg16.pth").write_bytes(b"x")
    done = run("info", env={"TORCH_HOME": str(tmp_path)})
    assert done.returncode == 0
    assert __version__ in done.stdout
    assert "vgg16.pth" in done.stdout
    assert not done.stdout.startswith("{")


def test_an_output_folder(run: Run, lookbook: Path, tmp_path: Path) -> None:
    assert run("mask", lookbook, "--shape", "center", "-o", tmp_path / "holes").returncode == 0
    facts = facts_of(run, tmp_path / "holes")[str(tmp_path / "holes")]
    assert facts["made by"] == "mask"
    assert facts["options"]["shape"] == "center"
    assert facts["complete"] == "yes"
    assert facts["sessions"] == 1
    assert facts["rows"]["all"] == facts["rows"]["ok"] == facts["totals"]["done"]
    assert "mask" in facts["columns"].split(", ")


def test_a_lookbook_says_who_drew_it_and_what_is_in_it(run: Run, lookbook: Path) -> None:
    facts = facts_of(run, lookbook)[str(lookbook)]
    assert facts["made by"] == "import lookbook"
    assert sum(facts["labels"].values()) == facts["rows"]["all"]
    assert set(facts["labels"]) <= {"upper", "lower", "full"}


def test_a_photo_folder(run: Run, tmp_path: Path) -> None:
    for name in ("a/1.jpg", "a/2.jpg", "b/3.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    facts = facts_of(run, tmp_path)[str(tmp_path)]
    assert facts["rows"] == {"all": 3, "ok": 3}
    assert facts["labels"] == {"a": 2, "b": 1}
    assert "made by" not in facts


def test_a_manifest_with_bad_rows_and_missing_files(run: Run, tmp_path: Path) -> None:
    (tmp_path / "here.png").write_bytes(b"x")
    manifest = tmp_path / "list.csv"
    manifest.write_text("path,status,error\nhere.png,,\ngone.png,ok,\nbroken.png,failed,torn\n")
    facts = facts_of(run, manifest)[str(manifest)]
    assert facts["rows"] == {"all": 3, "ok": 2, "failed": 1}
    assert facts["missing"].startswith("2 ")


def test_verbose_names_bad_rows_and_missing_files_and_quiet_does_not(run: Run, tmp_path: Path) -> None:
    (tmp_path / "here.png").write_bytes(b"x")
    manifest = tmp_path / "list.csv"
    manifest.write_text("path,status,error\nhere.png,failed,torn\ngone.png,ok,\n")
    plain, verbose, quiet = (run("info", manifest, *words) for words in ([], ["-v"], ["-v", "-q"]))
    assert plain.stdout == verbose.stdout == quiet.stdout
    assert (plain.stderr, quiet.stderr) == ("", "")
    assert verbose.stderr == f"info: bad: here.png: torn\ninfo: missing: {tmp_path}/gone.png\n"


@pytest.mark.parametrize("trace", ["manifest.csv.part", "run.json"])
def test_an_unfinished_folder(run: Run, tmp_path: Path, trace: str) -> None:
    text = json.dumps({"command": "mask", "complete": False}) if trace == "run.json" else "path\n"
    (tmp_path / trace).write_text(text)
    facts = facts_of(run, tmp_path)[str(tmp_path)]
    assert facts["complete"].startswith("no")


def test_several_are_told_one_after_the_other(run: Run, lookbook: Path, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    assert list(facts_of(run, tmp_path, lookbook)) == [str(tmp_path), str(lookbook)]


def test_a_name_that_is_not_there_is_refused_in_one_line(run: Run, tmp_path: Path) -> None:
    done = run("info", tmp_path / "nowhere")
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "nowhere" in done.stderr


def test_a_damaged_run_json_is_told_and_no_bug(run: Run, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{")
    done = run("info", tmp_path)
    assert done.returncode == 2
    assert "damaged" in done.stderr
