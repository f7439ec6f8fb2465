"""What is read when what is named, and what the rows of a pipe look like, through the real command line."""

import csv
import io
import os
import pty
import select
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
Start = Callable[..., subprocess.Popen[str]]


def parsed(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


@pytest.fixture
def photos(lookbook: Path, tmp_path: Path) -> Path:
    """Four photos: two in the folder, one in `tops`, one in `tops/long sleeves`; hidden and other files beside them."""
    folder = tmp_path / "photos"
    (folder / "tops" / "long sleeves").mkdir(parents=True)
    names = ("b.jpg", "a.JPG", "tops/ä c.jpeg", "tops/long sleeves/d.jpg")
    for source, name in zip(sorted(lookbook.rglob("*.jpg")), names, strict=False):
        shutil.copy(source, folder / name)
    (folder / ".hidden").mkdir()
    for name in (".hidden/e.jpg", ".f.jpg", "tops/notes.txt"):
        (folder / name).write_bytes((folder / "b.jpg").read_bytes())
    return folder


# ------------------------------------------------------------------------------------------------ what is read


def test_a_folder_without_a_manifest_is_all_its_images_with_labels(photos: Path, tmp_path: Path, run: Run) -> None:
    done = run("mask", photos, "-o", tmp_path / "holes")
    found = [(os.path.relpath(row["path"], photos), row["label"]) for row in parsed(done.stdout)]
    assert sorted(found) == [
        ("a.JPG", ""), ("b.jpg", ""), ("tops/long sleeves/d.jpg", "tops/long sleeves"), ("tops/ä c.jpeg", "tops"),
    ]  # fmt: skip
    assert run("mask", photos, "-o", tmp_path / "again").stdout.replace("again", "holes") == done.stdout


def test_a_subfolder_with_a_manifest_is_read_through_it(photos: Path, tmp_path: Path, run: Run) -> None:
    text = "path,brand,label\nlong sleeves/d.jpg,Nordlicht,mine\nlong sleeves/d.jpg,Ostwind,\n"
    (photos / "tops" / "manifest.csv").write_text(text)
    done = run("mask", photos, "-o", tmp_path / "holes")
    assert done.returncode == 0, done.stderr
    found = [(os.path.relpath(row["path"], photos), row["brand"], row["label"]) for row in parsed(done.stdout)]
    assert sorted(found) == [
        ("a.JPG", "", ""), ("b.jpg", "", ""),
        ("tops/long sleeves/d.jpg", "Nordlicht", "mine"), ("tops/long sleeves/d.jpg", "Ostwind", ""),
    ]  # fmt: skip
    assert (tmp_path / "holes" / "tops" / "long sleeves" / "d.jpg.png").exists()


def test_nothing_named_and_no_pipe_is_the_current_folder(photos: Path, tmp_path: Path, run: Run) -> None:
    done = run("mask", "-o", tmp_path / "holes", cwd=photos)
    assert done.returncode == 0, done.stderr
    assert len(parsed(done.stdout)) == 4
    named = run("mask", photos, "-o", tmp_path / "named")
    assert named.stdout.replace(str(tmp_path / "named"), str(tmp_path / "holes")) == done.stdout


def stdin_pipe(text: str, folder: Path) -> int:
    read, write = os.pipe()
    os.write(write, text.encode())
    os.close(write)
    return read


def stdin_socket(text: str, folder: Path) -> int:
    ours, theirs = socket.socketpair()
    ours.sendall(text.encode())
    ours.close()
    return theirs.detach()


def stdin_file(text: str, folder: Path) -> int:
    (folder / "stdin.csv").write_text(text)
    return os.open(folder / "stdin.csv", os.O_RDONLY)


@pytest.mark.parametrize("words", [[], ["-"]], ids=["nothing named", "-"])
@pytest.mark.parametrize("kind", [stdin_pipe, stdin_socket, stdin_file])
def test_rows_on_standard_input_are_read(
    kind: Callable[[str, Path], int], words: list[str], photos: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    descriptor = kind("path\nb.jpg\n", tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "fashiontools", "mask", *words, "-o", str(tmp_path / "holes")],
        stdin=descriptor, capture_output=True, text=True, cwd=photos, env=environment, check=False,
    )  # fmt: skip
    os.close(descriptor)
    assert done.returncode == 0, done.stderr
    assert [row["path"] for row in parsed(done.stdout)] == [str(photos / "b.jpg")]


@pytest.mark.parametrize("words", [[], ["-"]], ids=["nothing named", "-"])
@pytest.mark.parametrize("text", ["", "\n", "\ufeff"])
def test_a_stream_without_a_header_is_an_error(words: list[str], text: str, tmp_path: Path, run: Run) -> None:
    done = run("mask", *words, "-o", tmp_path / "holes", stdin=text)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("fashiontools: standard input:1: ")
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "holes").exists()


def test_a_header_without_rows_is_no_error(tmp_path: Path, run: Run) -> None:
    done = run("mask", "-", "-o", tmp_path / "holes", stdin="path,brand\n")
    assert (done.returncode, done.stdout) == (0, "path,brand,mask,status,error\n")
    assert (tmp_path / "holes" / "manifest.csv").read_text() == "path,brand,mask,status,error\n"


def test_a_closed_standard_input_is_told(photos: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    program = f"'{sys.executable}' -m fashiontools mask - -o '{tmp_path}/holes' <&-"
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 2
    assert "standard input is closed" in done.stderr
    program = f"'{sys.executable}' -m fashiontools mask -o '{tmp_path}/holes' <&-"
    done = subprocess.run(
        ["bash", "-c", program], capture_output=True, text=True, env=environment, cwd=photos, check=False
    )
    assert (done.returncode, len(parsed(done.stdout))) == (0, 4)


def test_several_inputs_are_read_in_their_order(photos: Path, tmp_path: Path, run: Run) -> None:
    (photos / "list.csv").write_text("path,brand\ntops/ä c.jpeg,Nordlicht\n")
    words = [photos / "list.csv", photos / "b.jpg", photos / "tops", "-"]
    done = run("mask", *words, "-o", tmp_path / "holes", stdin=f"path,color\n{photos}/a.JPG,red\n")
    assert done.returncode == 0, done.stderr
    found = parsed(done.stdout)
    assert [os.path.relpath(row["path"], photos) for row in found] == [
        "tops/ä c.jpeg", "b.jpg", "tops/ä c.jpeg", "tops/long sleeves/d.jpg", "a.JPG",
    ]  # fmt: skip
    assert [(row["brand"], row["color"], row["label"]) for row in found] == [
        ("Nordlicht", "", ""), ("", "", ""), ("", "", ""), ("", "", "long sleeves"), ("", "red", ""),
    ]  # fmt: skip
    assert len({row["mask"] for row in found}) == 5


def test_a_photo_that_is_named_twice_gets_two_files(photos: Path, tmp_path: Path, run: Run) -> None:
    done = run("mask", photos / "b.jpg", photos / "b.jpg", "-o", tmp_path / "holes")
    assert [os.path.relpath(row["mask"], tmp_path / "holes") for row in parsed(done.stdout)] == [
        "b.jpg.png", "b.jpg.2.png",
    ]  # fmt: skip


# ---------------------------------------------------------------------------------------- what comes out, and how


def test_standard_output_is_absolute_and_the_folder_is_relative(photos: Path, tmp_path: Path, run: Run) -> None:
    done = run("mask", "photos", "-o", "holes", cwd=tmp_path)
    for row in parsed(done.stdout):
        assert os.path.isabs(row["path"])
        assert os.path.isabs(row["mask"])
    with open(tmp_path / "holes" / "manifest.csv", encoding="utf-8", newline="") as stream:
        inside = list(csv.DictReader(stream))
    assert [row["path"] for row in inside] == [
        os.path.relpath(row["path"], tmp_path / "holes") for row in parsed(done.stdout)
    ]
    assert all((tmp_path / "holes" / row["path"]).exists() and row["path"].startswith("../photos/") for row in inside)
    assert all((tmp_path / "holes" / row["mask"]).exists() for row in inside)


def test_a_manifest_in_a_folder_behind_a_link_points_to_the_photos(photos: Path, tmp_path: Path, run: Run) -> None:
    (tmp_path / "elsewhere" / "deep").mkdir(parents=True)
    (tmp_path / "holes").symlink_to(tmp_path / "elsewhere" / "deep")
    assert run("mask", photos, "-o", tmp_path / "holes").returncode == 0
    with open(tmp_path / "elsewhere" / "deep" / "manifest.csv", encoding="utf-8", newline="") as stream:
        assert all((tmp_path / "elsewhere" / "deep" / row["path"]).exists() for row in csv.DictReader(stream))


def test_names_from_a_pipe_never_lead_out_of_the_folder(photos: Path, tmp_path: Path, run: Run) -> None:
    """They are relative to the folder of the first row, here the deepest one."""
    text = "path\ntops/long sleeves/d.jpg\ntops/ä c.jpeg\nb.jpg\n"
    done = run("mask", "-", "-o", tmp_path / "out" / "holes", stdin=text, cwd=photos)
    masks = [row["mask"] for row in parsed(done.stdout)]
    assert [os.path.relpath(mask, tmp_path / "out" / "holes") for mask in masks] == [
        "d.jpg.png", "ä c.jpeg.png", "b.jpg.png",
    ]  # fmt: skip
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["holes"]


@pytest.mark.parametrize("first", ["", "https://example.org/x/y.jpg\n", '""\n'], ids=["a photo", "a URL", "nothing"])
def test_names_do_not_depend_on_where_one_stands(first: str, photos: Path, tmp_path: Path, run: Run) -> None:
    text = f"path\n{first}{photos}/b.jpg\n{photos}/tops/ä c.jpeg\n"
    for place in (photos, tmp_path, Path("/")):
        done = run("mask", "-", "-o", tmp_path / "holes", "--overwrite", stdin=text, cwd=place)
        masks = [os.path.relpath(row["mask"], tmp_path / "holes") for row in parsed(done.stdout) if row["mask"]]
        assert masks == ["b.jpg.png", "tops/ä c.jpeg.png"]


def test_commands_pipe(lookbook: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    """A real pipe, whose last step stands in another folder; --quiet never silences the data."""
    step = f"'{sys.executable}' -m fashiontools"
    program = (
        f"{step} mask '{lookbook}' --quiet -o '{tmp_path}/holes' | {step} inpaint - --model mean -q -o '{tmp_path}/f'"
        f" | (cd / && {step} evaluate - --metrics psnr -q)"
    )
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", program],
        capture_output=True, text=True, cwd=tmp_path, env=environment, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    scores = parsed(done.stdout)
    assert [(row["metric"], row["region"], row["n"]) for row in scores] == [
        ("psnr", region, str(len(list(lookbook.rglob("*.jpg"))))) for region in ("image", "hole")
    ]


def test_rows_are_handed_on_as_they_are_finished(photos: Path, tmp_path: Path, start: Start) -> None:
    command = start("mask", "-", "-o", tmp_path / "holes")
    command.stdin.write(f"path\n{photos}/b.jpg\n{photos}/a.JPG\n")
    command.stdin.flush()
    assert command.stdout.readline().startswith("path,")
    assert command.stdout.readline().startswith(f"{photos}/b.jpg,")
    assert command.stdout.readline().startswith(f"{photos}/a.JPG,")
    command.stdin.close()
    assert command.wait(60) == 0


def test_inpaint_hands_on_its_first_fill_before_its_input_ends(
    lookbook: Path, tmp_path: Path, run: Run, start: Start
) -> None:
    """Two rows come and the pipe stays open, as when the last masks are still being drawn."""
    header, *rows = run("mask", lookbook, "-o", tmp_path / "holes").stdout.splitlines(keepends=True)
    command = start("inpaint", "-", "--model", "telea", "-o", tmp_path / "filled")
    command.stdin.write(header + "".join(rows[:2]))
    command.stdin.flush()
    told = [command.stdout.readline() for _ in range(3)]
    assert command.poll() is None
    first, second = parsed("".join(told))
    assert [first["target"], second["target"]] == [row["path"] for row in parsed(header + "".join(rows[:2]))]
    for row in (first, second):
        assert Path(row["path"]).is_relative_to(tmp_path / "filled")
        assert Path(row["path"]).read_bytes().startswith(b"\x89PNG")
    assert not (tmp_path / "filled" / "manifest.csv").exists()
    rest, _ = command.communicate("".join(rows[2:]), timeout=60)
    assert command.returncode == 0
    assert len(rest.splitlines()) == len(rows) - 2


def test_on_a_terminal_no_rows_are_printed(photos: Path, environment: dict[str, str]) -> None:
    """And where no -o was given, the folder is named on standard error."""
    ours, terminal = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "fashiontools", "mask"],
        stdin=subprocess.DEVNULL, stdout=terminal, stderr=subprocess.PIPE, text=True, cwd=photos, env=environment,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert done.stderr == "mask: writing to mask\nmask: 4 rows, 4 done -> mask\n"
    assert select.select([ours], [], [], 0)[0] == []
    os.close(terminal)
    os.close(ours)


def test_unknown_columns_and_their_order_are_kept(photos: Path, tmp_path: Path, run: Run) -> None:
    text = f'size,path,"a, b"\n38,{photos}/b.jpg,"x\ny"\n'
    done = run("mask", "-", "-o", tmp_path / "holes", stdin=text)
    (row,) = parsed(done.stdout)
    assert list(row) == ["size", "path", "a, b", "mask", "status", "error"]
    assert (row["size"], row["a, b"]) == ("38", "x\ny")


# ------------------------------------------------------------------------------------------- --where and --limit


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (["--where", "brand=A"], "0 2"),
        (["--where", "brand!=A"], "1 3 4"),
        (["--where", "size>36"], "1 2"),
        (["--where", "size<38"], "0"),
        (["--where", "size=38"], "1"),
        (["--where", "brand=A", "--where", "size>36"], "2"),
        (["--where", "brand="], "4"),
        (["--where", "note=x=y"], "3"),
    ],
)
def test_where(words: list[str], kept: str, tmp_path: Path, run: Run) -> None:
    rows = ("0,A,36,", "1,B,38,", "2,A,40.5,", "3,B,XL,x=y", "4,,,")
    text = "path,brand,size,note\n" + "".join(f"{row}\n" for row in rows)
    done = run("mask", "-", *words, "--max-errors", "100%", "-o", tmp_path / "holes", stdin=text)
    assert [os.path.basename(row["path"]) for row in parsed(done.stdout)] == kept.split()


def test_limit_draws_by_the_seed_and_keeps_the_order(tmp_path: Path, run: Run) -> None:
    text = "path\n" + "".join(f"/photos/{number:03d}.jpg\n" for number in range(200))

    def drawn(limit: int, seed: int) -> list[str]:
        words = ["--limit", limit, "--seed", seed, "--max-errors", "100%", "--overwrite", "-o", tmp_path / "holes"]
        return [row["path"] for row in parsed(run("mask", "-", *words, stdin=text).stdout)]

    ten, others = drawn(10, 1), drawn(10, 2)
    assert len(ten) == len(others) == 10
    assert ten == sorted(ten) == drawn(10, 1)
    assert ten != others
    assert set(ten) < set(drawn(20, 1))
    assert len(drawn(500, 1)) == 200


# ----------------------------------------------------------------------------------------------------- waiting


@pytest.mark.slow
def test_after_five_silent_seconds_it_says_that_it_waits(photos: Path, tmp_path: Path, start: Start) -> None:
    command = start("mask", "-", "-o", tmp_path / "holes")
    assert command.stderr.readline() == "fashiontools: waiting for rows on standard input ...\n"
    command.stdin.write(f"path\n{photos}/b.jpg\n")
    out, _ = command.communicate(timeout=60)
    assert command.returncode == 0
    assert len(parsed(out)) == 1
