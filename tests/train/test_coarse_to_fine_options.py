"""What `train coarse-to-fine` is by default, as the paper says it, and what its options refuse."""

from dataclasses import fields
from functools import partial

import pytest
import torch
from paintings import data_of, options_of

from fashiontools.core.errors import FashiontoolsError
from fashiontools.core.options import preset
from fashiontools.train.recipe import Place
from fashiontools.train.recipes.coarse_to_fine.options import CoarseToFineOptions
from fashiontools.train.recipes.coarse_to_fine.recipe import CoarseToFine

# Section 4.2 of the paper, and the figures of the released code that it leaves open.
PAPER = {
    "preset": "paper", "size": 256, "batch": 32, "steps": 120_000, "epochs": None, "flip": True,
    "coarse_rate": 0.002, "refinement_rate": 0.001, "discriminator_rate": 0.0001,
    "beta1": 0.5, "beta2": 0.999, "schedule": "exponential", "decay": 0.95, "ema": 0.0,
    "norm": "instance", "upsample": "transpose", "attention": True, "descriptions": True, "content_loss": False,
    "width": 32, "dropout": 0.3, "hole": "white", "mask_channel": False, "residual": False, "as_released": False,
    "text_width": 1024, "text_features": 128, "text_dropout": 0.25, "text_length": 32,
    "vocabulary": 10_000, "word_count": 3,
    "objective": "cross-entropy", "log_error_weight": 0.0, "variation_weight": 0.0,
    "area": (1 / 32, 1 / 16), "aspect": (0.75, 1.25), "position": "central",
}  # fmt: skip
TABLE_1 = {
    "BN + US": {"norm": "batch", "upsample": "bilinear"},
    "IN + US": {"upsample": "bilinear"},
    "BN + TC": {"norm": "batch"},
    "IN + TC": {},
    "IN + TC + CL": {"content_loss": True},
    "IN + TC - D": {"descriptions": False},
    "IN + TC - SA": {"attention": False},
}


def test_the_defaults_are_the_papers() -> None:
    options = CoarseToFineOptions()
    assert {name: getattr(options, name) for name in PAPER} == PAPER


def test_weights_have_the_papers_ratios() -> None:
    options = CoarseToFineOptions()
    assert options.style_weight == 5 * options.pixel_weight
    assert options.global_weight == options.local_weight
    assert options.reconstruction_weight == 2 * options.global_weight


def test_three_optimizers_are_the_papers() -> None:
    recipe = CoarseToFine(options_of(), data_of(2), torch.device("cpu"))
    assert [(turn.name, turn.trains) for turn in recipe.turns] == [
        ("coarse", ("text", "coarse")),
        ("discriminators", ("global", "local")),
        ("refinement", ("refinement",)),
    ]
    for turn, rate in zip(recipe.turns, (0.002, 0.0001, 0.001), strict=True):
        adam = turn.optimizer(recipe.modules[turn.trains[0]].parameters())
        assert isinstance(adam, torch.optim.Adam)
        assert (adam.defaults["lr"], adam.defaults["betas"]) == (rate, (0.5, 0.999))
        assert (turn.repeat, turn.every, turn.begin, turn.end) == (1, 1, 0, None)
        factors = [turn.schedule(Place(step=100 * epoch, epoch=epoch, share=0.1)) for epoch in range(4)]
        assert factors == pytest.approx([1, 0.95, 0.95**2, 0.95**3])


@pytest.mark.parametrize("row", TABLE_1.values(), ids=TABLE_1)
def test_every_row_of_table_1_is_an_option(row: dict[str, object]) -> None:
    recipe = CoarseToFine(options_of(**row, style_weight=100.0), data_of(2), torch.device("cpu"))
    for name in ("coarse", "refinement"):
        arguments = recipe.models[name].arguments
        assert arguments["norm"] == row.get("norm", "instance")
        assert arguments["upsample"] == row.get("upsample", "transpose")
        assert arguments["attention"] is row.get("attention", True)
    assert ("text" in recipe.models) is row.get("descriptions", True)
    assert recipe.models["refinement"].arguments.get("text", 0) == 0
    batch = recipe.share({**recipe._fixed})
    losses = {name: turn.losses(batch) for name, turn in ((turn.name, turn) for turn in recipe.turns)}
    assert all(torch.isfinite(loss["loss"]) for loss in losses.values())
    for name in ("coarse", "refinement"):
        assert any("content" in key for key in losses[name]) is ("content_loss" in row)


def test_the_columns_are_the_descriptions() -> None:
    assert list(CoarseToFineOptions().columns) == ["description"]
    assert list(CoarseToFineOptions(descriptions=False).columns) == []


# --------------------------------------------------------------------------------------------------------- presets


def test_presets_name_options_that_there_are() -> None:
    known = {field.name for field in fields(CoarseToFineOptions)}
    for name, values in CoarseToFineOptions.PRESETS.items():
        assert set(values) <= known, name
        CoarseToFineOptions(**values)
    assert CoarseToFineOptions.PRESETS["paper"] == {}


def test_what_is_typed_wins_over_the_preset() -> None:
    given = {"preset": "modern", "dropout": 0.3, "ema": 0.0}
    chosen = partial(preset, CoarseToFineOptions, given)
    assert chosen(set())["dropout"] == CoarseToFineOptions.PRESETS["modern"]["dropout"] == 0.0
    assert chosen({"dropout"})["dropout"] == 0.3
    assert chosen({"dropout"})["ema"] == 0.999


def test_epochs_take_the_place_of_the_papers_steps() -> None:
    assert (CoarseToFineOptions(epochs=3).steps, CoarseToFineOptions(epochs=3).epochs) == (None, 3)
    assert CoarseToFineOptions(steps=7).steps == 7


def test_steps_that_are_typed_end_a_run_whose_preset_has_epochs() -> None:
    released = {**CoarseToFineOptions.PRESETS["released-code"]}
    assert CoarseToFineOptions(**released).steps is None
    assert CoarseToFineOptions(**released, steps=3).steps == 3
    assert CoarseToFineOptions(**released, steps=120_000).steps == 120_000
    assert CoarseToFineOptions().steps == 120_000


# --------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"size": 96}, r"--size 96.*64, 128, 256, 512"),
        ({"width": 6}, r"--width 6: at --size 256 .* multiple of 4"),
        ({"width": 20, "size": 512}, r"--width 20: at --size 512 .* multiple of 16"),
        ({"text_features": 100}, r"--text-features 100: .* multiple of 16"),
        ({"text_features": 96, "size": 512}, r"--text-features 96: .* multiple of 64"),
        ({"vgg_layers": "relu1_2,relu9"}, r"--vgg-layers 'relu9': known are relu1_2, "),
        ({"area": (0.2, 0.1)}, r"--area"),
        ({"area": (0.3, 0.5)}, r"--area: a central hole takes 0.36\d of the image at most; --position anywhere"),
        ({"aspect": (0.0, 1.0)}, r"--aspect"),
        ({"variation_weight": 1.0}, r"--variation-weight"),
        ({"as_released": True, "objective": "hinge"}, r"--as-released.*cross-entropy"),
        ({"as_released": True, "residual": True}, r"--as-released.*--residual"),
        ({"as_released": True, "schedule": "cosine"}, r"--as-released.*--schedule"),
        ({"as_released": True, "decay": 0.9}, r"--as-released.*--decay"),
        ({"as_released": True, "beta1": 0.9}, r"--as-released.*--beta1"),
        ({"as_released": True, "vgg": "nosuchfile"}, r"--as-released.*--vgg"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_what_cannot_be_is_told_in_a_line(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(FashiontoolsError, match=told) as error:
        CoarseToFineOptions(**wrong)
    assert error.value.exit_code == 2
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("right", [
    {"width": 16, "size": 512, "text_features": 64}, {"width": 4}, {"width": 4, "size": 64, "text_features": 16},
    {"area": (0.3, 0.35)}, {"area": (0.3, 1.0), "position": "anywhere"},
])  # fmt: skip
def test_what_a_message_says_would_be_right_is(right: dict[str, object]) -> None:
    CoarseToFineOptions(**right)
