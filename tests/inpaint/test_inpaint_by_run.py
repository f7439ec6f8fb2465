"""`inpaint --model RUN`: fills by a trained run, on arrays and through the command line."""

import json
import os
import shutil
import signal
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest
import torch
from done import Done
from manifests import rows_of, write_manifest
from PIL import Image
from safetensors.torch import load_file, save_file

from fashiontools.inpaint.coarse_to_fine import CoarseToFineFill, Hole

Run = Callable[..., "CompletedProcess[str]"]
Tree = Callable[[Path], dict[str, bytes]]
SMALL = (
    "--size", 64, "--width", 4, "--text-width", 4, "--text-features", 16, "--word-count", 1, "--batch", 4,
    "--style-weight", 0, "--global-weight", 0, "--local-weight", 0, "--dropout", 0, "--norm", "batch",
)  # fmt: skip
CPU = torch.device("cpu")


@pytest.fixture
def inpaint(in_process: Callable[..., Done]) -> Callable[..., Done]:
    """`fashiontools inpaint` in this process."""
    return partial(in_process, "inpaint")


@pytest.fixture(scope="module")
def model(run: Run, lookbook: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with descriptions, of a few steps; tests copy it to spoil it."""
    folder = tmp_path_factory.mktemp("model") / "run"
    done = run("train", "coarse-to-fine", lookbook, *SMALL, "--coarse-rate", 0.01, "--steps", 12, "-o", folder)
    assert done.returncode == 0, done.stderr
    tensors = load_file(folder / "model.safetensors")
    for name in ("coarse.last.weight", "refinement.last.weight", "text.head.1.weight"):
        tensors[name] *= 30  # so that a few steps are enough for fills that tell photos and words apart
    save_file(tensors, folder / "model.safetensors")
    return folder


@pytest.fixture(scope="module")
def holes(run: Run, lookbook: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("holes") / "holes"
    done = run("mask", lookbook, "--limit", "7", "-o", folder)
    assert done.returncode == 0, done.stderr
    return folder


def pixels_of(file: Path) -> np.ndarray:
    return np.asarray(Image.open(file))


def changed(run: Path, folder: Path, change: Callable[[dict], object]) -> Path:
    """A copy of a run whose `run.json` is another."""
    copy = Path(shutil.copytree(run, folder / "changed"))
    record = json.loads((copy / "run.json").read_text())
    change(record)
    (copy / "run.json").write_text(json.dumps(record))
    return copy


def pictures(folder: Path) -> dict[str, bytes]:
    files = sorted(folder.rglob("*.png"))
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


# ------------------------------------------------------------------------------------------------------- on arrays


def filler_of(run: Path, fit: str = "crop") -> CoarseToFineFill:
    record = json.loads((run / "run.json").read_text())
    record["options"]["fit"] = fit
    return CoarseToFineFill(run, record, CPU)


SIZES = {
    "as trained": (64, 64), "larger": (150, 150), "smaller": (40, 40), "portrait": (131, 77), "landscape": (50, 171),
    "gray": (90, 70), "a strip": (9, 120), "tiny": (5, 4),
}  # fmt: skip
PLACES: dict[str, list[tuple[float, float, float, float]]] = {
    "middle": [(0.3, 0.4, 0.6, 0.7)],
    "corner": [(0.0, 0.0, 0.3, 0.3)],
    "bottom border": [(0.7, 0.2, 1.0, 0.6)],
    "several": [(0.0, 0.1, 0.2, 0.3), (0.4, 0.4, 0.6, 0.5), (0.8, 0.8, 1.0, 1.0)],
    "wider than the short side": [(0.4, 0.0, 0.6, 1.0)],
    "higher than the short side": [(0.0, 0.4, 1.0, 0.6)],
}


def hole_of(size: tuple[int, int], places: Sequence[tuple[float, float, float, float]], *, gray: bool = False) -> Hole:
    photo = np.random.default_rng(0).integers(0, 256, size if gray else (*size, 3), np.uint8)
    mask = np.zeros(size, np.uint8)
    for top, left, bottom, right in places:
        rows = slice(int(top * size[0]), max(int(top * size[0]) + 1, int(bottom * size[0])))
        columns = slice(int(left * size[1]), max(int(left * size[1]) + 1, int(right * size[1])))
        mask[rows, columns] = 255
    return Hole(photo, mask, "a red dress")


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
def test_known_pixels_are_kept_to_the_bit_and_the_hole_is_not_looked_at(model: Path, fit: str) -> None:
    """Photos of any size and holes of any place; what is in the hole changes no byte of the fill."""
    filler = filler_of(model, fit)
    given = [hole_of(size, places, gray=name == "gray") for name, size in SIZES.items() for places in PLACES.values()]
    spoiled = []
    for hole in given:
        photo = hole.photo.copy()
        photo[hole.mask > 0] = 255 - photo[hole.mask > 0]
        spoiled.append(Hole(photo, hole.mask, hole.description))
    for hole, one, other in zip(given, filler.fill(given), filler.fill(spoiled), strict=True):
        assert one.shape == hole.photo.shape
        assert one.dtype == np.uint8
        known = hole.mask == 0
        assert np.array_equal(one[known], hole.photo[known])
        assert np.array_equal(one, other)
        assert known.all() or not np.array_equal(one[~known], hole.photo[~known])


def test_neighbours_and_place_in_the_batch_do_not_matter(model: Path) -> None:
    """Twenty photos are more than one block of the networks; alone, in another order, or among others: same bytes."""
    filler = filler_of(model)
    sizes = list(SIZES.values())
    given = [hole_of(sizes[number % len(sizes)], list(PLACES.values())[number % 6]) for number in range(20)]
    together = filler.fill(given)
    backwards = filler.fill(given[::-1])[::-1]
    for number, (one, other) in enumerate(zip(together, backwards, strict=True)):
        assert np.array_equal(one, other)
        if number % 6 == 0:
            assert np.array_equal(filler.fill([given[number]])[0], one)


def test_a_photo_of_the_networks_size_is_its_output_shifted_to_the_rim(model: Path) -> None:
    """Raw: the refinement network's own pixels. Pasted: these, and the seam's difference spread into the hole."""
    filler, hole = filler_of(model), hole_of((64, 64), PLACES["middle"])
    raw = filler.fill([hole], raw=True)[0]
    assert not np.array_equal(raw[hole.mask == 0], hole.photo[hole.mask == 0])
    photo = torch.from_numpy(hole.photo).permute(2, 0, 1)[None].float() / 127.5 - 1
    mask = torch.from_numpy(hole.mask)[None, None].float() / 255
    with torch.no_grad():
        tokens = torch.from_numpy(filler._vocabulary.encode([hole.description], 32))
        white = torch.where(mask > 0, torch.ones(()), photo)
        refined = filler._refinement(filler._coarse(white, mask, filler._text(tokens)), mask)[0]
    expected = ((refined.permute(1, 2, 0).numpy() + 1) * 127.5).clip(0, 255).round()
    assert np.abs(raw.astype(int) - expected).max() <= 1


def test_the_fill_meets_the_photo_at_its_rim(model: Path) -> None:
    """On an even photo there is no seam to be seen, whatever the level that the networks give."""
    mask = np.zeros((64, 64), np.uint8)
    mask[20:40, 20:40] = 255
    hole = Hole(np.full((64, 64, 3), 180, np.uint8), mask)
    filled, raw = (filler_of(model).fill([hole], raw=raw)[0].astype(int) for raw in (False, True))
    rim = np.zeros((64, 64), bool)
    rim[20:40, 20:40] = True
    rim[22:38, 22:38] = False
    assert np.abs(filled[rim] - 180).mean() < 0.5 * np.abs(raw[rim] - 180).mean()


def test_descriptions_change_fills_and_unknown_words_are_one(model: Path) -> None:
    filler, hole = filler_of(model), hole_of((64, 64), PLACES["middle"])
    words = ["", "a red dress", "qwxyz", "vbnmk"]
    empty, red, one, other = filler.fill([Hole(hole.photo, hole.mask, text) for text in words], raw=True)
    assert np.array_equal(one, other)
    assert len({picture.tobytes() for picture in (empty, red, one)}) == 3


# ----------------------------------------------------------------------------------------------- the command line


def test_holes_are_filled_and_evaluate_takes_them_as_they_stand(
    in_process: Run, model: Path, holes: Path, tmp_path: Path
) -> None:
    done = in_process("inpaint", holes, "--model", model, "-o", tmp_path / "filled")
    assert done.returncode == 0, done.stderr
    rows = rows_of(tmp_path / "filled")
    assert len(rows) == 7
    for row in rows:
        photo, mask = pixels_of(tmp_path / "filled" / row["target"]), pixels_of(tmp_path / "filled" / row["mask"])
        filled = pixels_of(tmp_path / "filled" / row["path"])
        assert row["status"] == "ok"
        assert np.array_equal(filled[mask == 0], photo[mask == 0])
        assert not np.array_equal(filled[mask > 0], photo[mask > 0])
        assert row["parent"] == row["target"]
    done = in_process("evaluate", tmp_path / "filled", "--metrics", "psnr,l1")
    assert done.returncode == 0, done.stderr
    assert "hole" in done.stdout


def test_workers_and_windows_change_nothing(
    inpaint: Callable[..., Done], model: Path, holes: Path, tmp_path: Path
) -> None:
    for workers in (1, 2):
        done = inpaint(holes, "--model", model, "--workers", workers, "-o", tmp_path / str(workers))
        assert done.returncode == 0, done.stderr
    assert pictures(tmp_path / "1") == pictures(tmp_path / "2")
    assert len(pictures(tmp_path / "1")) == 7
    assert inpaint(holes, "--model", model, "--limit", 3, "-o", tmp_path / "part").returncode == 0
    assert inpaint(holes, "--model", model, "-o", tmp_path / "part").returncode == 0
    assert pictures(tmp_path / "part") == pictures(tmp_path / "1")


def test_killed_and_run_again_has_the_same_bytes(
    in_process: Run, start: Callable, wait_for: Callable, model: Path, holes: Path, tmp_path: Path, tree: Tree
) -> None:
    words = ("inpaint", holes, "--model", model)
    assert in_process(*words, "-o", tmp_path / "whole").returncode == 0
    process = start(*words, "-o", tmp_path / "killed")
    wait_for(lambda: len(pictures(tmp_path / "killed")) > 1 or process.poll() is not None)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert in_process(*words, "-o", tmp_path / "killed").returncode == 0
    assert tree(tmp_path / "killed") == tree(tmp_path / "whole")


def test_raw_is_the_networks_output_also_where_there_is_no_hole(
    inpaint: Callable[..., Done], model: Path, holes: Path, tmp_path: Path
) -> None:
    (tmp_path / "book").mkdir()
    photo = np.random.default_rng(1).integers(0, 256, (80, 64, 3), np.uint8)
    Image.fromarray(photo).save(tmp_path / "book" / "p.png")
    rows = []
    for name in ("none", "some"):
        mask = np.zeros((80, 64), np.uint8)
        mask[30:40, 20:30] = 255 if name == "some" else 0
        Image.fromarray(mask).save(tmp_path / "book" / f"{name}.png")
        rows.append({"path": "p.png", "mask": f"{name}.png", "description": "a red dress"})
    manifest = write_manifest(tmp_path / "book", rows)
    for name, words in (("raw", ("--raw",)), ("pasted", ())):
        done = inpaint(manifest, "--model", model, *words, "-o", tmp_path / name)
        assert done.returncode == 0, done.stderr
    for row in rows_of(tmp_path / "raw"):
        raw = pixels_of(tmp_path / "raw" / row["path"])
        assert np.array_equal(raw[:8], photo[:8]), "what the network does not see is the photo's"
        assert np.array_equal(raw[72:], photo[72:])
        assert (raw[8:72] != photo[8:72]).any(axis=2).mean() > 0.9
    none, some = (pixels_of(tmp_path / "pasted" / row["path"]) for row in rows_of(tmp_path / "pasted"))
    assert np.array_equal(none, photo)
    assert not np.array_equal(some, photo)


def test_the_descriptions_of_the_rows_are_read(inpaint: Callable[..., Done], model: Path, tmp_path: Path) -> None:
    """A column, an empty cell, no column at all: said once, and filled as if it was empty."""
    photo = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    mask = np.zeros((64, 64), np.uint8)
    mask[20:44, 20:44] = 255
    words = json.loads((model / "vocabulary.json").read_text())
    texts = {"told": " ".join(words[4:30]), "empty": "", "missing": None}
    found = {}
    for name, text in texts.items():
        book = tmp_path / name
        book.mkdir()
        Image.fromarray(photo).save(book / "p.png")
        Image.fromarray(mask).save(book / "m.png")
        manifest = write_manifest(
            book, [{"path": "p.png", "mask": "m.png"} | ({} if text is None else {"description": text})]
        )
        done = inpaint(manifest, "--model", model, "--raw", "-o", book / "filled")
        assert done.returncode == 0, done.stderr
        assert done.stderr.count("reads descriptions and the input has none") == (text is None)
        found[name] = pixels_of(book / "filled" / rows_of(book / "filled")[0]["path"])
    assert np.array_equal(found["empty"], found["missing"])
    assert not np.array_equal(found["empty"], found["told"])


def test_rows_that_cannot_be_filled_say_why_and_stop_no_other(
    inpaint: Callable[..., Done], model: Path, tmp_path: Path
) -> None:
    Image.fromarray(np.full((20, 10, 3), 90, np.uint8)).save(tmp_path / "p.png")
    for name, size, value in (("other", (10, 20), 0), ("all", (20, 10), 255), ("good", (20, 10), 0)):
        mask = np.full(size, value, np.uint8)
        mask[0, 0] = 255
        Image.fromarray(mask).save(tmp_path / f"{name}.png")
    (tmp_path / "broken.png").write_bytes(b"nothing")
    reasons = {"other.png": "the mask is 20 x 10, the photo 10 x 20", "all.png": "whole photo", "": "no mask"}
    reasons |= {"gone.png": "gone.png", "broken.png": "broken.png"}
    rows = [{"path": "p.png", "mask": name, "description": ""} for name in [*reasons, "good.png"]]
    rows.append({"path": "broken.png", "mask": "good.png", "description": ""})
    done = inpaint(write_manifest(tmp_path, rows), "--model", model, "-o", tmp_path / "filled")
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    *bad, good, corrupt = rows_of(tmp_path / "filled")
    for row, reason in zip(bad, reasons.values(), strict=True):
        assert row["status"] == "failed"
        assert reason in row["error"]
    assert good["status"] == "ok"
    assert (tmp_path / "filled" / good["path"]).exists()
    assert corrupt["status"] == "failed"
    classical = inpaint(tmp_path / "manifest.csv", "--model", "mean", "-o", tmp_path / "classical")
    assert classical.returncode == 3
    assert [row["error"] for row in rows_of(tmp_path / "classical")] == [
        row["error"] for row in rows_of(tmp_path / "filled")
    ]


def test_preview_shows_photo_hole_and_fill(
    inpaint: Callable[..., Done], model: Path, holes: Path, tmp_path: Path
) -> None:
    done = inpaint(holes, "--model", model, "--preview", "-o", tmp_path / "filled")
    assert done.returncode == 0, done.stderr
    sheet = pixels_of(tmp_path / "filled" / "preview.png")
    columns = np.where(np.all(sheet == (255, 0, 128), axis=2).any(axis=0))[0]
    third = sheet.shape[1] / 3
    assert third < columns.min()
    assert columns.max() < 2 * third


# ------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    "kind", ["unfinished", "another recipe", "another command", "no run", "no weights", "cut weights", "no vocabulary"]
)
def test_a_folder_that_cannot_fill_is_refused_in_a_line(
    inpaint: Callable[..., Done], model: Path, holes: Path, tmp_path: Path, kind: str
) -> None:
    changes = {
        "unfinished": {"complete": False},
        "another recipe": {"recipe": "dcgan"},
        "another command": {"command": "mask"},
    }
    folder = changed(model, tmp_path, lambda record: record.update(changes.get(kind, {})))
    if kind == "no run":
        (folder / "run.json").unlink()
    elif kind == "no weights":
        (folder / "model.safetensors").unlink()
    elif kind == "cut weights":
        file = folder / "model.safetensors"
        file.write_bytes(file.read_bytes()[:2000])
    elif kind == "no vocabulary":
        (folder / "vocabulary.json").unlink()
    done = inpaint(holes, "--model", folder, "-o", tmp_path / "filled")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    told = {
        "unfinished": "unfinished", "no weights": "unfinished", "another recipe": "coarse-to-fine",
        "cut weights": "damaged", "no vocabulary": "vocabulary.json",
    }  # fmt: skip
    assert told.get(kind, "not a training run") in done.stderr
    assert str(folder) in done.stderr
    assert not (tmp_path / "filled").exists()


def test_a_folder_is_filled_by_one_model(
    in_process: Run, inpaint: Callable[..., Done], lookbook: Path, model: Path, holes: Path, tmp_path: Path, tree: Tree
) -> None:
    """A run that was trained on since then is another model under the same name."""
    copy = Path(shutil.copytree(model, tmp_path / "run"))
    assert inpaint(holes, "--model", copy, "-o", tmp_path / "filled").returncode == 0
    before = tree(tmp_path / "filled")
    assert inpaint(holes, "--model", copy, "-o", tmp_path / "filled").returncode == 0
    assert tree(tmp_path / "filled") == before
    words = ("train", "coarse-to-fine", lookbook, *SMALL, "--coarse-rate", 0.01, "--steps", 14, "-o", copy)
    assert in_process(*words).returncode == 0
    done = inpaint(holes, "--model", copy, "-o", tmp_path / "filled")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "other weights" in done.stderr
    assert tree(tmp_path / "filled") == before
    assert inpaint(holes, "--model", copy, "--overwrite", "-o", tmp_path / "filled").returncode == 0
    assert tree(tmp_path / "filled") != before


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--model", "runs/nowhere"), "no such run folder"),
        (("--model", "telea", "--raw"), "--raw has no meaning"),
        (("--model", "telea", "--device", "cuda"), "--device cuda has no meaning"),
    ],
)
def test_models_that_are_none_are_told(
    inpaint: Callable[..., Done], holes: Path, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    done = inpaint(holes, *words, "-o", tmp_path / "filled")
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "filled").exists()


def test_a_dry_run_writes_nothing(inpaint: Callable[..., Done], model: Path, holes: Path, tmp_path: Path) -> None:
    done = inpaint(holes, "--model", model, "--dry-run", "-o", tmp_path / "filled")
    assert done.returncode == 0
    assert "7 to do" in done.stderr
    assert not (tmp_path / "filled").exists()
