"""The loop: what ends a run, what stops it, what it saves, and that the DCGAN learns in it."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tiny_recipe import CPU, Tiny, loop_of

from fashiontools.core.errors import Diverged, FashiontoolsError
from fashiontools.core.progress import Progress
from fashiontools.train import checkpoint
from fashiontools.train.data import Cached
from fashiontools.train.feed import Position
from fashiontools.train.loop import Loop
from fashiontools.train.options import seconds
from fashiontools.train.processes import Processes
from fashiontools.train.recipe import Data
from fashiontools.train.recipes.dcgan.options import DcganOptions
from fashiontools.train.recipes.dcgan.recipe import Dcgan

# -------------------------------------------------------------------------------------------------------------- ends


@pytest.mark.parametrize(
    ("options", "steps"), [({"steps": 5}, 5), ({"steps": None, "epochs": 3}, 12), ({"steps": 5, "epochs": 3}, 5)]
)
def test_steps_or_epochs_end_a_run(tmp_path: Path, options: dict[str, int | None], steps: int) -> None:
    loop = loop_of(Tiny({"name": "first"}), tmp_path, **options)
    assert loop.total_steps == steps
    assert list(loop.train(0.0))[-1] == steps
    assert loop.state.position.step == steps
    assert loop.place.share == 1


def test_epochs_are_told_in_steps_also_from_within_one_with_another_batch(tmp_path: Path) -> None:
    loop = loop_of(Tiny({"name": "first"}), tmp_path, steps=None, epochs=3, batch=3)
    assert (loop.per_epoch, loop.total_steps) == (3, 9)
    loop.state.position = Position(step=10, epoch=1, seen=4)
    assert loop.total_steps == 10 + 1 + 3
    loop.state.position = Position(step=20, epoch=3, seen=0)
    assert loop.total_steps == 20


def test_no_step_is_taken_when_the_time_was_used_up_before(tmp_path: Path) -> None:
    loop = loop_of(Tiny({"name": "first"}), tmp_path, steps=50, time_limit="10s")
    assert list(loop.train(10.5)) == [0]
    assert list(loop.train(0.0)) == [50]


@pytest.mark.parametrize(("text", "value"), [("90s", 90), ("30m", 1800), ("2h", 7200), ("1.5d", 129600), (None, None)])
def test_time_limits(text: str | None, value: float | None) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["", "30", "m", "-1m", "0s", "nanm", "1w"])
def test_what_is_no_time_limit_is_refused(text: str) -> None:
    with pytest.raises(FashiontoolsError, match="--time-limit"):
        seconds(text)


# ------------------------------------------------------------------------------------------------------- divergence


@pytest.mark.parametrize("loss", [float("nan"), float("inf"), -float("inf"), 1e9])
def test_a_loss_that_is_no_number_or_beyond_all_bounds_stops_with_its_step(tmp_path: Path, loss: float) -> None:
    """The checkpoints before it stay; what the failed step made of the weights is not written."""
    values: Iterator[float] = iter([0.0] * 7 + [loss] * 9)
    recipe = Tiny({"name": "first"})
    plain = recipe.turns[0].losses
    turn = recipe.turns[0]
    recipe.turns = (
        type(turn)(**{**vars(turn), "losses": lambda b: (t := plain(b)) and {**t, "loss": t["loss"] + next(values)}}),
    )
    loop = loop_of(recipe, tmp_path, steps=20, save_every=3)
    with pytest.raises(Diverged, match=r"turn 'first' is \S+ at step 7"):
        list(loop.train(0.0))
    assert checkpoint.steps_of(tmp_path) == [3, 6]
    resumed = loop_of(Tiny({"name": "first"}), tmp_path, steps=20)
    resumed.resume()
    assert resumed.state.position.step == 6
    assert np.isfinite(resumed.recipe.weights()["first"])


@pytest.mark.parametrize("kind", ["weight", "average"])
def test_weights_that_are_no_numbers_are_never_written(tmp_path: Path, kind: str) -> None:
    recipe = Tiny({"name": "first"})
    recipe.shown = ("first",)
    loop = loop_of(recipe, tmp_path, ema=0.5)
    loop._step()
    loop.save()
    broken = recipe.modules["first"] if kind == "weight" else loop.trained.averages["first"].module
    with torch.no_grad():
        broken.weight.fill_(float("inf"))
    loop.state.position = Position(step=2, epoch=0, seen=4)
    with pytest.raises(Diverged, match=r"first.*weight has values at step 2"):
        loop.save()
    assert checkpoint.steps_of(tmp_path) == [1]
    assert not list((tmp_path / "checkpoints").glob("*.part"))


# ------------------------------------------------------------------------------------------------------- checkpoints


def test_a_checkpoint_holds_all_that_the_next_step_hangs_on(tmp_path: Path) -> None:
    """Losses to the last bit, through the middle of an epoch: weights, average, momentum, sums, position."""

    def recipe() -> Tiny:
        made = Tiny({"name": "first"}, {"name": "second"})
        made.shown = ("first", "second")
        made.turns = tuple(
            type(turn)(**{**vars(turn), "optimizer": lambda p: torch.optim.Adam(p, 0.1)}) for turn in made.turns
        )
        return made

    unbroken = loop_of(recipe(), tmp_path / "a", ema=0.9, steps=11, flip=True)
    list(unbroken.train(0.0))
    first = loop_of(recipe(), tmp_path / "b", ema=0.9, steps=6, flip=True)
    list(first.train(0.0))
    torch.manual_seed(99)
    second = loop_of(recipe(), tmp_path / "b", ema=0.9, steps=11, flip=True)
    second.resume()
    assert second.state.position == Position(step=6, epoch=1, seen=4)
    list(second.train(0.0))
    names = ("state.safetensors", "state.json")
    for name in names:
        one, other = (tmp_path / run / "checkpoints" / "00000011" / name for run in "ab")
        assert one.read_bytes() == other.read_bytes(), name
    with open(tmp_path / "b" / "metrics.csv", newline="") as stream:
        assert len(list(csv.DictReader(stream))) == 2


def test_no_state_of_a_random_generator_is_in_a_checkpoint(tmp_path: Path) -> None:
    from safetensors.torch import load_file

    loop = loop_of(Tiny({"name": "first"}), tmp_path)
    loop.save()
    assert set(load_file(tmp_path / "checkpoints" / "00000000" / "state.safetensors")) == {
        "module.first.weight",
        "module.second.weight",
    }


def test_only_the_main_process_writes(tmp_path: Path) -> None:
    loop = loop_of(Tiny({"name": "first"}), tmp_path, steps=3, save_every=1, preview_every=1)
    loop._step()
    loop.processes.rank = 1
    loop.save()
    loop._write_logs()
    loop._write_figures()
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------------------------------------------------- dcgan


def dcgan(**options: Any) -> tuple[Dcgan, DcganOptions]:
    settings = DcganOptions(
        **{"size": 16, "latent": 16, "generator_width": 16, "discriminator_width": 16, "batch": 16} | options
    )
    torch.manual_seed(settings.seed)
    return Dcgan(settings, Data([], Cached(np.zeros((1, 16, 16, 3), np.uint8))), CPU), settings


def over(recipe: Dcgan, photos: np.ndarray, options: DcganOptions, run: Path) -> Loop:
    return Loop(recipe, Data([], Cached(photos)), options, run, Processes(CPU), Progress("", quiet=True))


def test_dcgan_learns_the_colour_of_its_photos(tmp_path: Path) -> None:
    """From gray to red with a yellow half: a generator whose gradient is lost or whose sign is wrong stays gray."""
    photos = np.zeros((32, 16, 16, 3), np.uint8)
    photos[..., 0] = 230
    photos[:, 8:, :, 1] = 200
    photos += np.random.default_rng(0).integers(0, 20, photos.shape, np.uint8)
    recipe, options = dcgan(steps=250, rate=0.001)
    loop = over(recipe, photos, options, tmp_path)
    target = torch.from_numpy(photos.mean(axis=0)).permute(2, 0, 1).float() / 127.5 - 1

    def distance() -> float:
        return (loop.generated().mean(dim=0) - target).abs().mean().item()

    before = distance()
    for _ in range(250):
        loop._step()
    assert before > 0.7
    assert distance() < 0.5 * before


def test_the_discriminator_learns_to_tell_photos_from_fakes(tmp_path: Path) -> None:
    """Against a generator that stands still, its loss falls from 2 log 2 towards nothing."""
    recipe, options = dcgan(steps=40, rate=0.002)
    recipe.turns = recipe.turns[:1]
    photos = np.random.default_rng(0).integers(0, 256, (16, 16, 16, 3), np.uint8)
    loop = over(recipe, photos, options, tmp_path)
    for _ in range(40):
        loop._step()
    first, last = loop.state.epochs[0], loop.state.epochs[-1]
    assert first["loss_d"] == pytest.approx(2 * np.log(2), abs=0.3)
    assert last["loss_d"] < 0.3
    assert last["d_x"] > 0.8
    assert last["d_g_z"] < 0.2


def test_dcgan_takes_two_turns_with_the_settings_of_the_thesis() -> None:
    recipe = Dcgan(DcganOptions(), Data([], Cached(np.zeros((1, 64, 64, 3), np.uint8))), CPU)
    assert [(turn.name, turn.trains) for turn in recipe.turns] == [
        ("discriminator", ("discriminator",)),
        ("generator", ("generator",)),
    ]
    for turn in recipe.turns:
        adam = turn.optimizer(recipe.modules[turn.name].parameters())
        assert isinstance(adam, torch.optim.Adam)
        assert (adam.defaults["lr"], adam.defaults["betas"]) == (0.0002, (0.5, 0.999))
    options = DcganOptions()
    assert (options.batch, options.epochs, options.size, options.latent) == (128, 200, 64, 100)


def test_the_best_epoch_is_the_one_nearest_to_one_half() -> None:
    recipe, _ = dcgan()
    epochs = [{"d_x": d_x, "d_g_z": d_g_z} for d_x, d_g_z in [(0.9, 0.1), (0.6, 0.45), (0.5, 0.3), (0.6, 0.45)]]
    best, rule = recipe.best_epoch(epochs)
    assert best == 1
    assert "0.5" in rule


def test_previews_come_from_latents_that_never_change() -> None:
    recipe, _ = dcgan()
    recipe.modules["generator"].eval()
    with torch.no_grad():
        first = recipe.preview()
        torch.randn(100)
        assert torch.equal(first, recipe.preview())
    assert first.shape == (64, 3, 16, 16)
