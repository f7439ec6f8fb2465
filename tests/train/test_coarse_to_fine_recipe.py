"""The recipe `coarse-to-fine`: it learns, its turns train what they should, its objective is the paper's sum."""

from pathlib import Path

import numpy as np
import pytest
import torch
from paintings import data_of, options_of
from torch import Tensor

from fashiontools.core.progress import Progress
from fashiontools.losses import reconstruction
from fashiontools.models.features.vgg16 import open_vgg16
from fashiontools.models.inpainting.local_global import crop_holes
from fashiontools.train.loop import Loop
from fashiontools.train.processes import Processes
from fashiontools.train.recipe import Batch, Picked, Place
from fashiontools.train.recipes.coarse_to_fine.presets import PRESETS
from fashiontools.train.recipes.coarse_to_fine.recipe import CoarseToFine
from fashiontools.train.turns import Turns

CPU = torch.device("cpu")


def recipe_of(count: int = 4, **settings: object) -> CoarseToFine:
    torch.manual_seed(0)
    return CoarseToFine(options_of(**settings), data_of(count), CPU)


def batch_of(recipe: CoarseToFine, count: int = 4, epoch: int = 0) -> Batch:
    """The first photos of the data, with the recipe's draws."""
    numbers = np.arange(count)
    photo = torch.from_numpy(recipe._data.photos.batch(numbers)).permute(0, 3, 1, 2).float() / 127.5 - 1
    return {"photo": photo, **recipe.draw(Picked(numbers, np.zeros(count, bool), 0, epoch))}


def weights(recipe: CoarseToFine) -> dict[str, list[Tensor]]:
    return {name: [p.detach().clone() for p in module.parameters()] for name, module in recipe.modules.items()}


def moved(before: dict[str, list[Tensor]], after: dict[str, list[Tensor]]) -> set[str]:
    return {
        name for name in before if any(not torch.equal(a, b) for a, b in zip(before[name], after[name], strict=True))
    }


# --------------------------------------------------------------------------------------------------------- learning


def learned(recipe: CoarseToFine, batch: Batch, steps: int) -> list[dict[str, Tensor]]:
    """The scalars of so many steps on one batch."""
    turns = Turns(recipe, recipe._options, Processes(CPU))
    return [turns.take(batch, len(batch["photo"]), Place(step, 0, step / steps)) for step in range(steps)]


FAST = {"dropout": 0.0, "text_dropout": 0.0, "ema": 0.0, "coarse_rate": 0.005, "refinement_rate": 0.005}


@pytest.mark.slow
def test_one_batch_is_learned_by_heart_as_the_paper_has_it() -> None:
    losses = learned(recipe := recipe_of(**FAST, width=8), batch_of(recipe), 40)
    for name in ("coarse_pixel", "refined_pixel"):
        assert losses[0][name] > 0.1
        assert losses[-1][name] < 0.25 * losses[0][name], name


def test_one_batch_is_learned_by_heart_as_modern_has_it() -> None:
    losses = learned(recipe := recipe_of(**{**PRESETS["modern"], **FAST}), batch_of(recipe), 40)
    for name in ("coarse_log_error", "refined_log_error"):
        assert losses[-1][name] < losses[0][name] - 1.5, name


@pytest.mark.slow
def test_descriptions_alone_can_tell_colours() -> None:
    """Of photos that are white around their holes nothing but the description says what was in them.

    Batch norm lets a colour pass; instance norm takes the mean of every map away, and learns it far more slowly.
    """
    recipe = recipe_of(**FAST, norm="batch", global_weight=0.0, local_weight=0.0, attention=False, text_width=8)
    recipe.turns = recipe.turns[:1]
    batch = batch_of(recipe)
    batch["mask"] = torch.zeros(4, 1, 64, 64)
    batch["mask"][..., 8:56, 8:56] = 1
    colour = torch.tensor([-0.9, -0.3, 0.3, 0.9])
    batch["photo"] = torch.where(batch["mask"] > 0, colour.view(4, 1, 1, 1), torch.ones(4, 3, 64, 64))
    learned(recipe, batch, 50)
    for module in recipe.modules.values():
        module.eval()
    with torch.no_grad():
        inside = recipe._fill(batch)[0][..., 24:40, 24:40].mean(dim=(1, 2, 3))
    assert (inside.diff() > 0.1).all(), inside


@pytest.mark.parametrize(
    ("turn", "trained"),
    [(0, {"text", "coarse"}), (1, {"global", "local"}), (2, {"refinement"})],
    ids=["coarse", "discriminators", "refinement"],
)
def test_a_turn_moves_its_networks_and_no_other(tmp_path: Path, turn: int, trained: set[str]) -> None:
    recipe = recipe_of()
    recipe.turns = recipe.turns[turn : turn + 1]
    loop = Loop(recipe, recipe._data, recipe._options, tmp_path, Processes(CPU), Progress("", quiet=True))
    before = weights(recipe)
    loop._step()
    assert moved(before, weights(recipe)) == trained


def test_without_adversarial_weights_there_is_nobody_to_fool() -> None:
    recipe = recipe_of(global_weight=0.0, local_weight=0.0)
    assert [turn.name for turn in recipe.turns] == ["coarse", "refinement"]
    assert set(recipe.modules) == {"text", "coarse", "refinement"}
    assert set(recipe_of(global_weight=0.0).modules) == {"text", "coarse", "refinement", "local"}
    assert recipe_of().shown == ("text", "coarse", "refinement")


@pytest.mark.parametrize("schedule", ["exponential", "cosine"])
def test_rates_follow_their_schedule(schedule: str) -> None:
    turn = recipe_of(schedule=schedule, decay=0.5).turns[0]
    found = [turn.schedule(Place(step=0, epoch=epoch, share=epoch / 4)) for epoch in range(5)]
    cosine = [0.5 * (1 + np.cos(np.pi * share)) for share in (0, 0.25, 0.5, 0.75, 1)]
    assert found == pytest.approx([1, 0.5, 0.25, 0.125, 0.0625] if schedule == "exponential" else cosine)


# ------------------------------------------------------------------------------------------------------- objective


def test_the_coarse_loss_is_equation_4_with_vgg_and_the_image_itself() -> None:
    """Untrained, so that the image's own Gram matrices are added to those of the network's layers."""
    recipe = recipe_of(style_weight=100.0, vgg_layers="relu1_2,relu2_2", dropout=0.0, text_dropout=0.0)
    batch = recipe.share(batch_of(recipe))
    vgg, _ = open_vgg16("untrained", ("relu1_2", "relu2_2"), print)
    output, photo = batch["coarse"], batch["photo"]
    compared = [*zip(vgg(output), vgg(photo), strict=True), (output, photo)]
    style = sum(reconstruction.style_loss(a, b) for a, b in compared)
    losses = recipe.turns[0].losses(batch)
    assert losses["coarse_style"].item() == pytest.approx(style.item(), rel=1e-4)
    expected = 20 * reconstruction.pixel_loss(output, photo) + 100 * style
    assert losses["loss"].item() == pytest.approx(expected.item(), rel=1e-4)


def test_the_refinement_loss_is_equation_6() -> None:
    recipe = recipe_of(style_weight=100.0, dropout=0.0, global_weight=0.7, local_weight=0.3, content_loss=True)
    batch = recipe.share(batch_of(recipe))
    losses = recipe.turns[2].losses(batch)
    parts = {name.removeprefix("refined_"): value.item() for name, value in losses.items()}
    expected = 2 * (20 * parts["pixel"] + 100 * parts["style"] + parts["content"])
    expected += 0.7 * parts["global"] + 0.3 * parts["local"]
    assert losses["loss"].item() == pytest.approx(expected, rel=1e-5)
    for module in recipe.modules.values():
        module.train()
    scores = (
        recipe.modules["global"](batch["refined"]),
        recipe.modules["local"](crop_holes(batch["refined"], batch["box"])),
    )
    for name, score in zip(("global", "local"), scores, strict=True):
        assert parts[name] == pytest.approx(-score.sigmoid().log().mean().item(), rel=1e-4)


@pytest.mark.parametrize("objective", [pytest.param("cross-entropy", marks=pytest.mark.slow), "hinge"])
def test_discriminators_learn_photos_from_fills(objective: str) -> None:
    """The global one with batch norm only slowly at this size: it sees photos and fills in batches of their own."""
    recipe = recipe_of(objective=objective, discriminator_rate=0.01)
    recipe.turns = recipe.turns[1:2]
    losses = learned(recipe, batch_of(recipe), 40)
    chance = 2 * np.log(2) if objective == "cross-entropy" else 2.0
    for name in ("loss_d_global", "loss_d_local"):
        assert losses[0][name].item() == pytest.approx(chance, rel=0.4)
    assert losses[-1]["loss_d_local"].item() < 0.8 * chance
    assert losses[-1]["loss_d_global"].item() < (0.5 * chance if objective == "hinge" else losses[0]["loss_d_global"])
    hinged = "parametrizations" in "".join(name for name, _ in recipe.modules["local"].named_parameters())
    assert hinged is (objective == "hinge")


def test_the_adversarial_gradient_reaches_the_refinement_network() -> None:
    """Through the local discriminator too: in the released code the crop stops it."""
    recipe = recipe_of(pixel_weight=0.0, global_weight=0.0, dropout=0.0)
    batch = recipe.share(batch_of(recipe))
    recipe.turns[2].losses(batch)["loss"].backward()
    assert recipe.modules["refinement"].last.weight.grad.any()
    assert all(parameter.grad is None for parameter in recipe.modules["coarse"].parameters())


# ---------------------------------------------------------------------------------------------------------- judging


def test_held_out_photos_are_judged_in_the_hole_and_as_a_whole() -> None:
    """The scores by hand, with the same holes each time."""
    recipe = recipe_of(dropout=0.0, text_dropout=0.0)
    held_out = data_of(3)
    for module in recipe.modules.values():
        module.eval()
    with torch.no_grad():
        found = recipe.validate(held_out)
        batch = recipe._still_batch(held_out, np.arange(3))
        outputs = dict(zip(("coarse", "refined"), recipe._fill(batch), strict=True))
    assert found == pytest.approx(recipe.validate(held_out))
    assert set(found) == {f"val_{kind}_{name}" for kind in ("loss", "psnr", "hole_psnr") for name in outputs}
    for name, output in outputs.items():
        squares = (output.clamp(-1, 1) - batch["photo"]).square()
        inside = batch["mask"].expand_as(squares) > 0
        whole = [10 * np.log10(4 / one.mean().item()) for one in squares]
        hole = [10 * np.log10(4 / one[mask].mean().item()) for one, mask in zip(squares, inside, strict=True)]
        assert found[f"val_psnr_{name}"] == pytest.approx(np.mean(whole), rel=1e-4)
        assert found[f"val_hole_psnr_{name}"] == pytest.approx(np.mean(hole), rel=1e-4)
        smooth = reconstruction.pixel_loss(output, batch["photo"]).item()
        assert found[f"val_loss_{name}"] == pytest.approx(smooth, rel=1e-4)


def test_more_held_out_photos_than_go_in_at_once_are_all_counted() -> None:
    recipe, few = recipe_of(), data_of(3)
    many = data_of(35)
    for module in recipe.modules.values():
        module.eval()
    with torch.no_grad():
        found = recipe.validate(many)["val_psnr_refined"]
        one_by_one = []
        for number in range(35):
            batch = recipe._still_batch(many, np.array([number]))
            error = (recipe._fill(batch)[1].clamp(-1, 1) - batch["photo"]).square().mean().item()
            one_by_one.append(10 * np.log10(4 / error))
        assert recipe.validate(few)["val_psnr_refined"] == pytest.approx(np.mean(one_by_one[:3]), rel=1e-4)
    assert found == pytest.approx(np.mean(one_by_one), rel=1e-4)


def test_the_best_epoch_is_by_held_out_photos_or_else_by_pixels() -> None:
    recipe = recipe_of()
    epochs = [{"refined_pixel": a, "val_hole_psnr_refined": b} for a, b in ((0.3, 18.0), (0.2, 19.5), (0.1, 19.0))]
    best, rule = recipe.best_epoch(epochs)
    assert (best, "held-out PSNR" in rule) == (1, True)
    best, rule = recipe.best_epoch([{"refined_pixel": epoch["refined_pixel"]} for epoch in epochs])
    assert (best, "pixel" in rule) == (2, True)


@pytest.mark.parametrize(("count", "lines"), [(3, 3), (20, 8)])
def test_previews_show_hole_coarse_refined_fill_and_photo(count: int, lines: int) -> None:
    recipe = recipe_of(count)
    for module in recipe.modules.values():
        module.eval()
    with torch.no_grad():
        images = recipe.preview()
        assert torch.equal(images, recipe.preview())
    assert images.shape == (5 * lines, 3, 64, 64)
    assert recipe.preview_columns == 5
    for hole, _, refined, fill, photo in images.unflatten(0, (lines, 5)):
        inside = (hole != photo).any(dim=0)
        assert inside.any()
        assert (hole[:, inside] == 1).all()
        assert torch.equal(fill[:, ~inside], photo[:, ~inside])
        assert torch.equal(fill[:, inside], refined[:, inside])


def test_previews_are_of_held_out_photos_where_there_are_some() -> None:
    shown = CoarseToFine(options_of(), data_of(4, held_out=data_of(2)), CPU)._fixed["photo"]
    assert len(shown) == 2
