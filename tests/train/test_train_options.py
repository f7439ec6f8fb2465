"""What the options of every recipe do: averages, precision, parts, compiling, beginning from a run, trackers, held-out
photos."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest
import tiny_recipe
import torch
from PIL import Image
from run_folders import (
    SMALL,
    checkpoints_of,
    furthest,
    metrics_of,
    numbers,
    record_of,
    state,
    steps_done,
    tensors,
    weights,
)

from fashiontools.core.options import Mark, marks
from fashiontools.train import processes
from fashiontools.train.options import ValidationOptions
from fashiontools.train.table import RECIPES

Run = Callable[..., "CompletedProcess[str]"]
Train = Callable[..., object]
Noise = Callable[[str, int], Path]
Begun = Callable[..., Path]


@pytest.fixture
def trained(train: Train, lookbook: Path, tmp_path: Path) -> Begun:
    """Train with these options into a folder of this name."""

    def begin(name: str, *words: object) -> Path:
        done = train(lookbook, *words, "-o", tmp_path / name)
        assert done.returncode == 0, done.stderr
        return tmp_path / name

    return begin


# ----------------------------------------------------------------------------------------------------------- presets


def test_another_preset_is_another_run(
    command: Train, lookbook: Path, tmp_path: Path, tree: Callable[[Path], dict[str, bytes]]
) -> None:
    small = (lookbook, "--size", 16, "--generator-width", 8, "--discriminator-width", 8, "-o", tmp_path / "run")
    done = command("dcgan", *small, "--preset", "modern", "--steps", 1)
    assert done.returncode == 0, done.stderr
    before = tree(tmp_path / "run")
    for preset in ((), ("--preset", "thesis"), ("--preset", "modern", "--ema", 0)):
        done = command("dcgan", *small, *preset, "--steps", 2)
        assert done.returncode == 2
        assert f"in {tmp_path / 'run'} and is" in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert tree(tmp_path / "run") == before
    assert command("dcgan", *small, "--preset", "modern", "--steps", 2).returncode == 0


# ---------------------------------------------------------------------------------------------------------- averages


def test_images_are_made_by_the_average(trained: Begun) -> None:
    """What `sample` reads and what the preview shows: by hand from the checkpoint."""
    from fashiontools.models.gan.dcgan import Generator, draw_latent

    run = trained("run", "--ema", "0.9", "--steps", 6, "--rate", "0.01")
    saved, model = state(run, 6), tensors(run)
    averages = {key.removeprefix("average."): value for key, value in saved.items() if key.startswith("average.")}
    averaged = {key.replace("generator.module.", "generator."): value for key, value in averages.items()}
    plain = {key.removeprefix("module."): value for key, value in saved.items() if key.startswith("module.")}
    assert averaged.pop("generator.n_averaged") == 6
    wanted = {**plain, **averaged}
    assert set(model) == set(wanted)
    assert all(torch.equal(model[key], wanted[key]) for key in model)
    learned = [key for key in averaged if key.endswith("weight")]
    assert furthest(model, plain, learned) > 1e-3, "the average is not the weights themselves"

    generator = Generator(16, width=8).eval()
    generator.load_state_dict({key.removeprefix("generator."): value for key, value in averaged.items()})
    with torch.no_grad():
        images = generator(draw_latent(64, 100, torch.Generator().manual_seed(0)))
    expected = ((images[0].permute(1, 2, 0).numpy() + 1) * 127.5).round()
    shown = np.asarray(Image.open(run / "previews" / "00000006.png")).astype(int)[2:18, 2:18]
    assert np.abs(shown - expected).max() <= 1


def test_an_average_leaves_the_training_alone(trained: Begun) -> None:
    with_one, without = trained("a", "--ema", "0.9", "--steps", 3), trained("b", "--steps", 3)
    names = [key for key in state(without, 3) if key.startswith(("module.", "optimizer."))]
    assert furthest(state(with_one, 3), state(without, 3), names) == 0


# --------------------------------------------------------------------------------------------- precision and parts


def test_bfloat16_trains_and_goes_on_bit_for_bit(trained: Begun) -> None:
    options = ("--mixed-precision", "bf16", "--flip")
    once, twice = trained("once", *options, "--steps", 7), trained("twice", *options, "--steps", 4)
    assert trained("twice", *options, "--steps", 7) == twice
    assert weights(once) == weights(twice)
    assert weights(once) != weights(trained("full", "--flip", "--steps", 7))
    assert all(torch.isfinite(value).all() for value in tensors(once).values())
    assert {value.dtype for value in tensors(once).values()} == {torch.float32, torch.int64}


def test_half_precision_without_a_gpu_is_refused_in_one_line(train: Train, lookbook: Path, tmp_path: Path) -> None:
    done = train(lookbook, "--mixed-precision", "fp16", "--device", "cpu", "--steps", 2, "-o", tmp_path / "run")
    assert done.returncode == 2
    assert done.stderr.splitlines() == ["fashiontools: --mixed-precision fp16 needs a GPU: bf16 works on this device"]
    assert not (tmp_path / "run").exists()


def test_parts_of_a_batch_train_and_may_change(trained: Begun, train: Train, lookbook: Path) -> None:
    run = trained("run", "--accumulate", 3, "--steps", 2)
    done = train(lookbook, "--accumulate", 1, "--steps", 4, "-o", run)
    assert done.returncode == 0, done.stderr
    assert numbers(run, 4)["position"]["step"] == 4


def test_parts_of_a_turn_that_is_repeated_are_refused_in_one_line(tiny: Train, noise: Noise, tmp_path: Path) -> None:
    done = tiny(noise("five", 5), "--accumulate", 2, "--repeat", 2, "--steps", 2, "-o", tmp_path / "run")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "--accumulate" in done.stderr
    assert "'discriminator'" in done.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_compiled_networks_train_like_others_and_their_run_samples(
    run: Run, trained: Begun, lookbook: Path, tmp_path: Path
) -> None:
    plain, folder = trained("plain", "--steps", 4), tmp_path / "compiled"
    done = run("train", "dcgan", lookbook, *SMALL, "--compile", "--steps", 4, "-o", folder)
    assert done.returncode == 0, done.stderr
    assert furthest(tensors(folder), tensors(plain)) < 0.02
    assert furthest(tensors(folder), tensors(plain)) > 0, "other kernels have other last bits"
    made = run("sample", folder, "-n", "4", "-o", tmp_path / "samples")
    assert made.returncode == 0, made.stderr
    done = run("train", "dcgan", lookbook, *SMALL, "--steps", 6, "-o", folder)
    assert done.returncode == 0, done.stderr
    assert "going on from step 4" in done.stderr


# ---------------------------------------------------------------------------------------------- begin from another run


def test_a_run_begins_with_the_weights_of_another(trained: Begun) -> None:
    other = trained("other", "--steps", 3, "--ema", "0.5")
    run = trained("run", "--init-from", other, "--seed", 7, "--steps", 2, "--keep-checkpoints", 9)
    begun = {key.removeprefix("module."): value for key, value in state(run, 0).items() if key.startswith("module.")}
    assert set(begun) == set(tensors(other))
    assert all(torch.equal(begun[key], value) for key, value in tensors(other).items())
    assert not [key for key in state(run, 0) if key.startswith("optimizer.")]
    assert numbers(run, 0)["position"] == {"step": 0, "epoch": 0, "seen": 0}
    shutil.rmtree(other)
    trained("run", "--init-from", other, "--seed", 7, "--steps", 4)  # it is needed at the beginning alone
    assert steps_done(run) == 4


@pytest.mark.parametrize("case", ["other recipe", "unfinished", "other shapes", "no run"])
def test_what_cannot_be_begun_with_is_refused_in_one_line(
    train: Train, tiny: Train, trained: Begun, noise: Noise, lookbook: Path, tmp_path: Path, case: str
) -> None:
    if case == "other recipe":
        assert tiny(noise("five", 5), "--steps", 1, "-o", tmp_path / "other").returncode == 0
    elif case != "no run":
        trained("other", "--steps", 1)
    if case == "unfinished":
        record = record_of(tmp_path / "other")
        (tmp_path / "other" / "run.json").write_text(json.dumps({**record, "complete": False}))
    shape = ("--generator-width", 4) if case == "other shapes" else ()
    done = train(lookbook, *shape, "--init-from", tmp_path / "other", "--steps", 1, "-o", tmp_path / "run")
    said = {
        "other recipe": "a run of 'tiny', not of 'dcgan'",
        "unfinished": "is unfinished",
        "other shapes": "networks do not fit",
        "no run": "is not a training run",
    }
    assert done.returncode == 2
    assert said[case] in done.stderr
    assert str(tmp_path / "other") in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "run").exists()


# ---------------------------------------------------------------------------------------------------------- trackers


def test_tensorboard_is_told_every_step_and_epoch(trained: Begun) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    run = trained("run", "--tracker", "tensorboard", "--steps", 7)
    files = [file for file in (run / "tracker").rglob("*") if "tfevents" in file.name]
    told: dict[str, list[tuple[int, float]]] = {}
    for folder in {file.parent for file in files}:
        events = EventAccumulator(str(folder)).Reload()
        for tag in events.Tags()["scalars"]:
            told[tag] = [(event.step, event.value) for event in events.Scalars(tag)]
    assert [step for step, _ in told["loss_d"]] == list(range(7))
    assert {"loss_g", "d_x", "d_g_z"} <= set(told)
    epoch = metrics_of(run)[0]
    assert told["epoch/loss_d"][0] == (int(epoch["step"]), pytest.approx(float(epoch["loss_d"]), rel=1e-5))
    assert not (run.parent / "tracker").exists()


def test_a_tracker_changes_nothing_else(trained: Begun) -> None:
    pytest.importorskip("tensorboard")
    assert weights(trained("a", "--tracker", "tensorboard", "--steps", 3)) == weights(trained("b", "--steps", 3))


@pytest.mark.parametrize("name", ["tensorboard", "wandb"])
def test_a_tracker_that_is_not_installed_is_told_in_one_line(
    train: Train, lookbook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(processes._TRACKERS, name, lambda: False)
    done = train(lookbook, "--tracker", name, "--steps", 2, "-o", tmp_path / "run")
    assert done.returncode == 4
    assert done.stderr.splitlines() == [f"fashiontools: --tracker {name} needs the library {name} (pip install {name})"]
    assert not (tmp_path / "run").exists()


# ------------------------------------------------------------------------------------------------------- checkpoints


def test_checkpoint_0_is_what_the_seed_draws_and_comes_first(trained: Begun) -> None:
    run = trained("run", "--steps", 7, "--keep-checkpoints", 9)
    assert checkpoints_of(run) == [0, 3, 6, 7]
    other = trained("other", "--steps", 1, "--keep-checkpoints", 9, "--batch", 4)
    assert furthest(state(run, 0), state(other, 0)) == 0
    assert furthest(state(run, 0), state(trained("seed", "--steps", 1, "--keep-checkpoints", 9, "--seed", 1), 0)) > 0.01


def test_a_run_that_has_a_record_has_a_checkpoint(trained: Begun, monkeypatch: pytest.MonkeyPatch) -> None:
    from fashiontools.core.output import Output

    seen = []
    begin = Output.begin
    monkeypatch.setattr(
        Output, "begin", lambda out, *digest: seen.append(checkpoints_of(out.path(""))) or begin(out, *digest)
    )
    trained("run", "--steps", 1)
    assert seen[0] == [0]


# ---------------------------------------------------------------------------------------------------------- held out


def test_the_recipes_that_are_judged_on_held_out_photos_say_so_and_no_others() -> None:
    judged = {name for name, command in RECIPES.items() if "validation" in marks(command.load())}
    assert judged == {name for name, command in RECIPES.items() if issubclass(command.load(), ValidationOptions)}
    assert judged >= {"classifier", "coarse-to-fine"}
    assert "dcgan" not in judged
    for name in judged:
        assert marks(RECIPES[name].load())["validation"] is Mark.RESULT


def test_a_recipe_without_held_out_photos_refuses_them(train: Train, lookbook: Path, tmp_path: Path) -> None:
    done = train(lookbook, "--validation", lookbook, "--steps", 1, "-o", tmp_path / "run")
    assert done.returncode == 2
    assert "--validation" in done.stderr


@pytest.mark.parametrize("cached", [True, False], ids=["cached", "streamed"])
def test_held_out_photos_judge_every_epoch_and_are_never_trained_on(
    tiny: Train, noise: Noise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cached: bool
) -> None:
    """The folder that is trained on contains them, by another name of the same folder."""
    photos = noise("all", 9)
    held_out = tmp_path / "held out"
    held_out.mkdir()
    for number in (1, 4, 6):
        (held_out / f"{number:02d}.png").symlink_to(photos / f"{number:02d}.png")
    seen: list[np.ndarray] = []
    judge = tiny_recipe.TinyGan.judge

    def watched(recipe: tiny_recipe.TinyGan, batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        seen.extend(batch["photo"].numpy())
        return judge(recipe, batch)

    monkeypatch.setattr(tiny_recipe.TinyGan, "judge", watched)
    streamed = () if cached else ("--no-cache",)
    done = tiny(photos, "--validation", held_out, *streamed, "--batch", 4, "--epochs", 3, "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert f"3 photos are held out by --validation {held_out} and not trained on" in done.stderr
    assert len(metrics_of(tmp_path / "run")) == 3
    squares = {
        number: np.asarray(Image.open(photos / f"{number:02d}.png").resize((8, 8), Image.Resampling.BOX)).astype(float)
        for number in range(9)
    }

    def number_of(photo: np.ndarray) -> int:
        pixels = (photo.transpose(1, 2, 0) + 1) * 127.5
        return min(squares, key=lambda number: np.abs(squares[number] - pixels).mean())

    assert sorted(number_of(photo) for photo in seen) == sorted([0, 2, 3, 5, 7, 8] * 3)
    mean = np.mean([squares[number] for number in (1, 4, 6)])
    for epoch in metrics_of(tmp_path / "run"):
        assert float(epoch["val_mean"]) == pytest.approx(mean, abs=1)


def test_every_photo_held_out_leaves_nothing_to_train_on(tiny: Train, noise: Noise, tmp_path: Path) -> None:
    done = tiny(noise("five", 5), "--validation", noise("five", 5), "--steps", 1, "-o", tmp_path / "run")
    assert done.returncode == 2
    assert "nothing to train on" in done.stderr
    assert not (tmp_path / "run").exists()


def test_held_out_photos_that_cannot_be_read_are_refused(tiny: Train, noise: Noise, tmp_path: Path) -> None:
    (tmp_path / "held").mkdir()
    (tmp_path / "held" / "a.png").write_bytes(b"no photo")
    done = tiny(noise("five", 5), "--validation", tmp_path / "held", "--steps", 1, "-o", tmp_path / "run")
    assert done.returncode == 2
    assert "--validation" in done.stderr
    assert len(done.stderr.splitlines()) == 1
