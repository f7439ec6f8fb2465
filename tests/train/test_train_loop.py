"""The loop on a tiny recipe of two linear networks: turns, freezing, repeats, phases, means over an epoch."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from fashiontools.core.errors import FashiontoolsError
from fashiontools.core.progress import Progress
from fashiontools.train.data import Cached
from fashiontools.train.loop import Loop
from fashiontools.train.options import seconds
from fashiontools.train.recipe import Batch, Losses, Turn
from fashiontools.train.recipes.dcgan.options import DcganOptions
from fashiontools.train.recipes.dcgan.recipe import Dcgan

CPU = torch.device("cpu")
PHOTOS = np.random.default_rng(0).integers(0, 256, (7, 8, 8, 3), np.uint8)


class Tiny:
    """Two networks of one weight each; every turn's loss hangs on both of them."""

    def __init__(self, *turns: dict, value: Callable[[Batch], Tensor] | None = None) -> None:
        torch.manual_seed(0)
        self.models = {}
        self.modules = {name: nn.Linear(1, 1, bias=False) for name in ("first", "second")}
        self.taken: list[tuple[str, dict[str, bool]]] = []
        self.value = value or (lambda batch: batch["photo"].mean())
        sgd = partial(torch.optim.SGD, lr=0.1)
        self.turns = tuple(
            Turn(name=turn["name"], optimizer=sgd, losses=partial(self._losses, turn["name"]), **_rest(turn))
            for turn in turns
        )

    def share(self, batch: Batch) -> Batch:
        assert all(p.requires_grad for module in self.modules.values() for p in module.parameters())
        return batch

    def _losses(self, turn: str, batch: Batch) -> Losses:
        trainable = {name: module.weight.requires_grad for name, module in self.modules.items()}
        self.taken.append((turn, trainable))
        seen = self.modules["second"](self.modules["first"](torch.ones(1, 1)))
        return {"loss": (seen - 3).square().mean() + 0 * self.value(batch), f"loss_{turn}": self.value(batch)}

    def preview(self) -> Tensor:
        return torch.zeros(2, 3, 8, 8)

    def best_epoch(self, epochs: list[dict[str, float]]) -> tuple[int, str]:
        return 0, "the first"

    def weights(self) -> dict[str, float]:
        return {name: module.weight.item() for name, module in self.modules.items()}


def _rest(turn: dict) -> dict:
    return {"trains": (turn["name"],)} | {key: value for key, value in turn.items() if key != "name"}


def loop_of(recipe: object, run: Path, **options: object) -> Loop:
    settings = {"size": 8, "batch": 2, "steps": 4} | options
    return Loop(recipe, Cached(PHOTOS), DcganOptions(**settings), run, CPU, Progress("train", quiet=True))


def steps_of(recipe: Tiny, run: Path, count: int) -> list[list[str]]:
    """The turns that each step took."""
    loop, found = loop_of(recipe, run), []
    for _ in range(count):
        recipe.taken.clear()
        loop._step()
        found.append([turn for turn, _ in recipe.taken])
    return found


# ------------------------------------------------------------------------------------------------------------- turns


def test_a_turn_freezes_the_networks_of_the_others(tmp_path: Path) -> None:
    recipe = Tiny({"name": "first"}, {"name": "second"})
    loop_of(recipe, tmp_path)._step()
    assert recipe.taken == [
        ("first", {"first": True, "second": False}),
        ("second", {"first": False, "second": True}),
    ]
    assert all(module.weight.requires_grad for module in recipe.modules.values()), "unfrozen again after the step"


@pytest.mark.parametrize(("trained", "other"), [("first", "second"), ("second", "first")])
def test_only_the_networks_of_a_turn_get_gradients_and_move(tmp_path: Path, trained: str, other: str) -> None:
    recipe = Tiny({"name": trained})
    before = recipe.weights()
    loop_of(recipe, tmp_path)._step()
    assert recipe.modules[other].weight.grad is None
    assert recipe.modules[trained].weight.grad is not None
    assert recipe.weights()[other] == before[other]
    assert recipe.weights()[trained] != before[trained]


def test_a_step_of_plain_descent_by_hand(tmp_path: Path) -> None:
    recipe = Tiny({"name": "first"}, {"name": "second"})
    a, b = recipe.weights().values()
    loop_of(recipe, tmp_path)._step()
    a_after = a - 0.1 * 2 * (a * b - 3) * b
    b_after = b - 0.1 * 2 * (a_after * b - 3) * a_after  # the second turn sees what the first one changed
    assert recipe.weights() == pytest.approx({"first": a_after, "second": b_after}, rel=1e-5)


def test_turns_repeat_begin_and_end(tmp_path: Path) -> None:
    recipe = Tiny({"name": "first", "repeat": 3}, {"name": "second", "begin": 1, "end": 3})
    thrice = ["first"] * 3
    assert steps_of(recipe, tmp_path, 4) == [thrice, [*thrice, "second"], [*thrice, "second"], thrice]


def test_one_turn_may_train_several_networks(tmp_path: Path) -> None:
    recipe = Tiny({"name": "both", "trains": ("first", "second")})
    before = recipe.weights()
    loop_of(recipe, tmp_path)._step()
    assert all(recipe.weights()[name] != before[name] for name in before)


def test_a_loss_that_is_no_number_stops_and_changes_nothing(tmp_path: Path) -> None:
    recipe = Tiny({"name": "first"}, value=lambda batch: torch.tensor(float("nan")))
    before = recipe.weights()
    with pytest.raises(FashiontoolsError, match="'first' is nan at step 0"):
        loop_of(recipe, tmp_path)._step()
    assert recipe.weights() == before


# ------------------------------------------------------------------------------------------------- batches and epochs


def seen_in(run: Path, steps: int, **options: object) -> list[np.ndarray]:
    """The photos of each step as (N, H, W, 3) uint8."""
    batches: list[np.ndarray] = []

    def keep(batch: Batch) -> Tensor:
        pixels = ((batch["photo"] + 1) * 127.5).round().byte()
        batches.append(pixels.permute(0, 2, 3, 1).numpy())
        return batch["photo"].mean()

    loop = loop_of(Tiny({"name": "first"}, value=keep), run, **options)
    for _ in range(steps):
        loop._step()
    return batches[::2]  # the loss is asked for twice a step


def numbers_of(batches: list[np.ndarray]) -> list[int]:
    return [next(n for n, photo in enumerate(PHOTOS) if np.array_equal(photo, seen)) for b in batches for seen in b]


def test_every_photo_comes_once_an_epoch_in_a_new_order(tmp_path: Path) -> None:
    batches = seen_in(tmp_path, 8)
    assert [len(batch) for batch in batches] == [2, 2, 2, 1] * 2
    first, second = numbers_of(batches[:4]), numbers_of(batches[4:])
    assert sorted(first) == sorted(second) == list(range(7))
    assert first != second


def test_the_order_is_the_seeds(tmp_path: Path) -> None:
    assert numbers_of(seen_in(tmp_path, 4)) == numbers_of(seen_in(tmp_path, 4))
    assert numbers_of(seen_in(tmp_path, 4)) != numbers_of(seen_in(tmp_path, 4, seed=1))


def test_flip_mirrors_about_half_of_the_photos(tmp_path: Path) -> None:
    plain = np.concatenate(seen_in(tmp_path, 40))
    flipped = np.concatenate(seen_in(tmp_path, 40, flip=True))
    mirrored = [np.array_equal(b, a[:, ::-1]) for a, b in zip(plain, flipped, strict=True)]
    same = [np.array_equal(b, a) for a, b in zip(plain, flipped, strict=True)]
    assert all(a != b for a, b in zip(mirrored, same, strict=True))
    assert 0.3 < np.mean(mirrored) < 0.7


def test_pixels_are_scaled_to_minus_one_and_one(tmp_path: Path) -> None:
    extremes: list[float] = []
    recipe = Tiny(
        {"name": "first"}, value=lambda b: extremes.append(b["photo"].abs().max().item()) or b["photo"].mean()
    )
    photos = np.zeros((2, 8, 8, 3), np.uint8)
    photos[1] = 255
    loop = Loop(recipe, Cached(photos), DcganOptions(size=8, batch=2, steps=1), tmp_path, CPU, Progress("", quiet=True))
    loop._step()
    assert extremes[0] == 1.0


def test_means_of_an_epoch_are_over_photos_not_over_batches(tmp_path: Path) -> None:
    loop = loop_of(Tiny({"name": "first"}), tmp_path)
    for _ in range(4):
        loop._step()
    assert [(epoch["epoch"], epoch["step"]) for epoch in loop.state.epochs] == [(1, 4)]
    assert loop.state.epochs[0]["loss_first"] == pytest.approx(PHOTOS.mean() / 127.5 - 1, abs=1e-5)


@pytest.mark.parametrize(
    ("options", "steps"), [({"steps": 5}, 5), ({"steps": None, "epochs": 3}, 12), ({"steps": 5, "epochs": 3}, 5)]
)
def test_steps_or_epochs_end_a_run(tmp_path: Path, options: dict[str, int | None], steps: int) -> None:
    loop = loop_of(Tiny({"name": "first"}), tmp_path, **options)
    assert list(loop.train(0.0))[-1] == steps
    assert loop.state.step == steps


@pytest.mark.parametrize(("text", "value"), [("90s", 90), ("30m", 1800), ("2h", 7200), ("1.5d", 129600), (None, None)])
def test_time_limits(text: str | None, value: float | None) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["", "30", "m", "-1m", "0s", "nanm", "1w"])
def test_what_is_no_time_limit_is_refused(text: str) -> None:
    with pytest.raises(FashiontoolsError, match="--time-limit"):
        seconds(text)


# ------------------------------------------------------------------------------------------------------------- dcgan


def dcgan(**options: object) -> tuple[Dcgan, DcganOptions]:
    settings = DcganOptions(
        **{"size": 16, "latent": 16, "generator_width": 16, "discriminator_width": 16, "batch": 16} | options
    )
    torch.manual_seed(settings.seed)
    return Dcgan(settings, CPU), settings


def test_dcgan_learns_the_colour_of_its_photos(tmp_path: Path) -> None:
    """From gray to red with a yellow half: a generator whose gradient is lost or whose sign is wrong stays gray."""
    photos = np.zeros((32, 16, 16, 3), np.uint8)
    photos[..., 0] = 230
    photos[:, 8:, :, 1] = 200
    photos += np.random.default_rng(0).integers(0, 20, photos.shape, np.uint8)
    recipe, options = dcgan(steps=250, rate=0.001)
    loop = Loop(recipe, Cached(photos), options, tmp_path, CPU, Progress("", quiet=True))
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
    loop = Loop(recipe, Cached(photos), options, tmp_path, CPU, Progress("", quiet=True))
    for _ in range(40):
        loop._step()
    first, last = loop.state.epochs[0], loop.state.epochs[-1]
    assert first["loss_d"] == pytest.approx(2 * np.log(2), abs=0.3)
    assert last["loss_d"] < 0.3
    assert last["d_x"] > 0.8
    assert last["d_g_z"] < 0.2


def test_dcgan_takes_two_turns_with_the_settings_of_the_thesis() -> None:
    recipe = Dcgan(DcganOptions(), CPU)
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
