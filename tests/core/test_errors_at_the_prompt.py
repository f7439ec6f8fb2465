"""Every line of design.md's table of errors, through the real command line: what is said, the code, what is kept."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from manifests import rows_of

from fashiontools.core.errors import BadRow, TooManyBadRows, Unavailable, UsageError, exit_code_of, near, say
from fashiontools.core.totals import allowed_errors

Run = Callable[..., subprocess.CompletedProcess[str]]
Start = Callable[..., subprocess.Popen[str]]
Tree = Callable[[Path], dict[str, bytes]]
WaitFor = Callable[[Callable[[], bool]], None]

NOT_UTF8 = "caf\udce9.jpg"  # the byte E9 in a name, as Python holds it


@pytest.fixture
def photos(lookbook: Path, tmp_path: Path) -> list[Path]:
    """Twenty photos in one folder, the first of them is photos/00.jpg."""
    (tmp_path / "photos").mkdir()
    found = sorted(path for path in lookbook.rglob("*.jpg"))[:20]
    assert len(found) == 20
    return [Path(shutil.copy(path, tmp_path / "photos" / f"{number:02d}.jpg")) for number, path in enumerate(found)]


def spoil(photo: Path) -> None:
    photo.write_bytes(photo.read_bytes()[:500])


# ---------------------------------------------------------------------------------------------------- bad rows


def test_bad_rows_are_marked_and_the_run_goes_on(photos: list[Path], tmp_path: Path, run: Run) -> None:
    spoil(photos[3])
    shutil.copy(photos[0], os.fsencode(tmp_path / "photos") + b"/caf\xe9.jpg")
    done = run("mask", tmp_path / "photos", "-o", tmp_path / "holes")
    assert done.returncode == 0, done.stderr
    found = {row["path"]: row for row in rows_of(tmp_path / "holes")}
    assert len(found) == 21
    spoiled, unnamed = found.pop("../photos/03.jpg"), found.pop(r"../photos/caf\xe9.jpg")
    assert (spoiled["status"], spoiled["mask"]) == ("failed", "")
    assert spoiled["error"].startswith("corrupt image")
    assert (unnamed["status"], unnamed["mask"]) == ("failed", "")
    assert unnamed["error"] == "the name is not UTF-8 (rename the file)"
    assert {(row["status"], row["error"]) for row in found.values()} == {("ok", "")}
    assert all((tmp_path / "holes" / row["mask"]).exists() for row in found.values())
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("path", "told"),
    [("missing.jpg", "no such file"), ("https://example.org/a.jpg", "scrape urls"), (".", "directory"), ("", "")],
)
def test_a_row_that_points_to_no_file_is_bad(
    path: str, told: str, photos: list[Path], tmp_path: Path, run: Run
) -> None:
    (tmp_path / "list.csv").write_text(f"path,x\n{path},1\n{photos[0]},2\n")
    done = run("mask", tmp_path / "list.csv", "-o", tmp_path / "holes")
    assert done.returncode == 0, done.stderr
    bad, good = rows_of(tmp_path / "holes")
    assert (bad["status"], bad["x"]) == ("failed", "1")
    assert told in bad["error"]
    assert bad["error"]
    assert (good["status"], good["x"]) == ("ok", "2")


def test_names_that_are_not_utf8_can_stand_anywhere(photos: list[Path], tmp_path: Path, run: Run) -> None:
    """A folder of such a name within the input, and as one of several inputs; a manifest in Latin-1."""
    odd = tmp_path / "gr\udcf6\udcdfe"
    odd.mkdir()
    shutil.copy(photos[0], odd / "a.jpg")
    (tmp_path / "latin.csv").write_bytes(f"path,brand\n{photos[1]},Gr\xfcn\n".encode("latin-1"))
    for inputs in ([odd, photos[2]], [tmp_path / "latin.csv", photos[2]]):
        done = run("mask", *inputs, "-o", tmp_path / "holes", "--overwrite")
        assert done.returncode == 0, done.stderr
        bad, good = rows_of(tmp_path / "holes")
        assert (bad["status"], good["status"]) == ("failed", "ok")
        assert "UTF-8" in bad["error"]


def test_a_bad_row_is_passed_on_untouched_by_every_step_after_it(photos: list[Path], tmp_path: Path, run: Run) -> None:
    spoil(photos[3])
    run("mask", tmp_path / "photos", "-o", tmp_path / "holes")
    done = run("inpaint", tmp_path / "holes", "--model", "mean", "--max-errors", "0", "-o", tmp_path / "filled")
    assert done.returncode == 0, done.stderr
    assert "1 bad before" in done.stderr
    (before,) = (row for row in rows_of(tmp_path / "holes") if row["status"] != "ok")
    (after,) = (row for row in rows_of(tmp_path / "filled") if row["status"] != "ok")
    assert {column: after[column] for column in before} == before
    assert len(list((tmp_path / "filled").rglob("*.png"))) == 19


def test_a_name_too_long_to_name_a_file_after_is_a_bad_row(photos: list[Path], tmp_path: Path, run: Run) -> None:
    shutil.copy(photos[0], tmp_path / "photos" / ("x" * 247 + ".jpg"))
    done = run("mask", tmp_path / "photos", "-o", tmp_path / "holes")
    assert done.returncode == 0, done.stderr
    *good, bad = rows_of(tmp_path / "holes")
    assert {row["status"] for row in good} == {"ok"}
    assert (bad["status"], bad["error"]) == (
        "failed",
        "the name is too long for a file to be named after it (rename the file)",
    )


def test_odd_metadata_costs_no_photo_and_no_python_warning(photos: list[Path], tmp_path: Path, run: Run) -> None:
    """An EXIF block that breaks off, which Pillow warns of in two lines of Python."""
    data = photos[0].read_bytes()
    exif = b"Exif\0\0II*\0\x08\0\0\0\x05\0\x12\x01\x03\0"
    photos[0].write_bytes(data[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + data[2:])
    done = run("mask", photos[0], "-o", tmp_path / "holes")
    assert (done.returncode, rows_of(tmp_path / "holes")[0]["status"]) == (0, "ok")
    assert done.stderr == "mask: 1 rows, 1 done\n".replace("done", f"done -> {tmp_path / 'holes'}")


# ------------------------------------------------------------------------------------------------- --max-errors


@pytest.mark.parametrize(
    ("rows", "bad", "words", "code"),
    [
        (20, 2, [], 0),
        (20, 3, [], 3),
        (20, 3, ["--max-errors", "15%"], 0),
        (20, 3, ["--max-errors", "3"], 0),
        (20, 3, ["--max-errors", "2"], 3),
        (20, 1, ["--max-errors", "0"], 3),
        (20, 1, ["--max-errors", "0%"], 3),
        (20, 20, ["--max-errors", "100%"], 0),
        (3, 1, [], 0),
        (3, 2, [], 3),
        (1, 1, [], 0),
    ],
)
def test_too_many_bad_rows(
    rows: int, bad: int, words: list[str], code: int, photos: list[Path], tmp_path: Path, run: Run
) -> None:
    for photo in photos[rows:]:
        photo.unlink()
    for photo in photos[:bad]:
        spoil(photo)
    done = run("mask", tmp_path / "photos", "-o", tmp_path / "holes", *words)
    assert done.returncode == code, done.stderr
    found = rows_of(tmp_path / "holes")
    assert [row["status"] for row in found] == ["failed"] * bad + ["ok"] * (rows - bad)
    assert len(list((tmp_path / "holes").glob("*.png"))) == rows - bad
    assert len(done.stdout.splitlines()) == rows + 1
    assert json.loads((tmp_path / "holes" / "run.json").read_text())["complete"] is True
    if code == 3:
        assert f"{bad} of {rows} rows are bad" in done.stderr
        assert "corrupt image" in done.stderr.splitlines()[-1]


def test_what_max_errors_kept_goes_into_the_next_step(photos: list[Path], tmp_path: Path, run: Run) -> None:
    for photo in photos[:5]:
        spoil(photo)
    assert run("mask", tmp_path / "photos", "-o", tmp_path / "holes").returncode == 3
    assert run("inpaint", tmp_path / "holes", "--model", "mean", "-o", tmp_path / "filled").returncode == 0


@pytest.mark.parametrize(
    ("text", "tried", "allowed"),
    [("10%", 19, 1), ("10%", 20, 2), ("10%", 29, 2), ("10%", 1, 1), ("10%", 0, 1), ("0%", 5, 0), ("0", 5, 0),
     ("7", 5, 7), ("2.5%", 1000, 25), ("100%", 7, 7)],
)  # fmt: skip
def test_how_many_bad_rows_are_allowed(text: str, tried: int, allowed: int) -> None:
    assert allowed_errors(text, tried) == allowed


@pytest.mark.parametrize("text", ["", "%", "few", "-1", "-5%", "1.5", "nan%", "inf%", "101%", "10 percent"])
def test_what_is_no_number_of_errors(text: str) -> None:
    with pytest.raises(UsageError, match="expected a count such as 5, or a part such as 10%"):
        allowed_errors(text, 100)


# -------------------------------------------------------------------------------- exit 2: one line, nothing written


@pytest.fixture(scope="module")
def place(lookbook: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the command lines below name."""
    place = tmp_path_factory.mktemp("place")
    (place / "photos").symlink_to(lookbook)
    (place / "empty").mkdir()
    (place / "list.csv").write_text("file\na.jpg\n")
    (place / "ragged.csv").write_text("path,x\na.jpg\n")
    (place / "binary.dat").write_bytes(next(lookbook.rglob("*.jpg")).read_bytes())
    (place / "notes.txt").write_text("Dear diary,\n")
    return place


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("msk photos", "Did you mean 'mask'"),
        ("import lookbok", "Did you mean 'lookbook'"),
        ("train dcgna photos", "Did you mean 'dcgan'"),
        ("mask photos --shap center", "--shape"),
        ("mask photos --shape elipse", "'center', 'strokes', 'random-boxes', 'garment'"),
        ("mask photos --area 0.1", "2 arguments"),
        ("mask photos --area 0.5 0.1", "--area 0.5 0.1: expected 0.0001 <= LOW <= HIGH <= 1"),
        ("mask photos --area much more", "--area"),
        ("mask photos --shape center --count 3", "--count has no meaning for --shape center"),
        ("mask photos --limit 0", "--limit"),
        ("mask photos --workers none", "--workers"),
        ("mask photos --seed -1", "--seed"),
        ("mask photos --max-errors few", "--max-errors 'few': expected a count such as 5, or a part such as 10%"),
        ("mask photos --where nonsense", "expected COLUMN=VALUE"),
        ("mask photos --where =3", "expected COLUMN=VALUE"),
        ("mask photos --where width>big", "'big' is none"),
        ("mask photos --where colour=red", "no column 'colour': --where 'colour=red'; the columns are path,"),
        ("mask missing", "missing: no such file or folder"),
        ("mask missing.jpg", "missing.jpg: no such file or folder"),
        ("mask photos missing", "missing: no such file or folder"),
        ("mask line\\nbreak", "no such file or folder"),
        ("mask empty", "empty: neither a manifest.csv nor an image"),
        ("mask list.csv", "list.csv:1: not a manifest: no column 'path' among file"),
        ("mask notes.txt", "notes.txt:1: not a manifest: no column 'path'"),
        ("mask binary.dat", "binary.dat:1: not a manifest"),
        ("inpaint photos", "no column 'mask'"),
        ("inpaint photos --model telea2", "unknown model 'telea2': did you mean telea?"),
        ("inpaint photos --model zzz", "unknown model 'zzz': known: harmonic, mean, navier-stokes, patchmatch, telea"),
        ("evaluate photos", "no column 'target'"),
        ("evaluate photos --metrics psnrr", "unknown metric 'psnrr': did you mean psnr?"),
        ("evaluate photos --metrics ,", "--metrics is empty"),
        ("evaluate photos --reference missing", "missing: no such file or folder"),
        ("evaluate photos --max-errors few", "--max-errors 'few'"),
        ("export list.csv", "no column 'path'"),
        ("export photos --link --size 8", "--link cannot resize"),
        ("train dcgan photos --size 65", "--size"),
        ("train dcgan photos --time-limit soon", "--time-limit 'soon'"),
        ("sample missing", "missing"),
        ("info missing", "missing: no such file or folder"),
        ("mask photos -o notes.txt", "notes.txt"),
        ("mask photos -o notes.txt/out", "notes.txt"),
    ],
)
def test_a_mistake_is_one_line_and_code_2_and_writes_nothing(line: str, told: str, place: Path, run: Run) -> None:
    before = sorted(place.rglob("*"))
    done = run(*(word.replace("\\n", "\n") for word in line.split()), cwd=place)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    (said,) = done.stderr.splitlines()
    assert said.startswith("fashiontools: ")
    assert told in said
    assert said.isprintable()
    assert sorted(place.rglob("*")) == before


def test_no_command_shows_the_help(run: Run) -> None:
    done = run()
    assert done.returncode == 2
    assert "Usage: fashiontools" in done.stdout + done.stderr


# ------------------------------------------------------------------------------ a ragged row, extras, head, Ctrl-C


@pytest.mark.parametrize("piped", [False, True])
def test_a_ragged_row_ends_the_run_with_file_and_line_and_keeps_what_is_finished(
    piped: bool, photos: list[Path], tmp_path: Path, run: Run, tree: Tree
) -> None:
    source, lines = tmp_path / "list.csv", ["path,x\n", *(f"{photo},1\n" for photo in photos)]

    def masked(text: str, out: str) -> subprocess.CompletedProcess[str]:
        source.write_text(text)
        return run("mask", "-" if piped else source, "-o", tmp_path / out, stdin=text if piped else None)

    done = masked("".join([*lines[:17], "ragged\n", *lines[17:]]), "holes")
    assert done.returncode == 2
    told = "standard input" if piped else source
    assert done.stderr == f"fashiontools: {told}:18: 1 fields where the header has 2\n"
    assert len(done.stdout.splitlines()) == 1 + 14
    assert len(list((tmp_path / "holes").rglob("*.png"))) == 14
    again = masked("".join(lines), "holes")
    assert again.returncode == 0
    assert "20 rows, 20 done, 14 of them earlier" in again.stderr
    masked("".join(lines), "whole")
    assert tree(tmp_path / "holes") == tree(tmp_path / "whole")


def test_a_missing_extra_is_one_line_with_a_hint_and_code_4(photos: list[Path], tmp_path: Path, run: Run) -> None:
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "patchmatch_cython.py").write_text("raise ImportError('hidden by a test')\n")
    run("mask", tmp_path / "photos", "-o", tmp_path / "holes")
    words = ["inpaint", tmp_path / "holes", "--model", "patchmatch", "-o", tmp_path / "filled"]
    done = run(*words, env={"PYTHONPATH": str(tmp_path / "hidden")})
    assert done.returncode == 4
    (said,) = done.stderr.splitlines()
    assert "patchmatch-cython" in said
    assert said.endswith("(pip install 'fashiontools[patchmatch]')")


@pytest.mark.parametrize("lines", [1, 9])
def test_head_is_silent_and_the_folder_can_be_continued(
    lines: int, lookbook: Path, tmp_path: Path, run: Run, tree: Tree, environment: dict[str, str]
) -> None:
    program = (
        f"'{sys.executable}' -m fashiontools mask '{lookbook}' --quiet -o holes | head -{lines}; "
        'echo "codes ${PIPESTATUS[*]}"'
    )
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", program],
        capture_output=True, text=True, cwd=tmp_path, env=environment, check=False,
    )  # fmt: skip
    *shown, codes = done.stdout.splitlines()
    assert (done.stderr, codes) == ("", "codes 141 0")
    assert len(shown) == lines
    assert not (tmp_path / "holes" / "manifest.csv").exists()
    assert run("mask", lookbook, "-o", tmp_path / "holes").returncode == 0
    assert run("mask", lookbook, "-o", tmp_path / "whole").returncode == 0
    assert tree(tmp_path / "holes") == tree(tmp_path / "whole")


def test_a_closed_pipe_is_silent_for_a_command_that_prints_text(
    lookbook: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    program = f"'{sys.executable}' -m fashiontools info '{lookbook}' | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, env=environment, check=False)
    assert (done.stdout, done.stderr) == ("141\n", "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
@pytest.mark.parametrize("command", ["mask", "info"])
def test_a_full_disk_is_one_line_and_code_4(
    command: str, lookbook: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    words = [lookbook, *(["-q", "-o", tmp_path / "holes"] if command == "mask" else [])]
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "fashiontools", command, *words],
            stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, text=True, env=environment, check=False,
        )  # fmt: skip
    assert done.returncode == 4
    assert done.stderr == "fashiontools: No space left on device: the output (free some space and run it again)\n"


def test_a_closed_standard_output_is_no_error(lookbook: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    program = f"'{sys.executable}' -m fashiontools mask '{lookbook}' -q -o '{tmp_path}/holes' >&-"
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "holes" / "manifest.csv").exists()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_at_work_keeps_what_is_finished(
    workers: str, photos: list[Path], tmp_path: Path, run: Run, start: Start, wait_for: WaitFor, tree: Tree
) -> None:
    words = ["mask", tmp_path / "photos", "--shape", "strokes", "--per-photo", "30", "--workers", workers]
    command = start(*words, "-o", tmp_path / "holes", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    wait_for((tmp_path / "holes" / "manifest.csv.part").exists)
    wait_for(lambda: (tmp_path / "holes" / "manifest.csv.part").read_bytes().count(b"\n") > 60)
    command.send_signal(signal.SIGINT)
    said = command.communicate(timeout=60)[1]
    assert command.returncode == 130
    assert said == "fashiontools: stopped; what is finished is kept\n"
    again = run(*words, "-o", tmp_path / "holes")
    assert again.returncode == 0
    assert "of them earlier" in again.stderr
    run(*words, "-o", tmp_path / "whole")
    assert tree(tmp_path / "holes") == tree(tmp_path / "whole")


def test_ctrl_c_while_waiting_for_rows(photos: list[Path], tmp_path: Path, start: Start, wait_for: WaitFor) -> None:
    command = start("mask", "-", "-o", tmp_path / "holes")
    command.stdin.write("path\n" + "".join(f"{photo}\n" for photo in photos[:7]))
    command.stdin.flush()
    wait_for(lambda: len(list((tmp_path / "holes").glob("*.png"))) == 6)
    command.send_signal(signal.SIGINT)
    assert command.communicate(timeout=60)[1] == "fashiontools: stopped; what is finished is kept\n"
    assert command.returncode == 130


# ---------------------------------------------------------------------------------- the one place for exit codes


def raising(error: BaseException) -> Callable[[], None]:
    def run() -> None:
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (UsageError("wrong", "do this"), 2, "fashiontools: wrong (do this)\n"),
        (TooManyBadRows("many"), 3, "fashiontools: many\n"),
        (Unavailable("gone", "fetch it"), 4, "fashiontools: gone (fetch it)\n"),
        (KeyboardInterrupt(), 130, "fashiontools: stopped; what is finished is kept\n"),
        (typer.Abort(), 130, "fashiontools: stopped; what is finished is kept\n"),
        (typer.Exit(5), 5, ""),
        (OSError(28, "No space left on device", "a.png"), 4, None),
        (PermissionError(13, "Permission denied", "out"), 2, "fashiontools: out: Permission denied\n"),
        (UsageError("two\nlines \udce9\x1b[31m"), 2, "fashiontools: two\\nlines \\udce9\\x1b[31m\n"),
        (UsageError("größe 👗"), 2, "fashiontools: größe 👗\n"),
    ],
)
def test_errors_become_one_line_and_a_code(
    error: BaseException, code: int, said: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code_of(raising(error)) == code
    told = capsys.readouterr()
    assert told.out == ""
    if said is None:
        assert told.err.startswith("fashiontools: No space left on device: a.png")
    else:
        assert told.err == said


@pytest.mark.parametrize("error", [ZeroDivisionError("a bug"), OSError(5, "Input/output error"), KeyError("x")])
def test_a_bug_is_a_traceback_and_code_70(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_of(raising(error)) == 70
    told = capsys.readouterr().err
    assert told.startswith("Traceback (most recent call last)")
    assert type(error).__name__ in told


PROGRAM_WITH_A_BUG = """
import sys
from fashiontools.__main__ import main
from fashiontools.mask import step

def raising(row, **settings):
    raise ZeroDivisionError("planted")

def mask(table, options, out, progress):
    return out.each(table, raising, progress, added=("mask",), workers=1)

step.mask = mask
sys.argv[0] = "fashiontools"
main()
"""


def test_a_bug_in_a_step_ends_the_program_with_its_traceback_and_70(
    photos: list[Path], tmp_path: Path, run: Run, environment: dict[str, str]
) -> None:
    """And it is no bad row: the folder stays unfinished, and is continued by a program without the bug."""
    words = ["mask", str(tmp_path / "photos"), "-o", str(tmp_path / "holes")]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM_WITH_A_BUG, *words],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment, check=False,
    )  # fmt: skip
    assert done.returncode == 70
    assert "Traceback (most recent call last)" in done.stderr
    assert done.stderr.splitlines()[-1] == "ZeroDivisionError: planted"
    assert len(done.stdout.splitlines()) == 1, "the header, and no row"
    assert not (tmp_path / "holes" / "manifest.csv").exists()
    assert run(*words).returncode == 0
    assert {row["status"] for row in rows_of(tmp_path / "holes")} == {"ok"}


# -------------------------------------------------------------------------------------------------- completion


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("de", ["dedupe", "detect-crop"]),
        ("in", ["inpaint", "info"]),
        ("import lo", ["lookbook"]),
        ("train dc", ["dcgan"]),
        ("dedupe --thr", ["--threshold"]),
        ("mask --shape st", ["strokes"]),
        ("sample --inter", ["--interpolate"]),
        ("nothing", []),
    ],
)
def test_a_shell_completes_commands_and_options(typed: str, told: list[str], run: Run) -> None:
    """As bash asks: the words so far and the number of the one that is typed, through the environment."""
    words = ["fashiontools", *typed.split()]
    asked = {"COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)}
    done = run(env={"_FASHIONTOOLS_COMPLETE": "complete_bash", **asked})
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(done.stdout.split()) == sorted(told)


@pytest.mark.parametrize(("result", "code"), [(None, 0), (0, 0), (7, 7), ("text", 0)])
def test_no_error_is_code_0(result: object, code: int) -> None:
    assert exit_code_of(lambda: result) == code


def test_a_closed_standard_error_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with open(tmp_path / "closed", "w") as stream:
        pass
    monkeypatch.setattr(sys, "stderr", stream)
    say("nobody hears this")


def test_a_bad_row_says_its_hint() -> None:
    assert str(BadRow("wrong", "right")) == "wrong (right)"
    assert str(BadRow("wrong")) == "wrong"


@pytest.mark.parametrize(
    ("word", "told"),
    [("ssmi", "did you mean ssim?"), ("zzz", "known: psnr, ssim"), ("", "known: psnr, ssim"), ("PSNR", "psnr")],
)
def test_near_words(word: str, told: str) -> None:
    assert told in near(word, ["ssim", "psnr"])
