"""`train classifier`: it learns labels, is judged on held-out photos, takes given weights, resumes bit for bit."""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from torchvision.models import resnet18

from fashiontools.core.errors import FashiontoolsError, UsageError
from fashiontools.core.manifest import Row
from fashiontools.core.progress import Progress
from fashiontools.train.data import Cached
from fashiontools.train.loop import Loop
from fashiontools.train.processes import Processes
from fashiontools.train.recipe import Data
from fashiontools.train.recipes.classifier.options import ClassifierOptions
from fashiontools.train.recipes.classifier.recipe import Classifier

Run = Callable[..., "CompletedProcess[str]"]
Command = Callable[..., Any]

CPU = torch.device("cpu")
COLOURS = {"red": (200, 30, 30), "green": (30, 200, 30), "blue": (30, 30, 200)}
SMALL = ("--size", "32", "--batch", "6", "--save-every", "3", "--no-cache")


def photo_of(label: str, number: int) -> np.ndarray:
    noise = np.random.default_rng(number).integers(-30, 31, (32, 32, 3))
    return np.clip(np.array(COLOURS[label]) + noise, 0, 255).astype(np.uint8)


def data_of(count: int, labels: tuple[str, ...] = tuple(COLOURS)) -> Data:
    names = [labels[number % len(labels)] for number in range(count)]
    pixels = np.stack([photo_of(name, number) for number, name in enumerate(names)])
    return Data([Row({"path": str(number), "label": name}, name) for number, name in enumerate(names)], Cached(pixels))


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve photos of three colours, each colour in a folder of its own."""
    folder = tmp_path_factory.mktemp("colours")
    for number in range(12):
        label = list(COLOURS)[number % 3]
        file = folder / label / f"{number}.png"
        file.parent.mkdir(exist_ok=True)
        Image.fromarray(photo_of(label, number)).save(file)
    return folder


def test_one_batch_is_learned_by_heart(tmp_path: Path) -> None:
    options = ClassifierOptions(size=32, batch=12, steps=25, flip=False)
    torch.manual_seed(0)
    recipe = Classifier(options, data_of(12), CPU)
    loop = Loop(recipe, data_of(12), options, tmp_path, Processes(CPU), Progress("", quiet=True))
    list(loop.train(0.0))
    assert loop.state.epochs[0]["loss_label"] == pytest.approx(np.log(3), abs=0.7)
    assert loop.state.epochs[-1]["loss_label"] < 0.05
    assert loop.state.epochs[-1]["accuracy"] == 1.0


def test_validation_is_cross_entropy_and_accuracy_on_all_held_out_photos() -> None:
    torch.manual_seed(0)
    recipe, held_out = Classifier(ClassifierOptions(size=32), data_of(6), CPU), data_of(7)
    network = recipe.modules["classifier"].eval()
    found = recipe.validate(held_out)
    pixels = torch.from_numpy(held_out.photos.batch(np.arange(7))).permute(0, 3, 1, 2).float() / 127.5 - 1
    with torch.no_grad():
        chances = network(pixels).double().softmax(dim=1).numpy()
    wanted = [sorted(COLOURS).index(row["label"]) for row in held_out.rows]
    assert found["val_loss"] == pytest.approx(-np.log(chances[np.arange(7), wanted]).mean(), rel=1e-4)
    assert found["val_accuracy"] == np.mean(chances.argmax(axis=1) == wanted)


def test_one_label_is_nothing_to_tell_apart_and_strange_ones_are_told() -> None:
    with pytest.raises(UsageError, match="the only label is 'red'"):
        Classifier(ClassifierOptions(size=32), data_of(4, ("red",)), CPU)
    recipe = Classifier(ClassifierOptions(size=32), data_of(4, ("red", "green")), CPU)
    with pytest.raises(UsageError, match="labels that the photos have not: blue"):
        recipe.validate(data_of(6))


def test_it_begins_with_the_weights_of_a_file_but_for_the_last_layer(tmp_path: Path) -> None:
    torch.manual_seed(5)
    given = resnet18(weights=None).state_dict()
    torch.save(given, tmp_path / "resnet18.pth")
    recipe = Classifier(ClassifierOptions(size=32, weights=str(tmp_path / "resnet18.pth")), data_of(6), CPU)
    taken = recipe.modules["classifier"].network.state_dict()
    assert all(torch.equal(taken[name], value) for name, value in given.items() if not name.startswith("fc."))
    assert taken["fc.weight"].shape == (3, 512)
    assert len(recipe.facts["weights"]) == 64


@pytest.mark.parametrize(("content", "code"), [(None, 4), (b"no weights", 2)])
def test_weights_that_are_none_are_told_in_a_line(tmp_path: Path, content: bytes | None, code: int) -> None:
    file = tmp_path / "resnet18.pth"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(FashiontoolsError, match=r"^--weights .*resnet18\.pth: [^\n]*$") as error:
        Classifier(ClassifierOptions(size=32, weights=str(file)), data_of(6), CPU)
    assert error.value.exit_code == code


def test_a_run_that_goes_on_is_an_unbroken_one_to_the_bit(command: Command, photos: Path, tmp_path: Path) -> None:
    # The rate is a function of the part of the run that is done: it is stopped by the clock, not by fewer steps.
    for folder, limits in (("whole", ((),)), ("parts", (("--time-limit", "0.01s"), ()))):
        for limit in limits:
            done = command("classifier", photos, *SMALL, "--steps", 7, *limit, "-o", tmp_path / folder)
            assert done.returncode == 0, done.stderr
    assert re.search("going on from step [1-6],", done.stderr)
    whole, parts = (load_file(tmp_path / folder / "model.safetensors") for folder in ("whole", "parts"))
    assert all(torch.equal(whole[name], parts[name]) for name in whole)
    record = json.loads((tmp_path / "whole" / "run.json").read_text())
    assert record["models"]["classifier"]["arguments"] == {"classes": sorted(COLOURS), "size": 32}
    with open(tmp_path / "whole" / "metrics.csv", newline="") as stream:
        assert set(next(csv.DictReader(stream))) == {"epoch", "step", "loss_label", "accuracy"}


@pytest.mark.slow
def test_two_processes_train_it_together(run: Run, photos: Path, tmp_path: Path) -> None:
    done = run("train", "classifier", photos, *SMALL, "--steps", 3, "--processes", 2, "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert "in 2 processes" in done.stderr
    assert done.stdout == f"path\n{tmp_path / 'run'}\n"
    assert json.loads((tmp_path / "run" / "run.json").read_text())["sessions"][0]["processes"] == 2


def test_overwriting_another_recipes_run_leaves_nothing_of_it(command: Command, photos: Path, tmp_path: Path) -> None:
    nets = ("--generator-width", 4, "--discriminator-width", 4)
    done = command("dcgan", photos, *SMALL, *nets, "--steps", 2, "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "run" / "real_vs_generated.png").exists()
    (tmp_path / "run" / "notes.txt").write_text("the user's own")
    done = command("classifier", photos, *SMALL, "--steps", 2, "--overwrite", "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert {file.name for file in (tmp_path / "run").iterdir()} == {
        "run.json", "model.safetensors", "checkpoints", "metrics.csv", "losses.png", "previews", "notes.txt",
    }  # fmt: skip


def test_weights_for_other_classes_are_refused(command: Command, photos: Path, tmp_path: Path) -> None:
    """As many classes of other names: the shapes would fit, and each number mean something else."""
    words = ("classifier", *SMALL, "--steps", "1")
    assert command(*words, photos, "-o", tmp_path / "first").returncode == 0
    other = tmp_path / "other"
    for label in COLOURS:
        (other / f"{label}-ish").mkdir(parents=True)
        for file in (photos / label).iterdir():
            (other / f"{label}-ish" / file.name).write_bytes(file.read_bytes())
    done = command(*words, other, "--init-from", tmp_path / "first", "-o", tmp_path / "second")
    assert done.returncode == 2
    assert "tells apart blue, green, red" in done.stderr
    assert command(*words, photos, "--init-from", tmp_path / "first", "-o", tmp_path / "second").returncode == 0
