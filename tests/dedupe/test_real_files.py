"""No photo is a copy of itself, whatever leads to it; and what `--against` and `--review` tell."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from manifests import rows_of, write_manifest


class Result:
    """What `dedupe` wrote: photos by their real paths."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self.rows = rows_of(out / "manifest.csv")
        self.kept = self._files(self.rows, "path")
        listed = rows_of(out / "duplicates.csv")
        self.dropped = list(zip(self._files(listed, "path"), self._files(listed, "kept"), strict=True))

    def _files(self, rows: list[dict[str, str]], column: str) -> list[str]:
        return [os.path.basename(os.path.realpath(self._out / row[column])) for row in rows]


@pytest.fixture
def dedupe(run, tmp_path: Path):
    """Run `dedupe` into a folder and read what it wrote."""

    def run_dedupe(*words: str | Path) -> Result:
        done: subprocess.CompletedProcess[str] = run("dedupe", *words, "-o", tmp_path / "out")
        assert done.returncode == 0, done.stderr
        return Result(tmp_path / "out")

    return run_dedupe


# -------------------------------------------------------------------------------------------- several rows of one file


def test_boxes_of_a_kept_photo_stay(dedupe, pair: Path) -> None:
    rows = [("b.jpg", "1 2 30 40"), ("b.jpg", "5 6 70 80"), ("c.jpg", "0 0 9 9")]
    write_manifest(pair, [{"path": path, "box": box} for path, box in rows])
    found = dedupe(pair)
    assert found.dropped == []
    assert [(file, row["box"]) for file, row in zip(found.kept, found.rows, strict=True)] == rows
    first, second, _ = found.rows
    assert {**first, "box": ""} == {**second, "box": ""}
    assert len(first["sha256"]) == 64


def test_boxes_of_a_dropped_photo_go_and_it_is_listed_once(dedupe, pair: Path) -> None:
    write_manifest(pair, [{"path": path, "box": f"0 0 9 {n}"} for n, path in enumerate(("b.jpg", "a.jpg", "a.jpg"), 1)])
    found = dedupe(pair)
    assert found.kept == ["b.jpg"]
    assert found.dropped == [("a.jpg", "b.jpg")]


def test_boxes_of_a_broken_photo_are_all_bad(run, pair: Path, tmp_path: Path) -> None:
    (pair / "x.jpg").write_bytes(b"no photo")
    rows = [{"path": "c.jpg"}, {"path": "x.jpg", "box": "1 2 3 4"}, {"path": "x.jpg", "box": "5 6 7 8"}]
    write_manifest(pair, rows)
    done = run("dedupe", pair, "--max-errors", "100%", "-o", tmp_path / "out")
    assert done.returncode == 0
    good, first, second = rows_of(tmp_path / "out")
    assert good["status"] == "ok"
    assert first["status"] == second["status"] == "failed"
    assert first["error"] == second["error"] != ""
    assert (first["box"], second["box"]) == ("1 2 3 4", "5 6 7 8")


def test_a_folder_named_twice_loses_nothing(dedupe, pair: Path) -> None:
    found = dedupe(pair, pair)
    assert found.kept == ["a.jpg", "c.jpg"] * 2
    assert found.dropped == [("b.jpg", "a.jpg")]


def test_a_link_is_no_copy(dedupe, pair: Path, tmp_path: Path) -> None:
    (pair / "linked.jpg").symlink_to(pair / "c.jpg")
    (tmp_path / "other").symlink_to(pair)
    found = dedupe(pair, tmp_path / "other", tmp_path / "other" / "c.jpg")
    assert found.kept == ["a.jpg", "c.jpg", "c.jpg"] * 2 + ["c.jpg"]
    assert found.dropped == [("b.jpg", "a.jpg")]


def test_paths_that_name_no_file_are_bad_rows(run, tmp_path: Path) -> None:
    stdin = "path\n/nowhere/a\0b.jpg\n/nowhere/a\0b.jpg\n/no\0where/a.jpg\n/nowhere/a.jpg\n"
    done = run("dedupe", "-", "--max-errors", "100%", "-o", tmp_path / "out", stdin=stdin)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("failed") == 4


# ------------------------------------------------------------------------------------------------------ --against


def test_a_folder_against_itself_loses_nothing(dedupe, pair: Path) -> None:
    found = dedupe(pair, "--against", pair)
    assert found.kept == ["a.jpg", "b.jpg", "c.jpg"]
    assert found.dropped == []


def test_a_reference_among_the_inputs_stays_and_drops_others(dedupe, pair: Path) -> None:
    (pair / "good").mkdir()
    (pair / "b.jpg").rename(pair / "good" / "b.jpg")
    found = dedupe(pair, "--against", pair / "good")
    assert found.kept == ["c.jpg", "b.jpg"]
    assert found.dropped == [("a.jpg", "b.jpg")]


def test_an_equal_file_elsewhere_is_a_reference(dedupe, pair: Path, tmp_path: Path) -> None:
    shutil.copytree(pair, tmp_path / "archive")
    found = dedupe(pair, "--against", tmp_path / "archive")
    assert found.kept == []
    assert [path for path, _ in found.dropped] == ["a.jpg", "b.jpg", "c.jpg"]


def test_an_output_folder_among_the_references_is_none(run, pair: Path, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    shutil.copy(pair / "b.jpg", archive)
    for _ in range(2):
        done = run("dedupe", pair, "--against", archive, "-o", archive / "new")
        assert done.returncode == 0, done.stderr
        assert Result(archive / "new").kept == ["c.jpg"]


def test_references_that_cannot_be_read_are_told(run, pair: Path, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    shutil.copytree(pair, archive)
    (archive / "x.jpg").write_bytes(b"no photo")
    (archive / "y.jpg").write_bytes((pair / "a.jpg").read_bytes()[:200])
    done = run("dedupe", pair, "--against", archive, "-o", tmp_path / "out")
    assert done.returncode == 0
    assert f"--against {archive}: 2 of 5 photos cannot be read" in done.stderr
    assert Result(tmp_path / "out").kept == []


def test_readable_references_need_no_word(run, pair: Path, tmp_path: Path) -> None:
    shutil.copytree(pair, tmp_path / "archive")
    assert "--against" not in run("dedupe", pair, "--against", tmp_path / "archive").stderr


def test_a_reference_folder_that_is_not_there_is_told_before_the_reading(start, tmp_path: Path) -> None:
    command = start("dedupe", "-", "--against", tmp_path / "typo", "-o", tmp_path / "out")
    command.stdin.write("path\n")  # the input goes on: nobody closes it
    command.stdin.flush()
    assert command.wait(timeout=60) == 2
    assert "typo: no such file or folder" in command.stderr.read()
    assert command.stdout.read() == ""
    assert not (tmp_path / "out").exists()


# ------------------------------------------------------------------------------------------------------- --review


def test_sheets_of_an_earlier_run_are_removed(run, pair: Path, tmp_path: Path) -> None:
    sheets = tmp_path / "sheets"
    sheets.mkdir()
    for name in ("group-0002.png", "group-12345.png", "group-1.png", "mine.png", "group-0003.png.txt"):
        (sheets / name).write_bytes(b"")
    assert run("dedupe", pair, "--review", sheets).returncode == 0
    others = {"group-1.png", "mine.png", "group-0003.png.txt"}
    assert {file.name for file in sheets.iterdir()} == {"group-0001.png"} | others
    assert run("dedupe", pair, "--review", sheets, "--threshold", "1").returncode == 0
    assert {file.name for file in sheets.iterdir()} == others


def test_a_photo_is_never_taken_for_a_sheet(run, pair: Path, tmp_path: Path, tree) -> None:
    (pair / "c.jpg").rename(pair / "group-0001.png")
    before = tree(pair)
    done = run("dedupe", pair, "--review", pair, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert "group-0001.png is one of the photos" in done.stderr
    assert tree(pair) == before
    assert not (tmp_path / "out").exists()
