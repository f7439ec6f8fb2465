"""`train detector` through the command line: its run folder, resume, bad rows, presets, messages."""

import csv
import hashlib
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.torch import load_file
from wardrobe import SMALL, garments, write_wardrobe

Train = Callable[..., object]
Tree = Callable[[Path], dict[str, bytes]]


@pytest.fixture(scope="module")
def wardrobe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten photos with boxes, the last three of split val; some have none."""
    return write_wardrobe(tmp_path_factory.mktemp("wardrobe"), 10, held_out=3)


@pytest.fixture
def train(command: Callable[..., object]) -> Train:
    return lambda *words: command("detector", *words)


STEADY = ("--rate", 0.02, "--schedule", "steps")  # whatever the length of the run


def record_of(run: Path) -> dict:
    return json.loads((run / "run.json").read_text())


def metrics_of(run: Path) -> list[dict[str, str]]:
    with open(run / "metrics.csv", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_run_folder_has_all_that_others_need(train: Train, wardrobe: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    done = train(wardrobe, *SMALL, "--steps", 5, "-o", run)
    assert done.returncode == 0, done.stderr
    assert "4 rows of split val are held out" in done.stderr
    assert "8 boxes: upper 2, lower 4, full 2; 1 photos without any" in done.stderr
    names = {file.name for file in run.iterdir()}
    assert {"run.json", "model.safetensors", "best.safetensors", "trained-on.txt", "metrics.csv"} <= names
    lines = metrics_of(run)
    assert [int(line["step"]) for line in lines] == [2, 4, 5], "each judgement is a line, and the end is one"
    assert {"loss_objectness", "loss_proposal_box", "loss_class", "loss_box", "val_ap", "val_ap50"} <= set(lines[0])
    record = record_of(run)
    assert record["models"]["detector"]["arguments"]["classes"] == ["upper", "lower", "full"]
    assert record["options"]["preset"] == "laptop"
    assert record["totals"]["best_epoch"]["rule"] == "highest AP on held-out photos"
    trained = {hashlib.sha256((wardrobe / f"{n}.png").read_bytes()).hexdigest() for n in range(7)}
    assert (run / "trained-on.txt").read_text().split() == sorted(trained)
    preview = np.asarray(Image.open(run / "previews" / "00000005.png"))
    assert preview.shape[1] > 900
    assert preview.std() > 10


def test_the_best_weights_are_those_of_the_best_line(train: Train, wardrobe: Path, tmp_path: Path) -> None:
    """Stopped where a judgement was the best, the last weights are the best ones."""
    done = train(wardrobe, *SMALL, "--steps", 6, *STEADY, "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    best = int(record_of(tmp_path / "run")["totals"]["best_epoch"]["step"])
    lines = metrics_of(tmp_path / "run")
    scores = [float(line["val_ap"]) for line in lines]
    assert best == int(lines[int(np.argmax(scores))]["step"])
    assert train(wardrobe, *SMALL, "--steps", best, *STEADY, "-o", tmp_path / "cut").returncode == 0
    kept, last = load_file(tmp_path / "run" / "best.safetensors"), load_file(tmp_path / "cut" / "model.safetensors")
    assert all(np.array_equal(kept[name], last[name]) for name in last)


def test_killed_and_run_again_is_byte_for_byte_an_unbroken_run(
    train: Train, start: Callable, wait_for: Callable, wardrobe: Path, tmp_path: Path, tree: Tree
) -> None:
    """With all that is random: proposals and samples, flips, jitter; averages too."""
    words = (wardrobe, *SMALL, "--jitter", 0.3, "--ema", 0.9, "--steps", 5)
    done = train(*words, "-o", tmp_path / "unbroken")
    assert done.returncode == 0, done.stderr
    process = start("train", "detector", *words, "-o", tmp_path / "run")
    wait_for(lambda: (tmp_path / "run" / "checkpoints" / "00000002").exists() or process.poll() is not None)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert record_of(tmp_path / "run")["complete"] is False
    done = train(*words, "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert "going on from step" in done.stderr
    assert tree(tmp_path / "run") == tree(tmp_path / "unbroken")


@pytest.mark.slow
@pytest.mark.parametrize("backbone", ["resnet50", "resnet101", "resnext101"])
def test_every_backbone_resumes_bit_for_bit(train: Train, wardrobe: Path, tmp_path: Path, backbone: str) -> None:
    words = (wardrobe, *SMALL, "--backbone", backbone, "--weights", "none")
    assert train(*words, "--steps", 3, "-o", tmp_path / "whole").returncode == 0
    for steps in (1, 3):
        assert train(*words, "--steps", steps, "-o", tmp_path / "pieces").returncode == 0
    whole, pieces = (tmp_path / name / "model.safetensors" for name in ("whole", "pieces"))
    assert whole.read_bytes() == pieces.read_bytes()


def test_epochs_take_the_place_of_steps(train: Train, wardrobe: Path, tmp_path: Path) -> None:
    done = train(wardrobe, *SMALL, "--epochs", 1, "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert record_of(tmp_path / "run")["totals"]["steps"] == 2


def test_what_is_wrong_with_rows_is_told_and_does_not_reach_the_losses(train: Train, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    write_wardrobe(folder, 12)
    (folder / "broken.png").write_bytes(b"no photo")
    with open(folder / "manifest.csv", "a") as stream:
        stream.write("0.png,5 5 0 0,upper,train\n1.png,900 5 20 20,full,train\nbroken.png,1 1 9 9,upper,train\n")
    done = train(folder, *SMALL, "--steps", 2, "--max-errors", 3, "--verbose", "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert "empty box: 5 5 0 0" in done.stderr
    assert "box outside the photo" in done.stderr
    assert all(np.isfinite(float(value)) for line in metrics_of(tmp_path / "run") for value in line.values() if value)
    refused = train(folder, *SMALL, "--steps", 2, "--max-errors", 2, "-o", tmp_path / "other")
    assert refused.returncode == 3
    assert not (tmp_path / "other" / "checkpoints").exists()


def test_one_class_alone_is_learned(train: Train, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    lines = ["path,box,label"]
    for number in (1, 5, 9):
        photo, boxes = garments(number)
        Image.fromarray(photo).save(folder / f"{number}.png")
        lines += [f"{number}.png,{' '.join(map(str, box))},{label}" for box, label in boxes]
    (folder / "manifest.csv").write_text("\n".join(lines) + "\n")
    done = train(folder, *SMALL, "--steps", 2, "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert record_of(tmp_path / "run")["models"]["detector"]["arguments"]["classes"] == ["full"]
    assert not (tmp_path / "run" / "best.safetensors").exists(), "nothing judged it"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--backbone", "vgg"), "mobilenet"),
        (("--preset", "laptopp"), "laptop"),
        (("--milestones", "9,3"), "--schedule steps"),
        (("--schedule", "steps", "--milestones", "9,3"), "rising order"),
        (("--weights", "imagnet"), "or the name of a file"),
        (("--size", "320", "--max-size", "100"), "--max-size 100"),
        (("--weights", "nowhere.pth"), "nowhere.pth"),
    ],
)
def test_bad_options_are_a_line_and_leave_nothing(
    train: Train, wardrobe: Path, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    done = train(wardrobe, *SMALL, *words, "--steps", 1, "-o", tmp_path / "run")
    assert done.returncode in (2, 4)
    assert told in done.stderr
    assert not (tmp_path / "run").exists()


def test_a_folder_without_boxes_names_the_way_to_some(train: Train, tmp_path: Path) -> None:
    Image.fromarray(garments(0)[0]).save(tmp_path / "a.png")
    done = train(tmp_path, *SMALL, "--steps", 1, "-o", tmp_path / "run")
    assert done.returncode == 2
    assert "import deepfashion|ccp|coco" in done.stderr


def test_a_named_preset_wins_over_the_backbones(train: Train, wardrobe: Path, tmp_path: Path) -> None:
    done = train(wardrobe, "--preset", "thesis", "--backbone", "mobilenet", "--weights", "none", "--size", 64,
                 "--max-size", 96, "--steps", 1, "--proposals", 20, "--samples", 8, "-o", tmp_path / "run")  # fmt: skip
    assert done.returncode == 0, done.stderr
    options = record_of(tmp_path / "run")["options"]
    assert (options["preset"], options["batch"], options["optimizer"]) == ("thesis", 2, "sgd")


@pytest.mark.slow
def test_two_processes_train_it(run: Callable, wardrobe: Path, tmp_path: Path) -> None:
    done = run("train", "detector", wardrobe, *SMALL, "--steps", 2, "--processes", 2, "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert "in 2 processes" in done.stderr


def test_a_run_that_begins_with_another_remembers_what_that_one_saw(
    train: Train, wardrobe: Path, tmp_path: Path
) -> None:
    """And needs no weights but those of that run."""
    words = (*SMALL, "--steps", 1)
    assert train(wardrobe, *words, "-o", tmp_path / "first").returncode == 0
    other = tmp_path / "other"
    other.mkdir()
    for number in (12, 13):
        Image.fromarray(garments(number)[0]).save(other / f"{number}.png")
    boxes = [f"{n}.png,{' '.join(map(str, box))},{label}" for n in (12, 13) for box, label in garments(n)[1]]
    (other / "manifest.csv").write_text("\n".join(["path,box,label", *boxes]) + "\n")
    done = train(other, *words, "--init-from", tmp_path / "first", "--weights", "imagenet", "-o", tmp_path / "second")
    assert done.returncode == 0, done.stderr
    first, second = (set((tmp_path / name / "trained-on.txt").read_text().split()) for name in ("first", "second"))
    assert len(first) == 7
    assert second == first | {hashlib.sha256((other / f"{n}.png").read_bytes()).hexdigest() for n in (12, 13)}


def test_a_run_goes_on_without_the_weights_that_it_began_with(train: Train, wardrobe: Path, tmp_path: Path) -> None:
    import torch
    from torchvision.models import mobilenet_v3_large

    file = tmp_path / "mobilenet.pth"
    torch.save(mobilenet_v3_large(weights=None).state_dict(), file)
    words = (wardrobe, *SMALL, "--weights", file, "-o", tmp_path / "run")
    assert train(*words, "--steps", 1).returncode == 0
    file.unlink()
    done = train(*words, "--steps", 2)
    assert done.returncode == 0, done.stderr
    assert "going on from step 1" in done.stderr
