"""`train coarse-to-fine` through the command line: the run folder, exact resume, presets, refusals."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import torch
from paintings import SMALL, write_paintings
from PIL import Image
from safetensors.torch import load_file
from torchvision.models import vgg16

Run = Callable[..., "CompletedProcess[str]"]
Train = Callable[..., object]
Tree = Callable[[Path], dict[str, bytes]]
CHEAP = ("--no-descriptions", "--global-weight", 0, "--local-weight", 0, "--no-attention")


@pytest.fixture(scope="module")
def paintings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine: the last batch of an epoch has one photo alone."""
    return write_paintings(tmp_path_factory.mktemp("paintings") / "train", 9)


@pytest.fixture(scope="module")
def validation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_paintings(tmp_path_factory.mktemp("paintings") / "validation", 2, first=50)


@pytest.fixture
def train(command: Callable[..., object]) -> Train:
    return lambda *words: command("coarse-to-fine", *SMALL, *words)


def record_of(run: Path) -> dict:
    return json.loads((run / "run.json").read_text())


def metrics_of(run: Path) -> list[dict[str, str]]:
    with open(run / "metrics.csv", newline="") as stream:
        return list(csv.DictReader(stream))


def last_line(done: object) -> str:
    return done.stderr.splitlines()[-1]


# ------------------------------------------------------------------------------------------------------ the run folder


@pytest.fixture
def judged(train: Train, paintings: Path, validation: Path, tmp_path: Path) -> Path:
    done = train(paintings, "--validation", validation, "--epochs", 2, "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    return tmp_path / "run"


def test_a_run_folder_has_all_that_inpaint_needs(judged: Path) -> None:
    record = record_of(judged)
    assert (record["recipe"], record["complete"]) == ("coarse-to-fine", True)
    assert set(record["models"]) == {"coarse", "refinement", "text", "global", "local"}
    assert record["models"]["coarse"]["arguments"]["text"] == 16
    assert (record["options"]["epochs"], record["options"]["steps"]) == (2, None)
    assert record["totals"]["steps"] == 2 * 3
    assert {key.split(".")[0] for key in load_file(judged / "model.safetensors")} == set(record["models"])
    words = json.loads((judged / "vocabulary.json").read_text())
    assert record["models"]["text"]["arguments"]["words"] == len(words)
    assert {"square", "red", "green", "blue", "gray", "."} <= set(words)
    assert not [file for file in judged.rglob("*") if "pkl" in file.name or ".part" in file.name]


def test_metrics_tell_parts_and_held_out_scores(judged: Path) -> None:
    lines = metrics_of(judged)
    assert [line["epoch"] for line in lines] == ["1", "2"]
    parts = {"loss_coarse", "loss_refinement", "loss_d", "loss_d_global", "loss_d_local", "coarse_pixel"}
    parts |= {"refined_pixel", "refined_global", "refined_local"}
    held_out = {f"val_{kind}_{name}" for kind in ("loss", "psnr", "hole_psnr") for name in ("coarse", "refined")}
    assert parts | held_out <= set(lines[0])
    best = record_of(judged)["totals"]["best_epoch"]
    assert str(best["epoch"]) == max(lines, key=lambda line: float(line["val_hole_psnr_refined"]))["epoch"]
    assert "held-out" in best["rule"]


def test_the_preview_has_five_pictures_in_a_line(judged: Path) -> None:
    """Two held-out photos: hole, coarse, refined, fill, photo."""
    width, height = Image.open(judged / "previews" / "00000006.png").size
    assert (width, height) == (5 * (64 + 2) + 2, 2 * (64 + 2) + 2)


def test_a_missing_description_names_the_way_without(train: Train, paintings: Path, tmp_path: Path) -> None:
    (tmp_path / "book").mkdir()
    shutil.copy(paintings / "0.png", tmp_path / "book")
    done = train(tmp_path / "book", "--steps", 1, "-o", tmp_path / "run")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "description" in done.stderr
    assert "--no-descriptions" in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "run").exists()
    assert train(tmp_path / "book", *CHEAP, "--steps", 1, "-o", tmp_path / "run").returncode == 0
    assert not (tmp_path / "run" / "vocabulary.json").exists()


# ------------------------------------------------------------------------------------------------------------- presets


def test_a_preset_lands_in_the_record_and_what_is_typed_wins(train: Train, paintings: Path, tmp_path: Path) -> None:
    words = (paintings, "--no-descriptions", "--preset", "modern", "--mask-channel", "--dropout", 0.1, "--steps", 1)
    done = train(*words, "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    record = record_of(tmp_path / "run")
    options = record["options"]
    assert options["preset"] == "modern"
    assert {name: options[name] for name in ("hole", "residual", "schedule", "ema", "log_error_weight")} == {
        "hole": "smooth", "residual": True, "schedule": "cosine", "ema": 0.999, "log_error_weight": 1.0,
    }  # fmt: skip
    assert options["dropout"] == 0.1
    assert set(record["models"]) == {"coarse", "refinement"}
    assert record["models"]["coarse"]["arguments"]["dropout"] == 0.1


@pytest.mark.parametrize("preset", ["paper", "released-code"])
def test_every_preset_trains(train: Train, paintings: Path, tmp_path: Path, preset: str) -> None:
    done = train(paintings, "--preset", preset, "--batch", 4, "--steps", 3, "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    record = record_of(tmp_path / "run")
    assert (record["options"]["preset"], record["totals"]["steps"]) == (preset, 3)


def test_a_changed_preset_is_refused(train: Train, paintings: Path, tmp_path: Path) -> None:
    assert train(paintings, *CHEAP, "--steps", 1, "-o", tmp_path / "run").returncode == 0
    done = train(paintings, *CHEAP, "--steps", 2, "--decay", 0.9, "-o", tmp_path / "run")
    assert done.returncode == 2
    assert "--decay was 0.95" in last_line(done)


# ----------------------------------------------------------------------------------------------------------------- VGG


def test_without_trained_weights_it_says_so_once_and_goes_on(train: Train, paintings: Path, tmp_path: Path) -> None:
    style = ("--style-weight", 100, "--vgg", "untrained", "--vgg-layers", "relu1_2")
    done = train(paintings, *CHEAP, *style, "--steps", 2, "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("no trained VGG16") == 1
    assert record_of(tmp_path / "run")["recipe_facts"] == {"vgg16": "untrained"}


def test_other_weights_of_vgg_than_before_are_refused(train: Train, paintings: Path, tmp_path: Path) -> None:
    """The same file name, other weights in it: the run goes on with those that it was begun with, or not at all."""
    file = tmp_path / "vgg.pth"
    words = (paintings, *CHEAP, "--style-weight", 100, "--vgg", file, "--vgg-layers", "relu1_2", "-o", tmp_path / "run")
    first = {f"features.{key}": value for key, value in vgg16(weights=None).features[:3].state_dict().items()}
    torch.save(first, file)
    done = train(*words, "--steps", 1)
    assert done.returncode == 0, done.stderr
    assert "no trained VGG16" not in done.stderr
    torch.save({key: value + 1 for key, value in first.items()}, file)
    done = train(*words, "--steps", 2)
    assert done.returncode == 2
    assert "vgg16" in last_line(done)
    assert record_of(tmp_path / "run")["totals"]["steps"] == 1
    torch.save(first, file)
    assert train(*words, "--steps", 2).returncode == 0
    file.write_text("no weights")
    done = train(*words, "--steps", 3)
    assert done.returncode == 2
    assert last_line(done).startswith(f"fashiontools: --vgg {file}: ")


# -------------------------------------------------------------------------------------------------------------- resume


def test_killed_and_run_again_is_byte_for_byte_an_unbroken_run(
    train: Train, start: Callable, wait_for: Callable, paintings: Path, validation: Path, tmp_path: Path, tree: Tree
) -> None:
    """With all that is random: descriptions, dropout in networks and words, flips, holes; averages too."""
    words = (paintings, "--validation", validation, "--ema", 0.9, "--steps", 8)
    done = train(*words, "-o", tmp_path / "unbroken")
    assert done.returncode == 0, done.stderr
    process = start("train", "coarse-to-fine", *SMALL, *words, "-o", tmp_path / "run")
    wait_for(lambda: (tmp_path / "run" / "checkpoints" / "00000002").exists() or process.poll() is not None)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert record_of(tmp_path / "run")["complete"] is False
    done = train(*words, "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert "going on from step" in done.stderr
    assert tree(tmp_path / "run") == tree(tmp_path / "unbroken")


@pytest.mark.slow
def test_in_pieces_is_bit_for_bit_the_whole_whatever_the_preset(train: Train, paintings: Path, tmp_path: Path) -> None:
    for preset in ("paper", "released-code", "modern"):
        words = (paintings, "--preset", preset, "--batch", 4, "--schedule", "exponential")
        assert train(*words, "--steps", 7, "-o", tmp_path / preset / "whole").returncode == 0
        for steps in (1, 4, 7):
            assert train(*words, "--steps", steps, "-o", tmp_path / preset / "pieces").returncode == 0
        whole, pieces = (tmp_path / preset / name / "model.safetensors" for name in ("whole", "pieces"))
        assert whole.read_bytes() == pieces.read_bytes(), preset


def test_other_descriptions_are_another_input(train: Train, paintings: Path, tmp_path: Path) -> None:
    book = Path(shutil.copytree(paintings, tmp_path / "book"))
    assert train(book, "--steps", 1, "-o", tmp_path / "run").returncode == 0
    manifest = book / "manifest.csv"
    manifest.write_text(manifest.read_text().replace("green", "golden"))
    done = train(book, "--steps", 2, "-o", tmp_path / "run")
    assert done.returncode == 2
    assert "input" in last_line(done)


@pytest.mark.slow
def test_a_run_that_begins_with_another_keeps_its_words(train: Train, paintings: Path, tmp_path: Path) -> None:
    """Other descriptions, of as many words: each word keeps the number that its embedding was trained under."""
    assert train(paintings, "--steps", 1, "-o", tmp_path / "first").returncode == 0
    book = Path(shutil.copytree(paintings, tmp_path / "book"))
    manifest = book / "manifest.csv"
    manifest.write_text(manifest.read_text().replace("green", "golden").replace("red", "zebra"))
    words = (book, "--init-from", tmp_path / "first", "-o", tmp_path / "second")
    assert train(*words, "--steps", 1).returncode == 0
    first, second = ((tmp_path / name / "vocabulary.json").read_bytes() for name in ("first", "second"))
    assert first == second
    shutil.rmtree(tmp_path / "first")  # it is needed at the beginning alone
    assert train(*words, "--steps", 2).returncode == 0
    assert (tmp_path / "second" / "vocabulary.json").read_bytes() == first


@pytest.mark.slow
def test_a_released_run_begins_with_another(train: Train, paintings: Path, tmp_path: Path) -> None:
    words = (paintings, "--preset", "released-code", "--batch", 4, "--steps", 1)
    assert train(*words, "-o", tmp_path / "first").returncode == 0
    done = train(*words, "--init-from", tmp_path / "first", "-o", tmp_path / "second")
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_two_processes_train_it(run: Run, paintings: Path, validation: Path, tmp_path: Path) -> None:
    """Also the last photo of an epoch, which one of the two has for itself."""
    words = ("train", "coarse-to-fine", paintings, *SMALL, "--processes", 2, "--validation", validation, "--epochs", 2)
    done = run(*words, "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert "in 2 processes" in done.stderr
    assert len(metrics_of(tmp_path / "run")) == 2
    assert all(torch.isfinite(one).all() for one in load_file(tmp_path / "run" / "model.safetensors").values())


@pytest.mark.slow
def test_two_processes_take_the_steps_of_one(run: Run, paintings: Path, tmp_path: Path) -> None:
    """Without what differs by process (dropout) and batch (batch norm of the discriminators)."""
    plain = ("--dropout", 0, "--text-dropout", 0, "--global-weight", 0, "--local-weight", 0, "--steps", 2)
    states = []
    for processes in (1, 2):
        folder = tmp_path / str(processes)
        words = ("train", "coarse-to-fine", paintings, *SMALL, *plain, "--processes", processes, "-o", folder)
        assert run(*words).returncode == 0
        states.append(load_file(folder / "checkpoints" / f"{2:08d}" / "state.safetensors"))
    one, two = states
    # Adam's first moments are means of gradients: weights would hardly tell, for each of them moves by its rate.
    moments = [key for key in one if key.endswith("exp_avg") and one[key].ndim > 1]  # norms undo biases: noise alone
    assert len(moments) > 40
    for key in moments:
        size = one[key].norm().item()
        assert (one[key] - two[key]).norm().item() <= 0.01 * size + 1e-7, key
    assert sum(one[key].norm().item() > 1e-5 for key in moments) > 40


@pytest.mark.parametrize(
    "words",
    [("--accumulate", 2), ("--mixed-precision", "bf16"), ("--batch", 1), ("--norm", "batch", "--upsample", "bilinear")],
    ids=lambda words: words[0],
)
def test_it_trains_with_what_every_recipe_offers(
    train: Train, paintings: Path, tmp_path: Path, words: tuple[object, ...]
) -> None:
    """Nine photos: the last batch of an epoch is one photo alone, and one pixel deep inside of the networks."""
    done = train(paintings, *words, "--steps", 4, "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert all(torch.isfinite(one).all() for one in load_file(tmp_path / "run" / "model.safetensors").values())


def test_a_dry_run_writes_nothing(train: Train, paintings: Path, tmp_path: Path) -> None:
    done = train(paintings, "--steps", 1, "--dry-run", "-o", tmp_path / "run")
    assert (done.returncode, (tmp_path / "run").exists()) == (0, False)


def test_the_help_reads_like_the_paper() -> None:
    """Every section that it quotes, and the figures of section 4.2."""
    done = subprocess.run(
        [sys.executable, "-m", "fashiontools", "train", "coarse-to-fine", "--help"],
        capture_output=True, text=True, env={**os.environ, "COLUMNS": "200"}, check=True,
    )  # fmt: skip
    for words in ("sections 3.2, 3.3", "section 3.1", "equations 1 to 6", "section 4.2", "section 4.1", "table 1"):
        assert words in done.stdout, words
    for figure in ("120000", "0.002", "0.001", "0.0001", "0.95", "1024", "256"):
        assert figure in done.stdout, figure
