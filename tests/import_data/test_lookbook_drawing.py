"""The lookbook's drawing: what is drawn, that it says so, and that masks and boxes are true."""

import colorsys
from dataclasses import replace

import numpy as np
import pytest

from fashiontools.import_data.lookbook.attributes import (
    CATEGORIES,
    FITS,
    LENGTHS,
    NECKLINES,
    PATTERNS,
    SLEEVE_LENGTHS,
    Garment,
    draw_garment_attributes,
    label_of,
)
from fashiontools.import_data.lookbook.body import draw_person
from fashiontools.import_data.lookbook.photo import POSES, Shot, draw_packshot, draw_worn
from fashiontools.import_data.lookbook.wording import english_description, german_attributes, german_name

SMALL = (160, 120)

# The words German shops use, first English key whose word occurs; written apart from the drawing's own word lists.
RULES = {
    "sleeve_length": {
        "half": "viertelarm|halb",
        "short": "kurz",
        "long": "lang",
        "sleeveless": "spaghetti|ärmellos",
    },
    "length": {
        "normal": "normal|mittel",
        "knee": "knielang",
        "short": "kurz|oberschenkel",
        "3-4": "7/8|3/4|waden|knöchel",
        "long": "lang",
    },
    "neckline": {
        "v": "v-ausschnitt",
        "round": "rund",
        "lined": "eingefasst",
        "back": "rücken",
        "wide": "weit|carmen|u-boot",
        "deep": "tief",
    },
    "pattern": {
        "lace": "spitze",
        "floral": "blüm|floral",
        "polkadots": "punkt",
        "stripes": "streif",
        "print": "all-over|meliert|print|camouflage|kariert|paisley",
        "unicolors": "unifarben",
    },
    "fit": {
        "normal": "gerade|normal|straight|regular",
        "loose": "locker|weit|loose|oversized|wide",
        "tight": "tailliert|skinny|körper|figur|eng|slim|schmal",
    },
}


def garment_with(category: str, seed: int = 0, **values: object) -> Garment:
    """Draw a garment of a category and replace some of its values."""
    rng = np.random.default_rng(seed)
    while (garment := draw_garment_attributes(rng)).category != category:
        pass
    return replace(garment, **values)


def worn(garment: Garment, pose: str, seed: int = 3, size: tuple[int, int] = SMALL) -> Shot:
    return draw_worn(garment, pose, np.random.default_rng(seed), draw_person(np.random.default_rng(seed)), size)


def packshot(garment: Garment, seed: int = 3, size: tuple[int, int] = SMALL) -> Shot:
    return draw_packshot(garment, np.random.default_rng(seed), size)


def attribute_of_tag(key: str) -> str | None:
    if "ärmel" in key:
        return "sleeve_length"
    if key.startswith("länge"):
        return "length"
    if "ausschnitt" in key:
        return "neckline"
    if "muster" in key:
        return "pattern"
    return "fit" if "passform" in key or " schnitt" in key else None


def parsed(text: str) -> dict[str, str]:
    """Read the attribute values out of a tag list by the rules."""
    values: dict[str, str] = {}
    for tag in text.lower().split(", "):
        key, colon, words = tag.partition(":")
        attribute = attribute_of_tag(key) if colon else None
        if attribute is None:
            continue
        matches = [name for name, rule in RULES[attribute].items() if any(word in words for word in rule.split("|"))]
        assert matches, tag
        assert attribute not in values, text
        values[attribute] = matches[0]
    return values


def test_every_drawn_value_is_a_known_one_and_lower_garments_have_no_neck():
    rng = np.random.default_rng(5)
    garments = [draw_garment_attributes(rng) for _ in range(300)]
    assert {garment.category for garment in garments} == set(CATEGORIES)
    assert {garment.pattern for garment in garments} == set(PATTERNS)
    assert {garment.fit for garment in garments} == set(FITS)
    for garment in garments:
        lower = label_of(garment.category) == "lower"
        assert garment.length in LENGTHS
        assert garment.neckline in ([""] if lower else NECKLINES)
        assert garment.sleeve_length in ([""] if lower else SLEEVE_LENGTHS)


def test_german_tags_parse_back_to_the_attributes():
    rng = np.random.default_rng(6)
    for _ in range(200):
        garment = draw_garment_attributes(rng)
        wanted = {name: getattr(garment, name) for name in RULES if getattr(garment, name)}
        assert parsed(german_attributes(garment, rng)) == wanted


def test_a_garment_without_values_gets_no_tags_for_them():
    garment = garment_with("tops", length="", neckline="", sleeve_length="")
    assert set(parsed(german_attributes(garment, np.random.default_rng(0)))) == {"pattern", "fit"}


def test_names_and_descriptions_read_like_a_shop():
    garment = garment_with(
        "dresses", color="red", length="knee", fit="loose", pattern="floral", sleeve_length="short", neckline="v"
    )
    assert english_description(garment) == ("A loose knee-length red floral dress with short sleeves and a v neckline.")
    assert german_name(replace(garment, length="short")) == "Sommerkleid mit Blumenmuster - rot"
    pants = garment_with("pants", color="black", length="long", fit="tight", pattern="unicolors")
    assert english_description(pants) == "A tight long black pair of pants."


@pytest.mark.parametrize("category", CATEGORIES)
def test_masks_and_boxes_are_true_in_every_shot(category):
    garment = garment_with(category, 1)
    for shot in (packshot(garment), *(worn(garment, pose) for pose in POSES)):
        assert shot.image.shape == (*SMALL, 3)
        assert shot.image.dtype == shot.garment.dtype == np.uint8
        assert set(np.unique(shot.garment)) <= {0, 255}
        rows, columns = np.nonzero(shot.garment)
        assert len(rows) > 150
        x, y, width, height = shot.box
        assert (x, y) == (columns.min(), rows.min())
        assert (x + width, y + height) == (columns.max() + 1, rows.max() + 1)


@pytest.mark.parametrize("category", CATEGORIES)
def test_the_same_seed_gives_the_same_bytes_and_another_does_not(category):
    garment = garment_with(category, 2)
    first, again, other = worn(garment, "front", 4), worn(garment, "front", 4), worn(garment, "front", 5)
    assert first.image.tobytes() == again.image.tobytes()
    assert first.garment.tobytes() == again.garment.tobytes()
    assert first.image.tobytes() != other.image.tobytes()
    assert packshot(garment, 4).image.tobytes() == packshot(garment, 4).image.tobytes()


def test_drawing_leaves_the_global_random_state_alone():
    np.random.seed(9)
    wanted = np.random.random()
    np.random.seed(9)
    packshot(garment_with("tops", 3, pattern="floral"))
    worn(garment_with("tops", 3, pattern="floral"), "front")
    assert np.random.random() == wanted


@pytest.mark.parametrize("category", CATEGORIES)
def test_packshots_are_white_but_for_garment_and_a_faint_shadow(category):
    shot = packshot(garment_with(category, 4, pattern="unicolors"), size=(266, 200))
    background = shot.image[shot.garment == 0].min(axis=1)
    # Half-covered pixels on the outline are neither garment nor shadow.
    assert np.mean(background >= 225) > 0.95
    assert np.mean(background == 255) > 0.5
    assert shot.image[0].min() == shot.image[:, 0].min() == shot.image[-1].min() == 255


@pytest.mark.parametrize(
    ("color", "base", "hue"),
    [
        ("red", (190, 32, 44), 0),
        ("yellow", (236, 196, 60), 46),
        ("green", (44, 112, 72), 145),
        ("blue", (40, 74, 148), 221),
        ("pink", (232, 128, 166), 338),
    ],
)
def test_plain_garments_show_their_colour(color, base, hue):
    for category in ("dresses", "pants", "jackets"):
        garment = garment_with(category, 5, color=color, base=base, pattern="unicolors", neckline="round")
        for shot in (packshot(garment), worn(garment, "upper")):
            mean = shot.image[shot.garment > 0].mean(axis=0) / 255
            turn = abs(colorsys.rgb_to_hsv(*mean)[0] * 360 - hue)
            assert min(turn, 360 - turn) < 18


def test_longer_sleeves_cover_more():
    for category in ("tops", "dresses", "blouses"):
        garment = garment_with(category, 6)
        # Worn shots, whose scale stays the same; a packshot is framed anew for every cut.
        for pose in ("front", "back"):
            areas = [
                np.count_nonzero(worn(replace(garment, sleeve_length=length), pose, 8).garment)
                for length in ("sleeveless", "short", "half", "long")
            ]
            assert areas == sorted(areas)
            assert areas[-1] > 1.15 * areas[0]


@pytest.mark.parametrize(
    ("category", "lengths"),
    [
        ("dresses", ("short", "knee", "long")),
        ("skirts", ("short", "knee", "long")),
        ("pants", ("short", "3-4", "long")),
        ("tops", ("short", "normal", "long")),
        ("jackets", ("short", "normal", "long")),
    ],
)
def test_longer_garments_reach_lower(category, lengths):
    garment = garment_with(category, 7)
    heights = [worn(replace(garment, length=length), "front", 9).box[3] for length in lengths]
    assert heights == sorted(heights)
    assert heights[-1] > 1.2 * heights[0]


def test_wider_fits_are_wider():
    for category in ("dresses", "tops", "pants", "skirts"):
        areas = [
            np.count_nonzero(worn(garment_with(category, 8, fit=fit, length="long"), "front", 7).garment)
            for fit in ("tight", "normal", "loose")
        ]
        assert areas == sorted(areas)


def test_necklines_differ():
    garment = garment_with("tops", 9, pattern="unicolors", closure="none", fit="normal")
    masks = {
        neckline: worn(replace(garment, neckline=neckline), "upper", 6).garment > 0
        for neckline in ("round", "v", "wide", "deep", "back")
    }
    assert all((masks["back"].sum() > masks[other].sum()) for other in ("v", "wide", "deep"))
    assert masks["deep"].sum() < masks["v"].sum()
    backs = {
        name: worn(replace(garment, neckline=name), "back", 6, (266, 200)).garment > 0 for name in ("back", "round")
    }
    assert backs["back"].sum() < backs["round"].sum()
    plain, lined = (packshot(replace(garment, neckline=name)).image for name in ("round", "lined"))
    assert (plain != lined).any()


@pytest.mark.parametrize("size", [(64, 64), (65, 97), (256, 256), (90, 240)])
def test_any_size_from_64_up(size):
    for category in ("dresses", "pants"):
        garment = garment_with(category, 10)
        for shot in (packshot(garment, size=size), *(worn(garment, pose, size=size) for pose in POSES)):
            assert shot.image.shape == (*size, 3)
            assert shot.garment.any()


def test_bad_arguments_are_refused():
    garment = garment_with("tops")
    with pytest.raises(ValueError, match="pose"):
        worn(garment, "side")
    with pytest.raises(ValueError, match="64"):
        packshot(garment, size=(32, 100))


def colour_histogram(shot: Shot) -> np.ndarray:
    cells = (shot.image[shot.garment > 0] // 32).astype(np.int64) @ np.array([64, 8, 1])
    counts = np.bincount(cells, minlength=512).astype(np.float64)
    return counts / counts.sum()


def test_a_product_looks_the_same_in_its_photos():
    rng = np.random.default_rng(12)
    garments = [draw_garment_attributes(rng) for _ in range(14)]
    fronts = [colour_histogram(worn(garment, "front", index, (266, 200))) for index, garment in enumerate(garments)]
    packs = [colour_histogram(packshot(garment, index, (266, 200))) for index, garment in enumerate(garments)]
    distances = np.array([[np.abs(front - pack).sum() for pack in packs] for front in fronts])
    own = np.diag(distances)
    others = distances[~np.eye(len(garments), dtype=bool)]
    assert own.mean() < 0.7 * others.mean()
