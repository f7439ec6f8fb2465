"""The turns of a step on networks of one weight: freezing, repeats, phases, parts, clipping, averages, rates."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tiny_recipe import CPU, PHOTOS, RATE, Tiny, TinyGan, TinyOptions, loop_of
from torch import nn

from fashiontools.core.errors import UsageError
from fashiontools.train.average import average_of
from fashiontools.train.data import Cached
from fashiontools.train.loop import Loop
from fashiontools.train.recipe import Batch, Data, Losses, Place


def steps_of(recipe: Tiny, run: Path, count: int, **options: Any) -> list[list[str]]:
    """The turns that each step took."""
    loop, found = loop_of(recipe, run, **options), []
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


def after_a_step_by_hand(weights: dict[str, float], repeats: int = 1) -> dict[str, float]:
    """The second turn sees what the first one changed."""
    a, b = weights.values()
    for _ in range(repeats):
        a -= RATE * 2 * (a * b - 3) * b
    return {"first": a, "second": b - RATE * 2 * (a * b - 3) * a}


@pytest.mark.parametrize("repeats", [1, 5])
def test_a_step_of_plain_descent_by_hand(tmp_path: Path, repeats: int) -> None:
    recipe = Tiny({"name": "first", "repeat": repeats}, {"name": "second"})
    expected = after_a_step_by_hand(recipe.weights(), repeats)
    loop_of(recipe, tmp_path)._step()
    assert recipe.weights() == pytest.approx(expected, rel=1e-5)


def test_turns_repeat_begin_end_and_rest(tmp_path: Path) -> None:
    recipe = Tiny(
        {"name": "first", "repeat": 2},
        {"name": "second", "begin": 1, "end": 3},
        {"name": "third", "trains": ("first", "second"), "every": 3, "begin": 1},
    )
    twice = ["first"] * 2
    assert steps_of(recipe, tmp_path, 6) == [
        twice, [*twice, "second", "third"], [*twice, "second"], twice, [*twice, "third"], twice,
    ]  # fmt: skip


def test_a_phase_that_begins_late_brings_its_own_scalars(tmp_path: Path) -> None:
    """Seven photos, two a step: an epoch has four steps; the second turn begins in the second epoch."""
    recipe = Tiny({"name": "first"}, {"name": "second", "begin": 4})
    loop = loop_of(recipe, tmp_path, steps=8)
    assert list(loop.train(0.0)) == [8]
    assert [set(epoch) for epoch in loop.state.epochs] == [
        {"epoch", "step", "loss_first"},
        {"epoch", "step", "loss_first", "loss_second"},
    ]
    assert (tmp_path / "metrics.csv").read_text().splitlines()[1].endswith(",")


def test_one_turn_may_train_several_networks(tmp_path: Path) -> None:
    recipe = Tiny({"name": "both", "trains": ("first", "second")})
    before = recipe.weights()
    loop_of(recipe, tmp_path)._step()
    assert all(recipe.weights()[name] != before[name] for name in before)


# ------------------------------------------------------------------------------------------------------ accumulation


class Counting(torch.optim.SGD):
    """SGD that counts its steps and keeps the gradients that it was given."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.seen: list[list[torch.Tensor]] = []

    def step(self, *arguments: Any) -> None:
        self.seen.append([p.grad.clone() for group in self.param_groups for p in group["params"]])
        super().step(*arguments)


def counting(recipe: Any) -> None:
    recipe.turns = tuple(type(turn)(**{**vars(turn), "optimizer": partial(Counting, lr=0.05)}) for turn in recipe.turns)


def tiny_gan(run: Path, **options: Any) -> Loop:
    """The tiny GAN over seven photos, with optimizers that keep what they see."""
    from fashiontools.core.progress import Progress
    from fashiontools.train.processes import Processes

    settings = TinyOptions(**{"size": 8, "batch": 7, "steps": 4} | options)
    torch.manual_seed(0)
    data = Data([], Cached(PHOTOS))
    recipe = TinyGan(settings, data, CPU)
    counting(recipe)
    return Loop(recipe, data, settings, run, Processes(CPU), Progress("", quiet=True))


def gradients_of(loop: Loop) -> dict[str, list[list[torch.Tensor]]]:
    return {name: optimizer.seen for name, optimizer in loop.trained.optimizers.items()}


@pytest.mark.parametrize("parts", [2, 3, 7, 20])
def test_both_nets_step_equally_often_whatever_the_parts(tmp_path: Path, parts: int) -> None:
    loop = tiny_gan(tmp_path, accumulate=parts)
    for _ in range(3):
        loop._step()
    assert {name: len(seen) for name, seen in gradients_of(loop).items()} == {"discriminator": 3, "generator": 3}


@pytest.mark.parametrize("parts", [2, 3, 7])
def test_the_gradients_of_parts_add_up_to_those_of_the_batch(tmp_path: Path, parts: int) -> None:
    """Also in parts of unequal size. The generator's, against a discriminator that stands still (rate 0)."""
    found = {}
    for count in (1, parts):
        loop = tiny_gan(tmp_path, accumulate=count)
        loop.trained.optimizers["discriminator"].param_groups[0]["lr"] = 0.0
        loop._step()
        found[count] = gradients_of(loop)
    for turn in ("discriminator", "generator"):
        for whole, summed in zip(found[1][turn][0], found[parts][turn][0], strict=True):
            assert whole.abs().max() > 1e-4
            torch.testing.assert_close(summed, whole, rtol=1e-5, atol=1e-7)


def test_scalars_of_parts_are_those_of_the_batch(tmp_path: Path) -> None:
    told = {}
    for count in (1, 3):
        loop = tiny_gan(tmp_path, accumulate=count)
        loop._step()
        told[count] = loop.state.epochs[0]
    assert told[3]["loss_d"] == pytest.approx(told[1]["loss_d"], rel=1e-5)


def test_a_turn_that_is_repeated_cannot_be_taken_in_parts(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--accumulate .* 'first'"):
        loop_of(Tiny({"name": "first", "repeat": 5}), tmp_path, accumulate=2)


# ---------------------------------------------------------------------------------------------------------- clipping


def test_a_long_gradient_is_cut_and_a_short_one_is_not(tmp_path: Path) -> None:
    """One weight: a step of SGD is the rate times the gradient, which is -1 at most where it is cut to 1."""
    for clip, moved in ((1.0, RATE), (0.25, RATE / 4), (1e6, None)):
        recipe = Tiny({"name": "first"})
        with torch.no_grad():
            recipe.modules["first"].weight.fill_(2.0)
            recipe.modules["second"].weight.fill_(-4.0)
        loop_of(recipe, tmp_path, clip=clip)._step()
        gradient = 2 * (2.0 * -4.0 - 3) * -4.0
        wanted = moved if moved is not None else RATE * gradient
        assert 2.0 - recipe.weights()["first"] == pytest.approx(wanted, rel=1e-4)


def test_the_norm_is_of_all_the_networks_of_a_turn_and_of_it_alone(tmp_path: Path) -> None:
    loops = {clip: tiny_gan(tmp_path, clip=clip) for clip in (None, 0.01)}
    for loop in loops.values():
        loop._step()
    for turn in ("discriminator", "generator"):
        plain, cut = (torch.cat([g.flatten() for g in gradients_of(loops[c])[turn][0]]) for c in (None, 0.01))
        assert plain.norm() > 0.01
        assert cut.norm().item() == pytest.approx(0.01, rel=1e-3)
        assert torch.cosine_similarity(plain, cut, dim=0) > 0.99


def test_parts_are_cut_together(tmp_path: Path) -> None:
    whole, parts = (tiny_gan(tmp_path, clip=0.01, accumulate=count) for count in (1, 3))
    for loop in (whole, parts):
        loop._step()
    for a, b in zip(gradients_of(whole)["discriminator"][0], gradients_of(parts)["discriminator"][0], strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-8)


# ---------------------------------------------------------------------------------------------------------- averages


@pytest.mark.parametrize("decay", [0.15, 0.5, 0.9, 0.999])
def test_an_average_in_closed_form(decay: float) -> None:
    """The first weights as they are; then d times the average, with d = (1 + n) / (10 + n) while that is less."""
    module = nn.Linear(1, 1, bias=False)
    average = average_of(module, decay)
    values = [3.0, -1.0, 4.0, 1.5, -9.0, 2.6, 5.0, 3.5, 8.0, -7.0]
    expected = values[0]
    for n, value in enumerate(values):
        with torch.no_grad():
            module.weight.fill_(value)
        average.update_parameters(module)
        if n:
            d = min(decay, (1 + n) / (10 + n))
            expected = d * expected + (1 - d) * value
        assert average.module.weight.item() == pytest.approx(expected, rel=1e-5)


def test_buffers_are_copied_not_averaged() -> None:
    module = nn.BatchNorm1d(2)
    average = average_of(module, 0.9)
    for _ in range(3):
        module(torch.randn(8, 2) + 5)
        average.update_parameters(module)
    assert torch.equal(average.module.running_mean, module.running_mean)
    assert average.module.num_batches_tracked == 3


def test_what_is_shown_is_averaged_once_a_step_after_its_turns(tmp_path: Path) -> None:
    recipe = Tiny({"name": "first"}, {"name": "second"})
    recipe.shown = ("first",)
    loop = loop_of(recipe, tmp_path, ema=0.5, accumulate=2)
    history = []
    for _ in range(3):
        loop._step()
        history.append(recipe.weights()["first"])
    d1, d2 = 2 / 11, 3 / 12
    expected = d2 * (d1 * history[0] + (1 - d1) * history[1]) + (1 - d2) * history[2]
    assert set(loop.trained.averages) == {"first"}
    assert loop.trained.averages["first"].module.weight.item() == pytest.approx(expected, rel=1e-5)
    assert loop.shown_modules()["first"].weight.item() == pytest.approx(expected, rel=1e-5)
    assert loop.shown_modules()["second"] is recipe.modules["second"]


def test_without_a_decay_there_is_no_average(tmp_path: Path) -> None:
    recipe = Tiny({"name": "first"})
    recipe.shown = ("first",)
    assert loop_of(recipe, tmp_path).trained.averages == {}


def test_previews_are_made_by_the_averages_at_rest_and_training_goes_on_with_the_weights(tmp_path: Path) -> None:
    recipe = Tiny({"name": "first"}, {"name": "second"})
    recipe.shown = ("first",)
    seen: list[tuple[nn.Module, bool, bool]] = []

    def preview() -> torch.Tensor:
        module = recipe.modules["first"]
        seen.append((module, module.training, torch.is_grad_enabled()))
        assert not recipe.modules["second"].training
        return torch.zeros(2, 3, 8, 8)

    recipe.preview = preview
    loop, trained = loop_of(recipe, tmp_path, ema=0.9), recipe.modules["first"]
    loop._step()
    loop.generated()
    assert seen == [(loop.trained.averages["first"].module, False, False)]
    assert recipe.modules["first"] is trained
    assert all(module.training for module in recipe.modules.values())


# ------------------------------------------------------------------------------------------------------------- rates


def rates_of(loop: Loop, turn: str, steps: int) -> list[float]:
    found = []
    for _ in range(steps):
        loop._step()
        found.append(loop.trained.optimizers[turn].param_groups[0]["lr"])
    return found


def test_a_schedule_by_epochs(tmp_path: Path) -> None:
    """Four steps an epoch; times 0.95 at the start of each, for one turn and not for the other."""
    recipe = Tiny({"name": "first", "schedule": lambda place: 0.95**place.epoch}, {"name": "second"})
    loop = loop_of(recipe, tmp_path, steps=9)
    assert rates_of(loop, "first", 9) == pytest.approx([RATE] * 4 + [RATE * 0.95] * 4 + [RATE * 0.95**2])
    assert loop.trained.optimizers["second"].param_groups[0]["lr"] == RATE


def test_a_schedule_sees_the_step_and_the_share_of_the_run(tmp_path: Path) -> None:
    places: list[Place] = []
    recipe = Tiny({"name": "first", "schedule": lambda place: places.append(place) or 1.0})
    assert list(loop_of(recipe, tmp_path, steps=5).train(0.0)) == [5]
    assert places == [Place(n, n // 4, n / 5) for n in range(5)]
    places.clear()
    recipe = Tiny({"name": "first", "schedule": lambda place: places.append(place) or 1.0})
    assert list(loop_of(recipe, tmp_path / "b", steps=None, epochs=2).train(0.0)) == [8]
    assert [place.share for place in places] == pytest.approx(
        [0, 2 / 14, 4 / 14, 6 / 14, 7 / 14, 9 / 14, 11 / 14, 13 / 14]
    )


def test_the_rate_is_what_the_optimizer_steps_with(tmp_path: Path) -> None:
    recipe = Tiny({"name": "first", "schedule": lambda place: 0.5})
    a, b = recipe.weights().values()
    loop_of(recipe, tmp_path)._step()
    assert recipe.weights()["first"] == pytest.approx(a - 0.5 * RATE * 2 * (a * b - 3) * b, rel=1e-5)


def test_a_schedule_goes_on_where_it_was(tmp_path: Path) -> None:
    def falling() -> Tiny:
        return Tiny({"name": "first", "schedule": lambda place: 0.5**place.epoch})

    broken = loop_of(falling(), tmp_path, steps=10)
    rates = rates_of(broken, "first", 6)
    broken.save()
    resumed = loop_of(falling(), tmp_path, steps=10)
    resumed.resume()
    rates += rates_of(resumed, "first", 4)
    assert rates == rates_of(loop_of(falling(), tmp_path / "b", steps=10), "first", 10)


# ------------------------------------------------------------------------------------------------------- what is seen


def test_what_turns_share_is_computed_once_a_step(tmp_path: Path) -> None:
    calls = []
    recipe = Tiny({"name": "first", "repeat": 3}, {"name": "second"})
    share: Callable[[Batch], Batch] = recipe.share
    recipe.share = lambda batch: calls.append(len(batch["photo"])) or share(batch)
    loop_of(recipe, tmp_path)._step()
    assert calls == [2]


def test_networks_and_photos_lie_channels_last(tmp_path: Path) -> None:
    loop = tiny_gan(tmp_path)
    weight = loop.recipe.modules["discriminator"][0].weight
    assert weight.is_contiguous(memory_format=torch.channels_last)


def test_bfloat16_computes_in_16_bits_and_keeps_weights_in_32(tmp_path: Path) -> None:
    kinds = []
    loop = tiny_gan(tmp_path, mixed_precision="bf16")
    share, judge = loop.recipe.share, loop.recipe.judge

    def seen(batch: Batch) -> Losses:
        kinds.append(loop.recipe.modules["discriminator"](batch["photo"]).dtype)
        return judge(batch)

    loop.recipe.share = lambda batch: kinds.append(share(batch)["fake"].dtype) or share(batch)
    loop.recipe.turns = tuple(
        type(turn)(**{**vars(turn), "losses": seen if turn.name == "discriminator" else turn.losses})
        for turn in loop.recipe.turns
    )
    loop._step()
    assert kinds == [torch.bfloat16] * 2
    for module in loop.recipe.modules.values():
        assert all(p.dtype == torch.float32 and p.grad.dtype == torch.float32 for p in module.parameters())


def test_half_precision_needs_a_gpu(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="fp16 needs a GPU"):
        loop_of(Tiny({"name": "first"}), tmp_path, mixed_precision="fp16")


def test_means_of_an_epoch_are_over_photos_not_over_batches(tmp_path: Path) -> None:
    loop = loop_of(Tiny({"name": "first"}), tmp_path)
    for _ in range(4):
        loop._step()
    assert [(epoch["epoch"], epoch["step"]) for epoch in loop.state.epochs] == [(1, 4)]
    assert loop.state.epochs[0]["loss_first"] == pytest.approx(PHOTOS.mean() / 127.5 - 1, abs=1e-5)
    assert np.isfinite(loop.state.epochs[0]["loss_first"])
