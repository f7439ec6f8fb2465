"""Every table of names: each entry is found, has a name that can be typed, one line of summary and a source."""

import inspect
import re
from collections.abc import Mapping

import pytest

from fashiontools.cli import COMMANDS
from fashiontools.cluster_pairs.options import FEATURES
from fashiontools.core.errors import UsageError
from fashiontools.core.registry import Entry, lookup
from fashiontools.detect_crop.options import DETECTORS
from fashiontools.evaluate.options import METRICS
from fashiontools.import_data.options import IMPORTERS
from fashiontools.inpaint.options import FILLS
from fashiontools.models.registry import MODELS
from fashiontools.scrape.shop.table import SITES
from fashiontools.train.table import RECIPES

TABLES: dict[str, Mapping[str, Entry]] = {
    "models": MODELS,
    "detectors": DETECTORS,
    "features": FEATURES,
    "metrics": METRICS,
    "fills": FILLS,
    "recipes": RECIPES,
    "importers": IMPORTERS,
    "shops": SITES,
}
each_entry = pytest.mark.parametrize(
    ("table", "name"), [pytest.param(table, name, id=f"{table}: {name}") for table in TABLES for name in TABLES[table]]
)


@each_entry
def test_an_entry_is_found_and_told(table: str, name: str) -> None:
    entry = TABLES[table][name]
    assert callable(entry.load())
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name)
    for text in (entry.summary, entry.source):
        assert text.strip() == text != ""
        assert "\n" not in text
        assert len(text) <= 100


@each_entry
def test_what_an_entry_names_says_what_it_is(table: str, name: str) -> None:
    assert inspect.getdoc(TABLES[table][name].load())


@pytest.mark.parametrize("name", list(RECIPES))
def test_a_recipe_is_found(name: str) -> None:
    recipe = Entry(target=RECIPES[name].recipe, summary="", source="").load()
    assert callable(recipe)
    assert RECIPES[name].load().recipe == name


@pytest.mark.parametrize("kind", list(TABLES))
def test_an_unknown_name_tells_the_near_ones(kind: str) -> None:
    table = TABLES[kind]
    for name, entry in table.items():
        assert lookup(table, name, kind) is entry
        with pytest.raises(UsageError, match=rf"^unknown {kind} '{name}x': did you mean .*{name}"):
            lookup(table, name + "x", kind)
    with pytest.raises(UsageError, match=r"known: " + ", ".join(sorted(table))):
        lookup(table, "zzzzzzzzzzz", kind)


@pytest.mark.parametrize("name", list(COMMANDS))
def test_a_command_has_a_name_and_a_summary(name: str) -> None:
    target, summary = COMMANDS[name]
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)
    assert re.fullmatch(r"fashiontools(\.[a-z_]+)+:[A-Z]+", target)
    assert re.fullmatch(r"[A-Z].*\.", summary)
