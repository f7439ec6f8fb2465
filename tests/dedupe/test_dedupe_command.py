"""`dedupe` through the real command line, against a lookbook that knows its copies."""

import csv
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from manifests import Rows, rows_of

from fashiontools.core.images import read_photo, write_photo


def resolved(rows: Rows, column: str, folder: Path) -> list[str]:
    return [os.path.normpath(folder / row[column]) for row in rows]


@pytest.fixture(scope="module")
def house(run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lookbook of twelve products in which half of the photos have a copy and some a broken file beside them."""
    folder = tmp_path_factory.mktemp("dedupe") / "house"
    words = ("--products", "12", "--height", "240", "--duplicates", "0.5", "--corrupt", "0.1")
    done = run("import", "lookbook", *words, "-o", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def unique(run, house: Path) -> Path:
    """The house without its copies."""
    folder = house.parent / "unique"
    done = run("dedupe", house, "--max-errors", "100%", "--review", house.parent / "sheets", "-o", folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_every_copy_is_found_and_nothing_else(house: Path, unique: Path) -> None:
    truth = {
        os.path.normpath(house / row["path"]): os.path.normpath(house / row["parent"])
        for row in rows_of(house / "manifest.csv")
        if row["copy"] not in ("", "broken")
    }
    listed = rows_of(unique / "duplicates.csv")
    found = dict(zip(resolved(listed, "path", unique), resolved(listed, "kept", unique), strict=True))
    assert len(truth) > 15
    assert set(found.items()) <= set(truth.items())
    assert len(found) >= 0.95 * len(truth)


def test_manifest_holds_what_is_kept_with_its_facts(house: Path, unique: Path) -> None:
    listed = set(resolved(rows_of(unique / "duplicates.csv"), "path", unique))
    kept = rows_of(unique / "manifest.csv")
    assert not listed & set(resolved(kept, "path", unique))
    assert len(kept) + len(listed) == len(rows_of(house / "manifest.csv"))
    good = [row for row in kept if row["status"] == "ok"]
    for row in good:
        photo = read_photo(os.path.normpath(unique / row["path"]))
        assert (int(row["height"]), int(row["width"])) == photo.shape[:2]
        assert len(row["sha256"]) == 64
        assert len(row["phash"]) == 16
        assert row["phash_scale"] in {"1", "2", "4", "8"}


def test_broken_files_are_bad_rows(unique: Path) -> None:
    bad = [row for row in rows_of(unique / "manifest.csv") if row["copy"] == "broken"]
    assert bad
    assert all(row["status"] == "failed" and row["error"] for row in bad)


def test_one_sheet_per_group(unique: Path) -> None:
    groups = {row["kept"] for row in rows_of(unique / "duplicates.csv")}
    assert len(list((unique.parent / "sheets").iterdir())) == len(groups)


def test_nothing_is_deleted_or_copied(house: Path, unique: Path) -> None:
    assert all(os.path.exists(path) for path in resolved(rows_of(house / "manifest.csv"), "path", house))
    assert {path.name for path in unique.iterdir()} == {"manifest.csv", "duplicates.csv", "run.json"}


def test_the_same_again_and_with_one_worker(run, house: Path, unique: Path, tree, tmp_path: Path) -> None:
    other = house.parent / "other"
    done = run("dedupe", house, "--max-errors", "100%", "--workers", "1", "-o", other)
    assert done.returncode == 0
    assert tree(other) == tree(unique)
    again = run("dedupe", house, "--max-errors", "100%", "-o", other)
    assert "again" in again.stderr
    assert tree(other) == tree(unique)


def test_without_a_folder_rows_are_printed_and_nothing_is_written(run, lookbook: Path, tmp_path: Path) -> None:
    done = run("dedupe", lookbook, cwd=tmp_path)
    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert done.returncode == 0
    assert rows
    assert all(os.path.isabs(row["path"]) for row in rows)
    assert list(tmp_path.iterdir()) == []


def test_duplicates_file_without_a_folder(run, pair: Path, tmp_path: Path) -> None:
    run("dedupe", pair, "--duplicates", tmp_path / "list" / "copies.csv")
    (row,) = rows_of(tmp_path / "list" / "copies.csv")
    assert os.path.normpath(tmp_path / "list" / row["path"]) == str(pair / "b.jpg")
    assert os.path.normpath(tmp_path / "list" / row["kept"]) == str(pair / "a.jpg")


def test_dry_run_writes_nothing(run, pair: Path, tmp_path: Path) -> None:
    done = run("dedupe", pair, "--dry-run", "--review", tmp_path / "sheets", "-o", tmp_path / "out")
    assert "would drop b.jpg, a copy of a.jpg" in done.stderr
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------------------------------------ which one is kept


@pytest.mark.parametrize(
    ("prefer", "kept"), [("first", "a.jpg"), ("largest", "b.jpg"), ("oldest", "b.jpg"), ("newest", "a.jpg")]
)
def test_prefer(run, pair: Path, prefer: str, kept: str) -> None:
    rows = list(csv.DictReader(run("dedupe", pair, "--prefer", prefer).stdout.splitlines()))
    assert [os.path.basename(row["path"]) for row in rows] == [kept, "c.jpg"]


def test_against_a_reference_folder(run, pair: Path, tmp_path: Path) -> None:
    reference = tmp_path / "reference"
    reference.mkdir()
    shutil.copy(pair / "b.jpg", reference / "x.jpg")
    done = run("dedupe", pair, "--against", reference, "-o", tmp_path / "out")
    assert done.returncode == 0
    assert [Path(row["path"]).name for row in rows_of(tmp_path / "out" / "manifest.csv")] == ["c.jpg"]
    listed = rows_of(tmp_path / "out" / "duplicates.csv")
    assert {Path(row["path"]).name for row in listed} == {"a.jpg", "b.jpg"}
    assert set(resolved(listed, "kept", tmp_path / "out")) == {str(reference / "x.jpg")}
    assert {Path(row["path"]).name: row["rule"] for row in listed} == {"a.jpg": "look", "b.jpg": "bytes"}


def test_by_bytes_alone(run, pair: Path, tmp_path: Path) -> None:
    shutil.copy(pair / "b.jpg", pair / "d.jpg")
    run("dedupe", pair, "--by", "bytes", "-o", tmp_path / "out")
    (row,) = rows_of(tmp_path / "out" / "duplicates.csv")
    assert (Path(row["path"]).name, row["rule"], row["distance"], float(row["score"])) == ("d.jpg", "bytes", "0", 1)


def test_equal_files_follow_their_first_to_a_better_photo(run, pair: Path, tmp_path: Path) -> None:
    shutil.copy(pair / "a.jpg", pair / "a2.jpg")
    run("dedupe", pair, "--prefer", "largest", "-o", tmp_path / "out")
    listed = rows_of(tmp_path / "out" / "duplicates.csv")
    assert {Path(row["path"]).name for row in listed} == {"a.jpg", "a2.jpg"}
    assert {Path(row["kept"]).name for row in listed} == {"b.jpg"}


def test_same_name_is_dropped_only_where_it_looks_alike(run, pair: Path, tmp_path: Path) -> None:
    boards = tmp_path / "boards"
    for board, name, photo in (
        ("x", "1.jpg", "b.jpg"),
        ("y", "1.jpg", "a.jpg"),
        ("x", "2.jpg", "b.jpg"),
        ("y", "2.jpg", "c.jpg"),
    ):
        (boards / board).mkdir(parents=True, exist_ok=True)
        shutil.copy(pair / photo, boards / board / name)
    done = run("dedupe", boards, "--by", "name", "-o", tmp_path / "out")
    (row,) = rows_of(tmp_path / "out" / "duplicates.csv")
    assert row["path"].endswith("y/1.jpg")
    assert row["rule"] == "name"
    assert "same name, different picture" in done.stderr
    assert "y/2.jpg" in done.stderr


def test_threshold_above_the_score_keeps_both(run, pair: Path) -> None:
    rows = list(csv.DictReader(run("dedupe", pair, "--threshold", "1").stdout.splitlines()))
    assert len(rows) == 3


def test_many_blank_photos_are_one(run, tmp_path: Path) -> None:
    for number in range(300):
        photo = np.full((64, 64, 3), 255, np.uint8)
        photo[0, number % 64] = 254 - number // 64  # other bytes, the same look
        write_photo(tmp_path / "blank" / f"{number:03d}.png", photo)
    done = run("dedupe", tmp_path / "blank", "-o", tmp_path / "out")
    assert done.returncode == 0
    assert len(rows_of(tmp_path / "out" / "manifest.csv")) == 1


# ---------------------------------------------------------------------------------------------------------- --same


@pytest.mark.parametrize(("second", "code"), [("a.jpg", 0), ("b.jpg", 0), ("c.jpg", 1), ("nothing.jpg", 2)])
def test_same_answers_with_its_exit_code(run, pair: Path, second: str, code: int) -> None:
    done: subprocess.CompletedProcess[str] = run("dedupe", "--same", pair / "a.jpg", pair / second)
    assert done.returncode == code
    if code < 2:
        (row,) = csv.DictReader(done.stdout.splitlines())
        assert row["same"] == ("yes" if code == 0 else "no")
    else:
        assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["zzz", "--by", "name"], "leave out zzz, --by"),
        (["--against", "/x", "--review", "sheets"], "leave out --against, --review"),
        (["-o", "out"], "leave out --output"),
        (["--where", "label=x"], "leave out --where"),
        (["--prefer", "largest", "--workers", "1"], "leave out"),
    ],
)
def test_same_refuses_what_it_does_not_read(run, pair: Path, tmp_path: Path, words: list[str], told: str) -> None:
    done = run("dedupe", "--same", pair / "a.jpg", pair / "b.jpg", *words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_same_reads_the_threshold(run, pair: Path) -> None:
    assert run("dedupe", "--same", pair / "a.jpg", pair / "b.jpg", "--threshold", "1", "--quiet").returncode == 1


def test_unknown_rule_names_the_near_one(run, pair: Path) -> None:
    done = run("dedupe", pair, "--by", "looks")
    assert done.returncode == 2
    assert "did you mean look?" in done.stderr
