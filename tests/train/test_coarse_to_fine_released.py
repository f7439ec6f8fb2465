"""`--preset released-code`: what that code does where it is not the paper, each of it seen to happen."""

from pathlib import Path

import numpy as np
import pytest
import torch
from paintings import data_of, options_of
from torch import Tensor

from fashiontools.core.errors import UsageError
from fashiontools.models.inpainting.local_global import crop_holes
from fashiontools.train.checkpoint import load_newest, save
from fashiontools.train.processes import Processes
from fashiontools.train.recipe import Batch, Picked, Place
from fashiontools.train.recipes.coarse_to_fine.presets import PRESETS
from fashiontools.train.recipes.coarse_to_fine.recipe import CoarseToFine
from fashiontools.train.recipes.coarse_to_fine.released import ReleasedCode, build, last_crop
from fashiontools.train.turns import Turns

CPU = torch.device("cpu")
SETTINGS = {name: value for name, value in PRESETS["released-code"].items() if name not in ("batch", "epochs")}


def recipe_of(**settings: object) -> ReleasedCode:
    torch.manual_seed(0)
    recipe = build(options_of(**SETTINGS, **settings), data_of(4), CPU)
    assert isinstance(recipe, ReleasedCode)
    return recipe


def batch_of(recipe: CoarseToFine, step: int) -> Batch:
    numbers = np.arange(4)
    photo = torch.from_numpy(recipe._data.photos.batch(numbers)).permute(0, 3, 1, 2).float() / 127.5 - 1
    return {"photo": photo, **recipe.draw(Picked(numbers, np.zeros(4, bool), step, 0))}


def take(turns: Turns, recipe: CoarseToFine, step: int) -> None:
    turns.take(batch_of(recipe, step), 4, Place(step, 0, 0.0))


def weights(recipe: CoarseToFine, name: str) -> list[Tensor]:
    return [parameter.detach().clone() for parameter in recipe.modules[name].parameters()]


def equal(one: list[Tensor], other: list[Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_the_papers_recipe_is_another() -> None:
    assert not isinstance(build(options_of(), data_of(4), CPU), ReleasedCode)


def test_the_style_loss_has_no_gradient_and_pixels_have() -> None:
    recipe = recipe_of()
    batch = recipe.share(batch_of(recipe, 0))
    output = batch["coarse"].detach().requires_grad_(True)
    loss, parts = recipe._reconstruction.loss(output, batch["photo"], batch["mask"], [])
    assert parts["style"].item() > 0
    assert not parts["style"].requires_grad
    alone = torch.autograd.grad(recipe._options.pixel_weight * parts["pixel"], output, retain_graph=True)[0]
    assert torch.equal(torch.autograd.grad(loss, output)[0], alone)


def test_total_variation_is_the_refinements_alone() -> None:
    recipe = recipe_of()
    batch = recipe.share(batch_of(recipe, 0))
    assert "variation" not in recipe._reconstruct(batch, "coarse")[1]
    refined = batch["refined"]
    by_hand = (refined.diff(dim=3).abs().sum() + refined.diff(dim=2).abs().sum()) / len(refined)
    assert recipe._reconstruct(batch, "refined")[1]["variation"].item() == pytest.approx(by_hand.item(), rel=1e-5)


def test_the_local_one_sees_the_last_hole_and_sends_no_gradient() -> None:
    image = torch.rand(3, 3, 64, 64, requires_grad=True)
    boxes = torch.tensor([[0.1, 0.1, 0.5, 0.5], [0.2, 0.2, 0.6, 0.6], [0.3, 0.4, 0.7, 0.8]])
    crop = last_crop(image, boxes)
    assert torch.equal(crop, crop_holes(image, boxes)[2:].detach())
    assert not crop.requires_grad


def test_the_global_one_is_never_trained_and_attention_never_acts() -> None:
    recipe = recipe_of()
    before, turns = weights(recipe, "global"), Turns(recipe, recipe._options, Processes(CPU))
    for step in range(2):
        take(turns, recipe, step)
    assert equal(before, weights(recipe, "global"))
    for name in ("coarse", "refinement"):
        gate = recipe.modules[name].attention.gate
        assert gate.item() == 0
        assert not isinstance(gate, torch.nn.Parameter)


def test_gradients_of_150_steps_ago_are_taken_at_every_step() -> None:
    recipe = recipe_of()
    turns = Turns(recipe, recipe._options, Processes(CPU))
    found = []
    for step in (0, 1, 2, 150):
        before = weights(recipe, "local")
        take(turns, recipe, step)
        assert not equal(before, weights(recipe, "local")), "the optimizer steps all the same"
        found.append([parameter.grad.clone() for parameter in recipe.modules["local"].parameters()])
    assert equal(found[0], found[1])
    assert equal(found[0], found[2])
    assert not equal(found[0], found[3])


def test_old_gradients_outlive_a_restart(tmp_path: Path) -> None:
    states = []
    for broken in (False, True):
        recipe = recipe_of()
        turns = Turns(recipe, recipe._options, Processes(CPU))
        take(turns, recipe, 0)
        if broken:
            save(tmp_path, 1, turns.trained, {}, 1)
            recipe = recipe_of()
            turns = Turns(recipe, recipe._options, Processes(CPU))
            load_newest(tmp_path, turns.trained)
        torch.manual_seed(1)
        take(turns, recipe, 1)
        states.append(weights(recipe, "local"))
    assert equal(*states)


@pytest.mark.parametrize("settings", [{"accumulate": 2}, {"processes": 2}, {"mixed_precision": "fp16"}])
def test_what_would_change_the_old_gradients_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="--as-released"):
        options_of(**SETTINGS, **settings)


def test_the_text_is_read_at_its_last_place_padding_included() -> None:
    torch.manual_seed(0)
    text = recipe_of().modules["text"].eval()
    tokens = torch.tensor([[2, 5, 3, 0, 0], [2, 5, 3, 4, 1]])
    with torch.no_grad():
        output, _ = text.lstm(text.embedding(tokens))
        expected = text.head(output[:, -1])
        assert torch.equal(text(tokens), expected)
        longer = text(torch.tensor([[2, 5, 3, 0, 0, 0, 0, 0]]))
    assert not torch.allclose(longer, expected[:1], atol=1e-7), "more padding hides the text further"
