"""Presets: defaults of other options, which what the user typed wins over; through the real command line too."""

import dataclasses
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest

from fashiontools.core.options import preset
from fashiontools.train.table import RECIPES

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@dataclasses.dataclass(frozen=True)
class Paint:
    """Options with presets."""

    PRESETS: ClassVar = {"plain": {}, "bright": {"red": 9, "name": "sun"}}

    preset: str = "plain"
    red: int = 1
    blue: int = 2
    name: str = "none"


def settled(typed: dict[str, Any]) -> dict[str, Any]:
    values = {**dataclasses.asdict(Paint()), **typed}
    return preset(Paint, values, set(typed))


def test_a_preset_wins_over_defaults_and_what_is_typed_over_a_preset() -> None:
    assert settled({}) == dataclasses.asdict(Paint())
    assert settled({"preset": "plain", "red": 5}) == {"preset": "plain", "red": 5, "blue": 2, "name": "none"}
    assert settled({"preset": "bright"}) == {"preset": "bright", "red": 9, "blue": 2, "name": "sun"}
    assert settled({"preset": "bright", "red": 5}) == {"preset": "bright", "red": 5, "blue": 2, "name": "sun"}


def test_typing_the_default_is_typing() -> None:
    assert settled({"preset": "bright", "red": 1})["red"] == 1


def test_options_without_presets_stay_as_they_are() -> None:
    @dataclasses.dataclass(frozen=True)
    class Bare:
        red: int = 1

    assert preset(Bare, {"red": 1}, set()) == {"red": 1}


WITH_PRESETS = [name for name, command in RECIPES.items() if command.load().PRESETS]


@pytest.mark.parametrize("name", WITH_PRESETS)
def test_the_presets_of_a_recipe_name_its_options(name: str) -> None:
    options = RECIPES[name].load()
    assert options.PRESETS[options().preset] == {}, "the default preset is the defaults"
    fields = {field.name for field in dataclasses.fields(options)}
    for chosen, values in options.PRESETS.items():
        assert set(values) <= fields - {"preset"}
        options(preset=chosen, **values)


@pytest.mark.parametrize("name", list(RECIPES))
def test_a_recipe_has_presets_where_it_has_the_option(name: str) -> None:
    options = RECIPES[name].load()
    assert (name in WITH_PRESETS) == ("preset" in {field.name for field in dataclasses.fields(options)})


def test_a_run_records_what_came_of_its_preset(run: Run, lookbook: Path, tmp_path: Path) -> None:
    """One value of the preset is typed as it is by default, one anew."""
    words = ("--preset", "modern", "--size", "16", "--generator-width", "8", "--ema", "0", "--steps", "1")
    done = run("train", "dcgan", lookbook, *words, "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    chosen = RECIPES["dcgan"].load().PRESETS["modern"]
    recorded = json.loads((tmp_path / "run" / "run.json").read_text())
    typed = {"size": 16, "generator_width": 8, "ema": 0.0, "preset": "modern"}
    assert {key: recorded["options"][key] for key in (*chosen, *typed)} == {**chosen, **typed}
    assert chosen["ema"] > 0
    assert recorded["models"]["generator"]["arguments"]["width"] == 8
    assert recorded["models"]["discriminator"]["arguments"]["width"] == chosen["discriminator_width"]


def test_an_unknown_preset_tells_the_near_one(run: Run, lookbook: Path, tmp_path: Path) -> None:
    done = run("train", "dcgan", lookbook, "--preset", "moderm", "--steps", "1", "-o", tmp_path / "run")
    assert done.returncode == 2
    assert done.stderr == "fashiontools: --preset 'moderm': did you mean modern?\n"
    assert not (tmp_path / "run").exists()
