"""The shell scripts that users start with."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from manifests import rows_of, write_manifest
from PIL import Image

Run = Callable[..., subprocess.CompletedProcess[str]]

ROOT = Path(__file__).parents[1]


def sh(script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script of the repository."""
    return subprocess.run(
        ["sh", str(ROOT / script), *arguments], capture_output=True, text=True, env={**os.environ, **environment}
    )


@pytest.fixture
def old_python(tmp_path: Path) -> str:
    """A Python that says it is too old."""
    python = tmp_path / "python3.9"
    python.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    python.chmod(0o755)
    return str(python)


@pytest.mark.parametrize("script", ["examples/quickstart.sh", "tests/run.sh"])
def test_old_python_is_told_in_one_line(script: str, old_python: str) -> None:
    done = sh(script, PYTHON=old_python)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "3.11" in done.stderr


SCRIPTS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "examples").glob("*.sh"))


@pytest.mark.parametrize("script", [*SCRIPTS, "tests/run.sh", ".ci/run"])
def test_script_parses(script: str) -> None:
    subprocess.run(["sh", "-n", str(ROOT / script)], check=True)


def test_missing_venv_is_told_in_one_line(tmp_path: Path) -> None:
    python = tmp_path / "python3"
    python.write_text('#!/bin/sh\n[ "$1" = -m ] && exit 1\nexit 0\n', encoding="utf-8")
    python.chmod(0o755)
    clone = tmp_path / "clone"
    (clone / "examples").mkdir(parents=True)
    for name in ("quickstart.sh", "environment.sh"):
        (clone / "examples" / name).write_bytes((ROOT / "examples" / name).read_bytes())
    done = subprocess.run(
        ["sh", "examples/quickstart.sh"],
        cwd=clone,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHON": str(python)},
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "venv" in done.stderr
    assert not (clone / ".venv").exists()


# ------------------------------------------------------------------------------------------------ run from end to end

SHORT = "--epochs 2 --size 16 --generator-width 8 --discriminator-width 8 --batch 8"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone whose environment is made already: that of these tests, by programs that hand over to it."""
    clone = tmp_path / "clone"
    shutil.copytree(ROOT / "examples", clone / "examples")
    programs = clone / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name, words in (("python", ""), ("fashiontools", "-m fashiontools")):
        (programs / name).write_text(f"#!/bin/sh\nexec '{sys.executable}' {words} \"$@\"\n", encoding="utf-8")
        (programs / name).chmod(0o755)
    for name in ("fashiontools", "man", "pyproject.toml"):
        (clone / name).symlink_to(ROOT / name)
    (clone / ".venv" / "installed").write_text(".\n", encoding="utf-8")
    return clone


@pytest.fixture
def photos(lookbook: Path, tmp_path: Path) -> Path:
    """The lookbook's photos in a plain folder."""
    ignored = shutil.ignore_patterns("garment", "*.csv", "*.json", "*.log")
    return Path(shutil.copytree(lookbook, tmp_path / "my photos", ignore=ignored))


def quickstart(
    clone: Path, environment: dict[str, str], *words: str | Path, flags: str = SHORT
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "clone/examples/quickstart.sh", *map(str, words)],
        capture_output=True,
        text=True,
        cwd=clone.parent,
        env={**environment, "PYTHON": sys.executable, "TRAIN_FLAGS": flags},
    )


@pytest.mark.slow
def test_quickstart_ends_with_scores_and_pictures_and_does_what_is_new(
    clone: Path, photos: Path, environment: dict[str, str]
) -> None:
    out = clone / "quickstart"
    done = quickstart(clone, environment, "my photos")
    assert done.returncode == 0, done.stderr
    assert "installing" not in done.stdout
    steps = re.findall(r"^== (\w+)", done.stdout, re.MULTILINE)
    assert steps == ["dedupe", "mask", "inpaint", "evaluate", "train", "sample"]
    scores = re.findall(r"^(\w+) +(image|hole) +[0-9.]+ +95 % interval .* n (\d+)$", done.stdout, re.MULTILINE)
    count = len(list(photos.rglob("*.jpg")))
    assert {score[:2] for score in scores} == {(m, r) for m in ("l1", "l2", "psnr", "ssim") for r in ("image", "hole")}
    assert {int(score[2]) for score in scores} == {count}
    pictures = re.findall(r"^  (/.*\.png)  ", done.stdout, re.MULTILINE)
    names = ("filled/preview.png", "samples/grid.png", "dcgan/real_vs_generated.png")
    assert pictures == [str(out / name) for name in names]
    assert all(min(Image.open(picture).size) > 16 for picture in pictures)
    assert len(rows_of(out / "samples")) == 64

    # The same photos again: nothing is trained.
    weights = (out / "dcgan" / "model.safetensors").read_bytes()
    grid = (out / "samples" / "grid.png").read_bytes()
    done = quickstart(clone, environment, photos)  # as it is named from anywhere
    assert done.returncode == 0, done.stderr
    assert (out / "dcgan" / "model.safetensors").read_bytes() == weights
    assert (out / "samples" / "grid.png").read_bytes() == grid

    # One photo goes, another comes: it is trained anew, without a word about --overwrite.
    first = sorted(photos.rglob("*.jpg"))[0]
    Image.open(first).rotate(90, expand=True).crop((10, 10, 90, 80)).save(photos / "new.png")
    first.unlink()
    done = quickstart(clone, environment, "my photos")
    assert done.returncode == 0, done.stderr
    assert "--overwrite" not in done.stderr
    filled = {Path(row["target"]).name for row in rows_of(out / "filled")}
    assert "new.png" in filled
    assert first.name not in filled
    assert (out / "dcgan" / "model.safetensors").read_bytes() != weights
    assert (out / "samples" / "grid.png").read_bytes() != grid


@pytest.mark.slow
def test_quickstart_stops_with_the_message_of_the_step_that_fails(
    clone: Path, photos: Path, environment: dict[str, str]
) -> None:
    for photo in photos.rglob("*.jpg"):
        photo.write_bytes(photo.read_bytes()[:400])
    done = quickstart(clone, environment, photos)
    assert done.returncode == 3
    assert re.findall(r"^== (\w+)", done.stdout, re.MULTILINE) == ["dedupe"]
    assert "Look at" not in done.stdout
    assert "--max-errors" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_quickstart_tells_of_a_folder_that_is_not_there(clone: Path, environment: dict[str, str]) -> None:
    done = quickstart(clone, environment, "nowhere")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"quickstart: {clone.parent}/nowhere: no such folder\n"


@pytest.fixture
def described(lookbook: Path, tmp_path: Path) -> Path:
    """Fourteen photos with descriptions and garments: eight to learn from, two to judge by, four to be scored on."""
    (tmp_path / "data").mkdir()
    splits = ["train"] * 8 + ["val"] * 2 + ["test"] * 4
    rows = [
        {column: os.path.relpath(lookbook / row[column], tmp_path / "data") for column in ("path", "garment")}
        | {"description": row["description"], "split": split}
        for row, split in zip(rows_of(lookbook), splits, strict=False)
    ]
    write_manifest(tmp_path / "data", rows)
    return tmp_path / "data"


@pytest.mark.slow
def test_table1_trains_and_scores_all_seven_rows(clone: Path, described: Path, environment: dict[str, str]) -> None:
    flags = "--width 4 --text-width 4 --vgg untrained --batch 4"
    path = f"{clone / '.venv' / 'bin'}:{environment['PATH']}"
    done = subprocess.run(
        ["sh", str(ROOT / "examples" / "table1.sh"), str(described), "64", "1", "table"],
        capture_output=True,
        text=True,
        cwd=clone.parent,
        env={**environment, "PATH": path, "TRAIN_FLAGS": flags},
    )
    assert done.returncode == 0, done.stderr
    rows = ["bn-us", "in-us", "bn-tc", "in-tc", "in-tc-cl", "in-tc-d", "in-tc-sa"]
    assert re.findall(r"^== (.*)$", done.stdout, re.MULTILINE) == rows
    ours, paired, pasted = (
        [line.strip("|").split("|") for line in table.splitlines()[2:]]
        for table in re.findall(r"(?:^\|.*\n)+", done.stdout, re.MULTILINE)
    )
    assert (len(ours), len(paired), len(pasted)) == (7, 6, 7)
    number = r" *[+-]?\d+\.\d+ \[[+-]?\d+\.\d+, [+-]?\d+\.\d+\] *"
    assert all(re.fullmatch(number, cell) for cells in paired for cell in cells[1:]), paired
    out = clone.parent / "table"
    assert len({(out / row / "run" / "model.safetensors").read_bytes() for row in rows}) == 7, "two rows are one"
    assert min(Image.open(out / "descriptions.png").size) > 100
    for row in rows:
        assert min(Image.open(out / row / "pasted" / "preview.png").size) > 64
        assert len(rows_of(out / row / "raw")) == 4


TABLE52 = "examples/cropped_original_subset.sh"


@pytest.mark.parametrize(
    ("words", "fit", "told"),
    [((), "pad", "usage"), (("photos",), "pad", "usage"), (("photos", "foreground"), "white", "FIT=white")],
)
def test_table52_tells_bad_usage_in_one_line(words: tuple[str, ...], fit: str, told: str) -> None:
    done = sh(TABLE52, *words, FIT=fit)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert told in done.stderr


def table52(clone: Path, environment: dict[str, str], photos: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """The script with nets of a few seconds, looking through a classifier; crops of what stands out."""
    settings = {"KEEP": "full,upper,lower", "TRAIN_FLAGS": SHORT, "EVALUATE_FLAGS": "--features classifier"}
    path = f"{clone / '.venv' / 'bin'}:{environment['PATH']}"
    return subprocess.run(
        ["sh", str(ROOT / TABLE52), str(photos), "foreground", "out"],
        capture_output=True,
        text=True,
        cwd=clone.parent,
        env={**environment, "PATH": path, **settings, **more},
    )


def test_table52_tells_of_photos_that_are_not_there(clone: Path, environment: dict[str, str]) -> None:
    done = table52(clone, environment, Path("nowhere"))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "nowhere" in done.stderr
    assert not (clone.parent / "out").exists()


@pytest.mark.slow
def test_table52_trains_and_scores_its_three_sets(
    clone: Path, lookbook: Path, environment: dict[str, str], run: Run
) -> None:
    short = ("--size", "32", "--batch", "8", "--steps", "3", "--save-every", "3", "--no-cache")
    done = run("train", "classifier", lookbook, *short, "-o", clone.parent / "classifier")  # --fit crop, its default
    assert done.returncode == 0, done.stderr
    done = table52(clone, environment, lookbook)
    assert done.returncode == 0, done.stderr
    names, out = ["cropped", "original", "subset"], clone.parent / "out"
    assert re.findall(r"^== (.*)$", done.stdout, re.MULTILINE) == ["detect-crop: full,upper,lower", *names]

    number, kid = r"-?\d+\.\d+", r"-?\d+\.\d \[-?\d+\.\d, -?\d+\.\d\]"
    pair = rf"\| ({number}) \| ({kid}) "
    line = rf"\| (\w+) \| [\d,]+ / (\d+) (?:\| {number} / {number} ){{3}}{pair}{pair}\|"
    rows = re.findall(f"^{line}$", done.stdout, re.MULTILINE)
    assert [row[0] for row in rows] == names, done.stdout
    photos, crops = len(rows_of(lookbook)), len(rows_of(out / "crops"))
    assert 10 <= crops < photos
    assert [int(row[1]) for row in rows] == [crops, photos, crops]
    assert rows[0][2:4] == rows[0][4:6], "its own photos are the crops"
    for name, count in zip(names, (crops, photos, crops), strict=True):
        assert len(rows_of(out / name / "photos")) == count
        assert len(rows_of(out / name / "samples")) == crops
        assert json.loads((out / name / "run" / "run.json").read_text())["options"]["fit"] == "pad"
        for judged, reference in (("own", count), ("crops", crops)):
            recipe = json.loads((out / name / f"{judged}.json").read_text())["recipe"]
            assert "to 32x32, fit pad; " in recipe, "not the squares that the GAN saw"
            assert f"n set {crops} of 16x16, reference {reference} of" in recipe
    whole, drawn = ({row["path"] for row in rows_of(out / name / "photos")} for name in ("original", "subset"))
    assert drawn < whole
    assert len(drawn) == crops

    # Again: nothing is trained, and the table is the same; other squares want another folder.
    weights = {name: (out / name / "run" / "model.safetensors").read_bytes() for name in names}
    again = table52(clone, environment, lookbook)
    assert (again.returncode, again.stdout) == (0, done.stdout), again.stderr
    assert weights == {name: (out / name / "run" / "model.safetensors").read_bytes() for name in names}
    other = table52(clone, environment, lookbook, FIT="crop")
    assert other.returncode == 2
    assert other.stderr.count("\n") == 1
    assert "--fit" in other.stderr
