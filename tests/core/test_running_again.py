"""Runs that are broken off, run again, or run on changed input, through the real command line.

The oracle is always the same: a folder that one unbroken run has made from the same input with the same options.
"""

import csv
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from manifests import rows_of

Run = Callable[..., subprocess.CompletedProcess[str]]
Start = Callable[..., subprocess.Popen[str]]
Tree = Callable[[Path], dict[str, bytes]]
WaitFor = Callable[[Callable[[], bool]], None]

PART = "manifest.csv.part"


def succeed(done: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
    assert done.returncode == 0, done.stderr
    return done


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file of a folder with its bytes and its time: equal means that nothing at all was written."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def written(folder: Path) -> int:
    """The rows that a run under way has written."""
    try:
        return max(0, (folder / PART).read_bytes().count(b"\n") - 1)
    except FileNotFoundError:
        return 0


def logged(folder: Path) -> int:
    """The rows that it will not do again: a row's line in the log comes after its lines in the manifest."""
    try:
        return (folder / "rows.log.part").read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0


def kill(command: subprocess.Popen[str]) -> None:
    os.killpg(command.pid, signal.SIGKILL)
    assert command.wait(60) == -signal.SIGKILL, "it had ended before it was killed"


@pytest.fixture
def photos(lookbook: Path, tmp_path: Path) -> Path:
    """The lookbook's photos in a plain folder with one subfolder per category, without a manifest."""
    ignored = shutil.ignore_patterns("garment", "*.csv", "*.json", "*.log")
    return Path(shutil.copytree(lookbook, tmp_path / "photos", ignore=ignored))


@pytest.fixture
def stream(lookbook: Path, run: Run, tmp_path: Path) -> list[str]:
    """The lookbook as it comes through a pipe: the header and 31 rows or so, with holes."""
    return succeed(run("mask", lookbook, "-o", tmp_path / "stream")).stdout.splitlines(keepends=True)


# -------------------------------------------------------------------------------------------------- broken off

WORK = pytest.mark.parametrize(
    "words",
    [
        pytest.param(["mask", "--shape", "strokes", "--per-photo", "30", "--workers", "1"], id="mask"),
        pytest.param(["mask", "--shape", "random-boxes", "--per-photo", "30", "--workers", "2"], id="mask, 2 workers"),
        pytest.param(["inpaint", "--model", "harmonic", "--workers", "1"], id="inpaint"),
        pytest.param(["export", "--size", "700", "--fit", "pad", "--workers", "1"], id="export"),
    ],
)


@WORK
def test_a_run_killed_at_work_and_run_again_is_as_if_unbroken(
    words: list[str], stream: list[str], tmp_path: Path, run: Run, start: Start, wait_for: WaitFor, tree: Tree
) -> None:
    source, broken, whole = tmp_path / "stream", tmp_path / "broken", tmp_path / "whole"
    command = start(*words, source, "-o", broken, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    wait_for(lambda: written(broken) > 0 or command.poll() is not None)
    kill(command)
    assert not (broken / "manifest.csv").exists()
    succeed(run(*words, source, "-o", broken))
    succeed(run(*words, source, "-o", whole))
    assert tree(broken) == tree(whole)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_import_killed_at_work_and_run_again_is_as_if_unbroken(
    workers: str, tmp_path: Path, run: Run, start: Start, wait_for: WaitFor, tree: Tree
) -> None:
    words = ["import", "lookbook", "--products", "10", "--height", "160", "--duplicates", "0.5", "--corrupt", "0.3"]
    words += ["--workers", workers]
    broken, whole = tmp_path / "broken", tmp_path / "whole"
    command = start(*words, "-o", broken, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    wait_for(lambda: logged(broken) > 0 or command.poll() is not None)
    kill(command)
    assert not (broken / "manifest.csv").exists()
    succeed(run(*words, "-o", broken))
    succeed(run(*words, "-o", whole))
    assert tree(broken) == tree(whole)


KILLED_BEFORE = """
import os, signal, sys
from fashiontools.__main__ import main
from fashiontools.core import files, output

written = files.write_atomically

def write(file, data):
    if file.name == {name!r}:
        os.kill(os.getpid(), signal.SIGKILL)
    written(file, data)

output.write_atomically = write
sys.argv[0] = "fashiontools"
main()
"""


@pytest.mark.parametrize("name", ["manifest.csv", "duplicates.csv"])
def test_a_dedupe_killed_before_it_writes_a_file_and_run_again_is_as_if_unbroken(
    name: str, tmp_path: Path, run: Run, environment: dict[str, str], tree: Tree
) -> None:
    """It writes all at once and at the end, so it is killed there; what it knows until then is in memory alone."""
    source, broken, whole = tmp_path / "house", tmp_path / "broken", tmp_path / "whole"
    succeed(run("import", "lookbook", "--products", "3", "--height", "160", "--duplicates", "0.5", "-o", source))
    words = ["dedupe", str(source), "-o"]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_BEFORE.format(name=name), *words, str(broken)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert run("mask", broken, "-o", tmp_path / "holes").returncode == 2, "an unfinished folder is no input"
    again = succeed(run(*words, broken))
    first = succeed(run(*words, whole))
    assert again.stdout == first.stdout
    assert tree(broken) == tree(whole)
    assert len(rows_of(whole / "duplicates.csv")) > 0


@pytest.mark.parametrize(
    ("command", "fed"),
    [
        (["mask"], [7, 31]),
        (["mask"], [31, 7]),
        (["mask"], [7, 15, 31]),
        (["inpaint", "--model", "mean"], [7, 31]),
        (["export"], [7, 31]),
        (["export", "--size", "48"], [15]),
    ],
    ids=str,
)
def test_a_run_killed_again_and_again_is_as_if_unbroken(
    command: list[str], fed: list[int], stream: list[str], tmp_path: Path, run: Run, start: Start, wait_for: WaitFor,
    tree: Tree,
) -> None:  # fmt: skip
    """Each session is fed some rows and then nothing more; it has done the last full window when it is killed."""
    broken, whole = tmp_path / "broken", tmp_path / "whole"
    most = 0
    for count in fed:
        session = start(*command, "-", "-o", broken)
        session.stdin.write("".join(stream[: count + 1]))
        session.stdin.flush()
        complete = sum(window for window in (2, 4, 8, 16) if 2 * window - 2 <= count)
        wait_for(lambda complete=complete: logged(broken) >= complete)
        kill(session)
        most = max(most, complete)
    before = {path: facts for path, facts in snapshot(broken).items() if path.endswith((".png", ".jpg"))}
    assert len(before) >= most
    succeed(run(*command, "-", "-o", broken, stdin="".join(stream)))
    after = snapshot(broken)
    assert {path: after[path] for path in before} == before, "something was done twice"
    succeed(run(*command, "-", "-o", whole, stdin="".join(stream)))
    assert tree(broken) == tree(whole)


def test_torn_last_lines_are_dropped(
    stream: list[str], tmp_path: Path, run: Run, start: Start, wait_for: WaitFor, tree: Tree
) -> None:
    broken, whole = tmp_path / "broken", tmp_path / "whole"
    session = start("mask", "-", "-o", broken)
    session.stdin.write("".join(stream[:8]))
    session.stdin.flush()
    wait_for(lambda: written(broken) >= 6)
    kill(session)
    with open(broken / PART, "a", encoding="utf-8") as manifest, open(broken / "rows.log.part", "a") as log:
        manifest.write('../photos/a.jpg,"torn wit')
        log.write('["a.jpg", "01')
    succeed(run("mask", "-", "-o", broken, stdin="".join(stream)))
    succeed(run("mask", "-", "-o", whole, stdin="".join(stream)))
    assert tree(broken) == tree(whole)


@pytest.mark.parametrize("renamed", [0, 1], ids=["before the first rename", "between the renames"])
def test_a_run_killed_while_it_puts_its_files_in_place_does_nothing_twice(
    renamed: int, lookbook: Path, tmp_path: Path, run: Run, tree: Tree
) -> None:
    out = tmp_path / "holes"
    succeed(run("mask", lookbook, "-o", out))
    finished = tree(out)
    masks = {path: facts for path, facts in snapshot(out).items() if path.endswith(".png")}
    (out / "rows.log").rename(out / "rows.log.part")
    if not renamed:
        (out / "manifest.csv").rename(out / PART)
    record = (out / "run.json").read_text().replace('"complete": true', '"complete": false')
    (out / "run.json").write_text(record)
    succeed(run("mask", lookbook, "-o", out))
    assert tree(out) == finished
    after = snapshot(out)
    assert {path: after[path] for path in masks} == masks


def test_an_unfinished_folder_is_no_input(
    stream: list[str], tmp_path: Path, run: Run, start: Start, wait_for: WaitFor
) -> None:
    session = start("mask", "-", "-o", tmp_path / "deep" / "holes")
    session.stdin.write("".join(stream[:8]))
    session.stdin.flush()
    wait_for(lambda: written(tmp_path / "deep" / "holes") >= 6)
    kill(session)
    for source in (tmp_path / "deep" / "holes", tmp_path / "deep"):
        done = run("inpaint", source, "-o", tmp_path / "filled")
        assert (done.returncode, done.stdout) == (2, "")
        assert "holes is unfinished: run it again" in done.stderr
    assert not (tmp_path / "filled").exists()


def test_a_folder_that_overwrite_begins_anew_forgets_what_killed_runs_did(
    stream: list[str], tmp_path: Path, run: Run, start: Start, wait_for: WaitFor, tree: Tree
) -> None:
    broken, whole = tmp_path / "broken", tmp_path / "whole"
    for count, complete in ((8, 6), (16, 14)):
        session = start("mask", "-", "-o", broken)
        session.stdin.write("".join(stream[:count]))
        session.stdin.flush()
        wait_for(lambda complete=complete: written(broken) >= complete)
        kill(session)
    succeed(run("mask", "-", "-o", broken, "--seed", "7", "--overwrite", stdin="".join(stream)))
    succeed(run("mask", "-", "-o", whole, "--seed", "7", stdin="".join(stream)))
    assert tree(broken) == tree(whole)


# ------------------------------------------------------------------------------------------ run again, unchanged


@pytest.mark.parametrize("words", [["mask"], ["mask", "--per-photo", "3"]], ids=" ".join)
def test_a_finished_run_run_again_does_nothing_and_says_the_same(
    words: list[str], lookbook: Path, tmp_path: Path, run: Run, tree: Tree
) -> None:
    first = succeed(run(*words, lookbook, "-o", tmp_path / "out"))
    finished, masks = tree(tmp_path / "out"), list((tmp_path / "out").rglob("*.png"))
    times = [mask.stat().st_mtime_ns for mask in masks]
    again = succeed(run(*words, lookbook, "-o", tmp_path / "out"))
    assert again.stdout == first.stdout
    assert tree(tmp_path / "out") == finished
    assert [mask.stat().st_mtime_ns for mask in masks] == times
    assert f"{len(masks)} of them earlier" in again.stderr


def test_texts_of_every_kind_are_taken_over_as_they_are(photos: Path, tmp_path: Path, run: Run, tree: Tree) -> None:
    """Finished rows are read back from the manifest: line separators, quotes and columns of any name must survive."""
    columns = ["path", "description", 'the "size", EU', "two\nlines"]
    texts = ["a\u2028b\u2029c\x85d\x0be\x0cf\x1cg", 'say "hi"\r\nyou\rthere', "", "größe 👗"]
    with open(photos / "manifest.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for photo, text in zip(sorted(photos.rglob("*.jpg")), texts, strict=False):
            writer.writerow([photo.relative_to(photos), text, text, text])
    first = succeed(run("mask", photos, "-o", tmp_path / "holes"))
    finished = tree(tmp_path / "holes")
    again = succeed(run("mask", photos, "-o", tmp_path / "holes"))
    assert again.stdout == first.stdout
    assert tree(tmp_path / "holes") == finished
    assert [row["description"] for row in rows_of(tmp_path / "holes")] == texts
    assert list(rows_of(tmp_path / "holes")[0])[:4] == columns


@pytest.mark.parametrize(
    "words", [["--workers", "2", "--verbose"], ["--max-errors", "0", "--preview"], ["--quiet"]], ids=" ".join
)
def test_an_option_that_changes_no_result_is_free(
    words: list[str], lookbook: Path, tmp_path: Path, run: Run, tree: Tree
) -> None:
    succeed(run("mask", lookbook, "-o", tmp_path / "holes", "--workers", "1"))
    finished = tree(tmp_path / "holes")
    succeed(run("mask", lookbook, "-o", tmp_path / "holes", *words))
    again = tree(tmp_path / "holes")
    again.pop("preview.png", None)
    assert again == finished


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--seed", "1"], "--seed was 0"),
        (["--per-photo", "2"], "--per-photo was 1"),
        (["--area", "0.1", "0.2"], "--area was not given"),
    ],
)
def test_a_changed_result_option_is_refused_and_nothing_is_touched(
    words: list[str], told: str, lookbook: Path, tmp_path: Path, run: Run
) -> None:
    succeed(run("mask", lookbook, "-o", tmp_path / "holes"))
    before = snapshot(tmp_path / "holes")
    done = run("mask", lookbook, "-o", tmp_path / "holes", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "--overwrite" in done.stderr
    assert snapshot(tmp_path / "holes") == before


def test_overwrite_begins_anew(lookbook: Path, tmp_path: Path, run: Run, tree: Tree) -> None:
    succeed(run("mask", lookbook, "-o", tmp_path / "holes"))
    first = tree(tmp_path / "holes")
    succeed(run("mask", lookbook, "-o", tmp_path / "holes", "--seed", "1", "--overwrite"))
    succeed(run("mask", lookbook, "-o", tmp_path / "whole", "--seed", "1"))
    assert tree(tmp_path / "holes") == tree(tmp_path / "whole")
    assert tree(tmp_path / "holes") != first


@pytest.mark.parametrize("words", [["--where", "nothing=1"], ["--shape", "ellipse"], ["--max-errors", "some"]])
def test_overwrite_with_a_mistake_destroys_nothing(words: list[str], lookbook: Path, tmp_path: Path, run: Run) -> None:
    succeed(run("mask", lookbook, "-o", tmp_path / "holes"))
    before = snapshot(tmp_path / "holes")
    done = run("mask", lookbook, "-o", tmp_path / "holes", "--overwrite", *words)
    assert done.returncode == 2
    assert snapshot(tmp_path / "holes") == before


def test_overwrite_with_an_input_that_is_not_there_destroys_nothing(lookbook: Path, tmp_path: Path, run: Run) -> None:
    succeed(run("mask", lookbook, "-o", tmp_path / "holes"))
    before = snapshot(tmp_path / "holes")
    assert run("mask", tmp_path / "missing", "-o", tmp_path / "holes", "--overwrite").returncode == 2
    assert run("mask", "-", "-o", tmp_path / "holes", "--overwrite", stdin="").returncode == 2
    assert snapshot(tmp_path / "holes") == before


def test_a_dry_run_writes_nothing(lookbook: Path, tmp_path: Path, run: Run) -> None:
    done = succeed(run("mask", lookbook, "-o", tmp_path / "holes", "--dry-run", "--preview"))
    assert not (tmp_path / "holes").exists()
    assert len(done.stdout.splitlines()) == 1
    photos = len(list(lookbook.rglob("*.jpg")))
    assert f"{photos} rows, {photos} to do" in done.stderr
    assert all(f"would do {photo.relative_to(lookbook)}" in done.stderr for photo in lookbook.rglob("*.jpg"))


def test_a_dry_run_on_a_finished_folder_touches_nothing(lookbook: Path, tmp_path: Path, run: Run) -> None:
    succeed(run("mask", lookbook, "-o", tmp_path / "holes"))
    before = snapshot(tmp_path / "holes")
    photos = len(before) - 3
    done = succeed(run("mask", lookbook, "-o", tmp_path / "holes", "--dry-run"))
    assert f"{photos} rows, 0 to do" in done.stderr
    done = succeed(run("mask", lookbook, "-o", tmp_path / "holes", "--dry-run", "--overwrite", "--seed", "3"))
    assert f"{photos} rows, {photos} to do" in done.stderr
    assert snapshot(tmp_path / "holes") == before


# ------------------------------------------------------------------------------------------ run again, on changes


def test_an_added_a_removed_and_a_changed_photo(photos: Path, tmp_path: Path, run: Run, tree: Tree) -> None:
    succeed(run("mask", photos, "-o", tmp_path / "holes"))
    masks = {path: facts for path, facts in snapshot(tmp_path / "holes").items() if path.endswith(".png")}
    first, second, third, *others = sorted(photos.rglob("*.jpg"))
    shutil.copy(others[0], photos / "added.jpg")
    shutil.copy(others[1], second)
    third.unlink()
    again = succeed(run("mask", photos, "-o", tmp_path / "holes"))
    assert "1 stale" in again.stderr
    assert f"{len(others) + 1} of them earlier" in again.stderr
    succeed(run("mask", photos, "-o", tmp_path / "fresh"))
    stale = f"{third.relative_to(photos)}.png"
    found = tree(tmp_path / "holes")
    assert found.pop(stale)
    assert found == tree(tmp_path / "fresh")
    untouched = [str(tmp_path / "holes" / f"{photo.relative_to(photos)}.png") for photo in (first, *others)]
    after = snapshot(tmp_path / "holes")
    assert {path: after[path] for path in untouched} == {path: masks[path] for path in untouched}


def test_photos_changed_between_a_kill_and_the_next_run(
    photos: Path, tmp_path: Path, run: Run, start: Start, wait_for: WaitFor, tree: Tree
) -> None:
    words = ["mask", photos, "--per-photo", "30", "--shape", "strokes", "--workers", "1"]
    session = start(*words, "-o", tmp_path / "holes", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    wait_for(lambda: written(tmp_path / "holes") >= 60)
    kill(session)
    first, *_, last = sorted(photos.rglob("*.jpg"))
    shutil.copy(last, first)
    shutil.copy(last, photos / "0-new.jpg")
    succeed(run(*words, "-o", tmp_path / "holes"))
    succeed(run(*words, "-o", tmp_path / "fresh"))
    assert tree(tmp_path / "holes") == tree(tmp_path / "fresh")


def test_a_changed_text_makes_its_row_anew(photos: Path, tmp_path: Path, run: Run) -> None:
    names = [str(photo.relative_to(photos)) for photo in sorted(photos.rglob("*.jpg"))][:3]
    (photos / "manifest.csv").write_text("path,brand\n" + "".join(f"{name},old\n" for name in names))
    succeed(run("mask", photos, "-o", tmp_path / "holes"))
    (photos / "manifest.csv").write_text(f"path,brand\n{names[0]},old\n{names[1]},new\n{names[2]},old\n")
    again = succeed(run("mask", photos, "-o", tmp_path / "holes"))
    assert "2 of them earlier" in again.stderr
    assert [row["brand"] for row in rows_of(tmp_path / "holes")] == ["old", "new", "old"]


def test_a_deleted_output_file_is_made_again(lookbook: Path, tmp_path: Path, run: Run, tree: Tree) -> None:
    succeed(run("mask", lookbook, "-o", tmp_path / "holes"))
    finished = tree(tmp_path / "holes")
    lost = sorted((tmp_path / "holes").rglob("*.png"))[3]
    lost.unlink()
    again = succeed(run("mask", lookbook, "-o", tmp_path / "holes"))
    assert tree(tmp_path / "holes") == finished
    assert f"{len(list(lookbook.rglob('*.jpg'))) - 1} of them earlier" in again.stderr


def test_retry_failed_does_the_bad_rows_again(photos: Path, tmp_path: Path, run: Run) -> None:
    """The photo is mended without a trace in size and time, so that only --retry-failed makes a difference."""
    photo = sorted(photos.rglob("*.jpg"))[4]
    whole, time = photo.read_bytes(), 1_700_000_000
    photo.write_bytes(bytes(len(whole)))
    os.utime(photo, (time, time))
    succeed(run("mask", photos, "-o", tmp_path / "holes"))
    photo.write_bytes(whole)
    os.utime(photo, (time, time))
    for words, status in (([], "failed"), (["--retry-failed"], "ok"), ([], "ok")):
        done = succeed(run("mask", photos, "-o", tmp_path / "holes", *words))
        found = {row["path"]: (row["status"], bool(row["error"])) for row in rows_of(tmp_path / "holes")}
        assert found[os.path.relpath(photo, tmp_path / "holes")] == (status, status == "failed")
        assert f"{len(found) - (words != [])} of them earlier" in done.stderr


def test_a_mended_photo_is_done_without_being_asked(photos: Path, tmp_path: Path, run: Run, tree: Tree) -> None:
    photo = sorted(photos.rglob("*.jpg"))[4]
    whole = photo.read_bytes()
    photo.write_bytes(whole[: len(whole) // 2])
    succeed(run("mask", photos, "-o", tmp_path / "holes"))
    photo.write_bytes(whole)
    succeed(run("mask", photos, "-o", tmp_path / "holes"))
    succeed(run("mask", photos, "-o", tmp_path / "fresh"))
    assert tree(tmp_path / "holes") == tree(tmp_path / "fresh")


# --------------------------------------------------------------------------------------------- whose folder it is


def test_a_manifest_that_is_not_ours_is_left_alone(lookbook: Path, tmp_path: Path, run: Run) -> None:
    (tmp_path / "manifest.csv").write_text("path\na.jpg\n")
    before = snapshot(tmp_path)
    for words in ([], ["--overwrite"]):
        done = run("mask", lookbook, "-o", tmp_path, *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert "manifest.csv was not written by fashiontools" in done.stderr
    assert snapshot(tmp_path) == before


def test_a_folder_of_another_command_is_left_alone(lookbook: Path, tmp_path: Path, run: Run) -> None:
    succeed(run("mask", lookbook, "-o", tmp_path / "holes"))
    before = snapshot(tmp_path)
    done = run("inpaint", tmp_path / "holes", "-o", tmp_path / "holes")
    assert done.returncode == 2
    done = run("export", lookbook, "-o", tmp_path / "holes")
    assert done.returncode == 2
    assert "was made by `mask`" in done.stderr
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 1}'])
def test_a_damaged_run_file_is_told(text: str, lookbook: Path, tmp_path: Path, run: Run) -> None:
    (tmp_path / "run.json").write_text(text)
    done = run("mask", lookbook, "-o", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "run.json is " in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]


@pytest.mark.parametrize("source", ["holes", "holes/manifest.csv", "holes/../holes", "link"])
def test_a_folder_is_not_its_own_output(source: str, lookbook: Path, tmp_path: Path, run: Run) -> None:
    succeed(run("mask", lookbook, "-o", tmp_path / "holes"))
    (tmp_path / "link").symlink_to(tmp_path / "holes")
    before = snapshot(tmp_path / "holes")
    done = run("mask", tmp_path / source, "-o", tmp_path / "holes")
    assert (done.returncode, done.stdout) == (2, "")
    assert "is the input" in done.stderr
    assert snapshot(tmp_path / "holes") == before


def test_a_command_that_stands_within_its_input_does_not_read_its_own_output(
    photos: Path, tmp_path: Path, run: Run, tree: Tree
) -> None:
    """`fashiontools mask` where the photos are writes ./mask: the second run must find the photos of the first."""
    succeed(run("mask", cwd=photos))
    finished = tree(photos / "mask")
    again = succeed(run("mask", cwd=photos))
    assert f"{len(list(photos.rglob('*.jpg')))} of them earlier" in again.stderr
    assert tree(photos / "mask") == finished


def test_a_killed_run_within_its_input_can_be_continued(
    photos: Path, run: Run, start: Start, wait_for: WaitFor
) -> None:
    words = ["mask", "--per-photo", "30", "--shape", "strokes", "--workers", "1"]
    session = start(*words, cwd=photos, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    wait_for(lambda: written(photos / "mask") >= 60)
    kill(session)
    succeed(run(*words, cwd=photos))
    assert len(rows_of(photos / "mask")) == 30 * len(list(photos.rglob("*.jpg")))


# ------------------------------------------------------------------------------------------------- same bytes


@pytest.mark.parametrize(
    "words",
    [
        ["mask", "--shape", "strokes"],
        ["inpaint", "--model", "telea"],
        ["inpaint", "--model", "harmonic"],
        ["export"],
        ["export", "--link", "--layout", "label"],
        ["export", "--size", "48", "--fit", "pad", "--layout", "flat"],
    ],
    ids=" ".join,
)
def test_the_number_of_workers_changes_no_byte(
    words: list[str], stream: list[str], tmp_path: Path, run: Run, tree: Tree
) -> None:
    one = succeed(run(*words, tmp_path / "stream", "-o", tmp_path / "one", "--workers", "1"))
    two = succeed(run(*words, tmp_path / "stream", "-o", tmp_path / "two", "--workers", "2"))
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
    assert one.stdout == two.stdout.replace(str(tmp_path / "two"), str(tmp_path / "one"))


def test_the_number_of_processes_changes_no_byte(tmp_path: Path, run: Run, tree: Tree) -> None:
    words = ["import", "lookbook", "--products", "3", "--height", "96", "--duplicates", "0.5", "--corrupt", "0.3"]
    succeed(run(*words, "-o", tmp_path / "one", "--workers", "1"))
    succeed(run(*words, "-o", tmp_path / "two", "--workers", "2"))
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_a_photo_gets_the_same_hole_by_every_route(lookbook: Path, photos: Path, tmp_path: Path, run: Run) -> None:
    """Through the folder, through a pipe backwards, alone, and through a plain folder of the same photos."""
    plain = succeed(run("mask", photos, "-o", tmp_path / "plain")).stdout
    header, *rows = succeed(
        run("mask", lookbook, "--touch-garment", "0", "-o", tmp_path / "folder")
    ).stdout.splitlines()
    backwards = "\n".join([header, *reversed(rows), ""])
    succeed(run("mask", "-", "--touch-garment", "0", "-o", tmp_path / "pipe", stdin=backwards))
    photo = sorted(photos.rglob("*.jpg"))[5]
    succeed(run("mask", photo, "-o", tmp_path / "alone"))
    assert len(plain.splitlines()) == len(rows) + 1
    name = f"{photo.relative_to(photos)}.png"
    wanted = (tmp_path / "folder" / name).read_bytes()
    assert (tmp_path / "plain" / name).read_bytes() == wanted
    assert (tmp_path / "alone" / f"{photo.name}.png").read_bytes() == wanted
    assert [path.read_bytes() for path in (tmp_path / "pipe").rglob(f"{photo.name}.png")] == [wanted]


def test_a_tree_can_be_moved_as_a_whole(photos: Path, tmp_path: Path, run: Run, tree: Tree) -> None:
    succeed(run("mask", photos, "-o", tmp_path / "holes"))
    finished = tree(tmp_path / "holes")
    (tmp_path / "moved").mkdir()
    for name in ("photos", "holes"):
        (tmp_path / name).rename(tmp_path / "moved" / name)
    again = succeed(run("mask", tmp_path / "moved" / "photos", "-o", tmp_path / "moved" / "holes"))
    assert f"{len(list((tmp_path / 'moved' / 'photos').rglob('*.jpg')))} of them earlier" in again.stderr
    assert tree(tmp_path / "moved" / "holes") == finished


# ------------------------------------------------------------------------------------------------------ memory


@pytest.mark.slow
def test_memory_does_not_grow_with_the_rows(tmp_path: Path, start: Start) -> None:
    """300,000 rows that an earlier step gave up on, which cost nothing but their way through; and once more."""
    peaks = {}
    for count in (1_000, 300_000):
        source = tmp_path / f"{count}.csv"
        with open(source, "w", encoding="utf-8") as file:
            file.write("path,description,status\n")
            file.writelines(f"photos/{number:07d}.jpg,a dress of some length,failed\n" for number in range(count))
        for session in (1, 2):
            command = start(
                "mask", source, "-o", tmp_path / str(count), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            )
            _, status, usage = os.wait4(command.pid, 0)
            command.returncode = os.waitstatus_to_exitcode(status)
            assert command.returncode == 0, command.stderr.read()
            peaks[count, session] = usage.ru_maxrss / 1024
    with open(tmp_path / "300000" / "manifest.csv", encoding="utf-8") as file:
        assert sum(1 for _ in file) == 300_001
    assert peaks[300_000, 1] - peaks[1_000, 1] < 60, peaks
    assert peaks[300_000, 2] - peaks[1_000, 2] < 60, peaks
