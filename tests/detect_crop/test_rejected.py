"""`rejected.csv`: complete and the same however often the run was stopped, continued or given more photos."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from done import Done
from manifests import rows_of, write_manifest
from PIL import Image
from things import THINGS, busy_photo, product_photo

Detect = Callable[..., Done]
PLAIN = "the background is not plain"


def write_mixed(folder: Path, count: int, first: int = 0) -> Path:
    """Photos of which every second one is rejected."""
    folder.mkdir(exist_ok=True)
    box = THINGS["a.png"]
    for number in range(first, first + count):
        pixels = busy_photo(number) if number % 2 else product_photo(box, number)
        Image.fromarray(pixels).save(folder / f"{number:03d}.png")
    return folder


def names(rows: list[dict[str, str]]) -> list[str]:
    return [Path(row["path"]).name for row in rows]


def test_a_photo_without_a_kept_box_is_listed_with_its_columns_and_the_reason(
    detect_crop: Detect, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    Image.fromarray(product_photo((40, 40, 60, 30))).save(folder / "small.png")
    Image.fromarray(product_photo((40, 40, 60, 60))).save(folder / "lower.png")
    Image.fromarray(np.full((90, 90, 3), 250, np.uint8)).save(folder / "empty.png")
    Image.fromarray(busy_photo()).save(folder / "busy.png")
    (folder / "torn.png").write_bytes((folder / "busy.png").read_bytes()[:300])
    files = ("small", "lower", "empty", "busy", "torn", "gone")
    rows = [{"path": f"{name}.png", "color": name, "label": "lower" if name == "lower" else ""} for name in files]
    rows.append({"path": "other.png", "status": "failed", "error": "before", "color": "", "label": ""})
    write_manifest(folder, rows)
    done = detect_crop(folder, "--keep", "full", "--min-size", 31, "--max-errors", 2, "-o", tmp_path / "crops")
    assert done.returncode == 0, done.stderr
    rejected = rows_of(tmp_path / "crops" / "rejected.csv")
    assert [(row["color"], row["reason"], row["best_label"], row["best_score"] > "0.5") for row in rejected] == [
        ("small", "too small: 60 x 30 pixels", "full", True),
        ("lower", "best is lower", "lower", True),
        ("empty", "nothing stands out from the background", "", False),
        ("busy", PLAIN, "", False),
    ]
    assert [(tmp_path / "crops" / row["path"]).resolve() for row in rejected] == [
        folder / f"{name}.png" for name in ("small", "lower", "empty", "busy")
    ]
    kept = rows_of(tmp_path / "crops")
    assert [(row["color"], row["status"]) for row in kept] == [("torn", "failed"), ("gone", "failed"), ("", "failed")]
    assert kept[1]["error"] == "no such file"
    assert kept[2]["error"] == "before"
    assert "4 photos without a kept box are in rejected.csv" in done.stderr
    assert "1 too small" in done.stderr


def test_a_photo_below_the_least_score_has_its_score_told(detect_crop: Detect, products: Path, tmp_path: Path) -> None:
    assert detect_crop(products, "-o", tmp_path / "some").returncode == 0
    scores = {Path(row["parent"]).name: row["score"] for row in rows_of(tmp_path / "some")}
    least = f"{float(sorted(scores.values())[2]) + 0.000001:.6f}"
    assert detect_crop(products, "--min-score", least, "-o", tmp_path / "fewer").returncode == 0
    assert {row["score"] for row in rows_of(tmp_path / "fewer")} == {
        score for score in scores.values() if score > least
    }
    for row in rows_of(tmp_path / "fewer" / "rejected.csv"):
        assert row["reason"] == f"no detection above {float(least):g}"
        assert row["best_score"] == scores[Path(row["path"]).name]


def test_rejected_photos_are_no_bad_rows(detect_crop: Detect, tmp_path: Path) -> None:
    """They were worked on with success, so that two torn files among twenty-five are no reason to give up."""
    folder = write_mixed(tmp_path / "photos", 1, first=1)
    for number in range(24):
        Image.fromarray(busy_photo(number)).save(folder / f"{number}.png")
    for name in ("torn", "torn-too"):
        (folder / f"{name}.png").write_bytes(b"no image")
    done = detect_crop(folder, "-o", tmp_path / "crops")
    assert done.returncode == 0, done.stderr
    assert len(rows_of(tmp_path / "crops" / "rejected.csv")) == 25
    assert names(rows_of(tmp_path / "crops")) == ["torn-too.png", "torn.png"]


def test_stopped_twice_and_continued_it_is_complete(
    run: Callable, start: Callable, wait_for: Callable, tmp_path: Path, tree: Callable
) -> None:
    """Rows are fed into a pipe, and the command killed when it has worked on some, with the next ones unread."""
    folder = write_mixed(tmp_path / "photos", 30)
    lines = "".join(f"{folder}/{number:03d}.png\n" for number in range(30)).splitlines(keepends=True)
    assert run("detect-crop", "-", "-o", tmp_path / "whole", stdin="path\n" + "".join(lines)).returncode == 0
    for fed, worked in ((20, 14), (3, 2)):  # windows of 2, 4, 8 rows; the second time it does not get as far
        process = start("detect-crop", "-", "-o", tmp_path / "killed")
        process.stdin.write("path\n" + "".join(lines[:fed]))
        process.stdin.flush()
        log = tmp_path / "killed" / "rows.log.part"
        wait_for(lambda log=log, worked=worked: log.exists() and log.read_text().count("\n") == worked)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert not (tmp_path / "killed" / "rejected.csv").exists()
    done = run("detect-crop", "-", "-o", tmp_path / "killed", stdin="path\n" + "".join(lines))
    assert done.returncode == 0, done.stderr
    assert "14 of them earlier" in done.stderr
    assert tree(tmp_path / "killed") == tree(tmp_path / "whole")
    assert names(rows_of(tmp_path / "whole" / "rejected.csv")) == [f"{number:03d}.png" for number in range(1, 30, 2)]


def test_a_torn_line_costs_no_more_than_its_photo(detect_crop: Detect, tmp_path: Path, tree: Callable) -> None:
    folder = write_mixed(tmp_path / "photos", 6)
    for name in ("torn", "whole"):
        assert detect_crop(folder, "-o", tmp_path / name).returncode == 0
    torn = tmp_path / "torn"
    text = (torn / "rejected.csv").read_text()
    # As a kill leaves it: nothing renamed, the last photo's line torn and the photo not yet in the ledger.
    (torn / "rejected.csv.part").write_text(text[:-20])
    (torn / "rejected.csv").unlink()
    for name in ("manifest.csv", "rows.log"):
        (torn / name).rename(torn / f"{name}.part")
    log = (torn / "rows.log.part").read_text().splitlines(keepends=True)
    (torn / "rows.log.part").write_text("".join(log[:-1]))
    assert detect_crop(folder, "-o", torn).returncode == 0
    assert tree(torn) == tree(tmp_path / "whole")


def test_more_photos_fewer_photos_and_other_photos(detect_crop: Detect, tmp_path: Path, tree: Callable) -> None:
    """A second run does what is new or was changed, and the list is that of the photos that are there now."""
    folder = write_mixed(tmp_path / "photos", 6)
    assert detect_crop(folder, "-o", tmp_path / "crops").returncode == 0
    write_mixed(folder, 4, first=6)
    (folder / "001.png").unlink()
    Image.fromarray(product_photo(THINGS["a.png"], 99)).save(folder / "003.png")
    Image.fromarray(busy_photo(5)).save(folder / "004.png")
    done = detect_crop(folder, "-o", tmp_path / "crops")
    assert done.returncode == 0
    assert names(rows_of(tmp_path / "crops" / "rejected.csv")) == ["004.png", "005.png", "007.png", "009.png"]
    (tmp_path / "crops" / "004.png.png").unlink()  # of the photo that was there before
    assert detect_crop(folder, "-o", tmp_path / "anew").returncode == 0
    one, other = tree(tmp_path / "crops"), tree(tmp_path / "anew")
    assert {name: one[name] for name in one if name != "run.json"} == {
        name: other[name] for name in other if name != "run.json"
    }


def test_a_photo_that_is_no_longer_rejected_stays_so(
    run: Callable, start: Callable, wait_for: Callable, tmp_path: Path
) -> None:
    """Changed to a file of the same size, so that only its time tells; and the run that saw it was stopped."""
    folder = write_mixed(tmp_path / "photos", 3, first=1)
    files = [folder / f"{number:03d}.png" for number in (1, 2, 3)]
    good, bad = files[1].read_bytes(), files[0].read_bytes()
    length = max(len(good), len(bad))
    files[0].write_bytes(bad.ljust(length, b"\0"))
    lines = "path\n" + "".join(f"{file}\n" for file in files)
    crops = tmp_path / "crops"
    assert run("detect-crop", "-", "-o", crops, stdin=lines).returncode == 0
    assert names(rows_of(crops / "rejected.csv")) == ["001.png", "003.png"]
    files[0].write_bytes(good.ljust(length, b"\0"))
    os.utime(files[0], (1, 1))
    process = start("detect-crop", "-", "-o", crops)
    process.stdin.write(lines)
    process.stdin.flush()
    log = crops / "rows.log.part"
    wait_for(lambda: log.exists() and log.read_text().count("\n") == 2)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert run("detect-crop", "-", "-o", crops, stdin=lines).returncode == 0
    assert names(rows_of(crops / "rejected.csv")) == ["003.png"]
    assert names(rows_of(crops)) == ["001.png.png", "002.png.png"]


def test_overwrite_forgets_them(detect_crop: Detect, tmp_path: Path) -> None:
    folder = write_mixed(tmp_path / "photos", 4)
    assert detect_crop(folder, "-o", tmp_path / "crops").returncode == 0
    words = ("--min-score", 1, "--overwrite", "-o", tmp_path / "crops")
    assert detect_crop(folder, *words).returncode == 0
    assert names(rows_of(tmp_path / "crops" / "rejected.csv")) == [f"{number:03d}.png" for number in range(4)]
    assert rows_of(tmp_path / "crops") == []


def test_the_list_is_an_input_like_any_other(detect_crop: Detect, products: Path, tmp_path: Path) -> None:
    """What was rejected can be looked at again, by another model or with another score."""
    assert detect_crop(products, "--min-score", 1, "-o", tmp_path / "none").returncode == 0
    assert detect_crop(tmp_path / "none" / "rejected.csv", "-o", tmp_path / "again").returncode == 0
    assert detect_crop(tmp_path / "none" / "rejected.csv", "--min-score", 1, "-o", tmp_path / "still").returncode == 0
    assert len(rows_of(tmp_path / "again")) == len(THINGS)
    assert len(rows_of(tmp_path / "still" / "rejected.csv")) == len(THINGS)
    assert detect_crop(tmp_path / "none" / "rejected.csv", "--min-score", 1, "-o", tmp_path / "still").returncode == 0
    assert len(rows_of(tmp_path / "still" / "rejected.csv")) == len(THINGS)


@pytest.mark.parametrize("lines", [1, 3])
def test_head_is_silent_and_the_folder_can_be_continued(
    run: Callable, environment: dict[str, str], tmp_path: Path, tree: Callable, lines: int
) -> None:

    folder = write_mixed(tmp_path / "photos", 40)
    command = f"'{sys.executable}' -m fashiontools detect-crop '{folder}' -q -o crops"
    done = subprocess.run(
        ["bash", "-c", f"{command} | head -{lines}; echo ${{PIPESTATUS[*]}}"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        check=False,
    )
    *shown, codes = done.stdout.splitlines()
    assert (done.stderr, codes, len(shown)) == ("", "141 0", lines)
    assert run("detect-crop", folder, "-o", tmp_path / "crops").returncode == 0
    assert run("detect-crop", folder, "-o", tmp_path / "whole").returncode == 0
    assert tree(tmp_path / "crops") == tree(tmp_path / "whole")
