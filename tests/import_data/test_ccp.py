"""`import ccp`: a small set made here as it is distributed, its colours and sentences, and how it goes wrong."""

import csv
import io
import json
import re
import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from scipy.io import loadmat, savemat
from skimage.color import rgb2lab

from fashiontools.core.errors import BadRow
from fashiontools.import_data.ccp.annotations import read_label_map, read_tags
from fashiontools.import_data.ccp.colours import NAMED_COLOURS, colour_name, to_lab
from fashiontools.import_data.ccp.garments import GARMENTS, NO_GARMENT
from fashiontools.import_data.ccp.looks import Look, core_of, look_of
from fashiontools.import_data.ccp.wording import describe

Run = Callable[..., subprocess.CompletedProcess[str]]
Tree = Callable[[Path], dict[str, bytes]]

# The label list of the published set, in its order.
LABELS = [
    "null", "accessories", "bag", "belt", "blazer", "blouse", "bodysuit", "boots", "bra", "bracelet", "cape",
    "cardigan", "clogs", "coat", "dress", "earrings", "flats", "glasses", "gloves", "hair", "hat", "heels",
    "hoodie", "intimate", "jacket", "jeans", "jumper", "leggings", "loafers", "necklace", "panties", "pants",
    "pumps", "purse", "ring", "romper", "sandals", "scarf", "shirt", "shoes", "shorts", "skin", "skirt",
    "sneakers", "socks", "stockings", "suit", "sunglasses", "sweater", "sweatshirt", "swimwear", "t-shirt", "tie",
    "tights", "top", "vest", "wallet", "watch", "wedges",
]  # fmt: skip
HEIGHT, WIDTH = 200, 120
BACKGROUND = (150, 160, 150)


@dataclass
class Person:
    """A drawn photo: label -> (top, bottom, left, right, colour or picture)."""

    worn: dict[str, tuple[int, int, int, int, object]] = field(default_factory=dict)

    def draw(self) -> tuple[np.ndarray, np.ndarray]:
        photo = np.full((HEIGHT, WIDTH, 3), BACKGROUND, np.uint8)
        label_map = np.zeros((HEIGHT, WIDTH), np.uint8)
        for label, (top, bottom, left, right, colour) in self.worn.items():
            photo[top:bottom, left:right] = colour
            label_map[top:bottom, left:right] = LABELS.index(label)
        return photo, label_map


NAVY, WHITE, GRAY, BLACK, RED, CAMEL = (
    (30, 38, 72), (250, 250, 250), (128, 128, 130), (15, 15, 16), (200, 28, 36), (184, 134, 74),
)  # fmt: skip
IN_A_BLAZER = Person(
    {
        "skin": (10, 30, 45, 75, (220, 180, 150)),
        "blazer": (30, 90, 30, 90, NAVY),
        "shirt": (30, 80, 50, 70, WHITE),
        "jeans": (90, 170, 40, 80, GRAY),
        "boots": (170, 195, 40, 80, BLACK),
    }
)
IN_A_DRESS = Person(
    {
        "hair": (5, 20, 45, 75, (90, 60, 40)),
        "dress": (30, 150, 35, 85, RED),
        "bag": (80, 110, 90, 115, CAMEL),
        "bracelet": (75, 79, 90, 102, (240, 200, 60)),
        "sunglasses": (20, 26, 48, 72, BLACK),
    }
)


def write_set(folder: Path, people: dict[str, Person], tags: dict[str, list[str]]) -> Path:
    """Write a set as it is distributed: JPEG photos, `groundtruth` and `tags` in MATLAB files, the list as cells."""
    for place in ("photos", "annotations/pixel-level", "annotations/image-level"):
        (folder / place).mkdir(parents=True, exist_ok=True)
    cells = np.empty((1, len(LABELS)), object)
    cells[0, :] = LABELS
    savemat(folder / "label_list.mat", {"label_list": cells}, do_compression=True)
    for number, person in people.items():
        photo, label_map = person.draw()
        Image.fromarray(photo).save(folder / "photos" / f"{number}.jpg", quality=97, subsampling=0)
        savemat(folder / "annotations/pixel-level" / f"{number}.mat", {"groundtruth": label_map}, do_compression=True)
    for number, names in tags.items():
        Image.fromarray(IN_A_DRESS.draw()[0]).rotate(180).save(folder / "photos" / f"{number}.jpg", quality=90)
        ids = np.array([[LABELS.index(name) for name in names]], np.uint8)
        savemat(folder / "annotations/image-level" / f"{number}.mat", {"tags": ids})
    return folder


@pytest.fixture
def ccp_set(tmp_path: Path) -> Path:
    people = {"0001": IN_A_BLAZER, "0002": IN_A_DRESS}
    return write_set(tmp_path / "set", people, {"1005": ["skin", "coat", "hat", "skirt", "pumps", "null", "hair"]})


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def manifest_of(folder: Path) -> list[dict[str, str]]:
    return rows_of((folder / "manifest.csv").read_text(encoding="utf-8"))


# ------------------------------------------------------------------------------------------------------ the command


def test_a_set_becomes_a_manifest(in_process: Run, ccp_set: Path, tmp_path: Path) -> None:
    out = tmp_path / "street"
    done = in_process("import", "ccp", ccp_set, "--no-boxes", "-o", out)
    assert done.returncode == 0, done.stderr
    blazer, dress, tagged = rows_of(done.stdout)
    assert blazer["path"] == str(ccp_set / "photos" / "0001.jpg")
    assert blazer["description"] == "a navy blazer over a white shirt, gray jeans and black boots"
    assert dress["description"] == "a red dress, a camel bag, sunglasses and a bracelet"
    assert tagged["description"] == "a coat, a skirt, pumps and a hat"
    assert [row["annotation"] for row in (blazer, dress, tagged)] == ["pixel", "pixel", "image"]
    assert [row["id"] for row in (blazer, dress, tagged)] == ["0001", "0002", "1005"]
    assert (blazer["width"], blazer["height"]) == (str(WIDTH), str(HEIGHT))
    assert blazer["labels"] == "blazer, boots, jeans, shirt"
    assert {row["status"] for row in (blazer, dress, tagged)} == {"ok"}
    assert manifest_of(out)[0]["path"] == "../set/photos/0001.jpg"
    assert not list(out.rglob("*.jpg")), "photos stay where they lie"


def test_garment_masks_are_the_clothing(in_process: Run, ccp_set: Path, tmp_path: Path) -> None:
    out = tmp_path / "street"
    in_process("import", "ccp", ccp_set, "--no-boxes", "-o", out)
    _, dress, tagged = manifest_of(out)
    mask = Image.open(out / dress["garment"])
    assert (mask.format, mask.mode, mask.size) == ("PNG", "L", (WIDTH, HEIGHT))
    truth = IN_A_DRESS.draw()[1] == LABELS.index("dress")  # not the bag, the bracelet, the sunglasses or the hair
    assert (np.asarray(mask) == np.where(truth, 255, 0)).all()
    assert tagged["garment"] == ""


def test_the_set_is_never_written_to(run: Run, ccp_set: Path, tree: Tree) -> None:
    before = tree(ccp_set)
    for words in (["-o", ccp_set / "out"], ["-o", ccp_set], []):
        done = run("import", "ccp", ccp_set, *words, cwd=ccp_set)
        assert done.returncode == 2
        assert re.fullmatch(r"fashiontools: .*is in the set.*name another output folder with -o\n", done.stderr)
    assert tree(ccp_set) == before


@pytest.mark.parametrize("workers", ["1", "3"])
def test_the_same_bytes_whatever_the_workers(in_process: Run, tmp_path: Path, tree: Tree, workers: str) -> None:
    people = {f"{number:04d}": (IN_A_BLAZER, IN_A_DRESS)[number % 2] for number in range(1, 10)}
    folder = write_set(tmp_path / "set", people, {})
    assert in_process("import", "ccp", folder, "-o", tmp_path / "two", "--workers", "2").returncode == 0
    assert in_process("import", "ccp", folder, "-o", tmp_path / "other", "--workers", workers).returncode == 0
    assert tree(tmp_path / "two") == tree(tmp_path / "other")


def test_a_second_run_does_only_what_has_changed(in_process: Run, ccp_set: Path, tmp_path: Path) -> None:
    out = tmp_path / "street"
    in_process("import", "ccp", ccp_set, "--no-boxes", "-o", out)
    again = in_process("import", "ccp", ccp_set, "--no-boxes", "-o", out)
    assert "3 of them earlier" in again.stderr
    label_map = loadmat(ccp_set / "annotations/pixel-level/0001.mat")["groundtruth"]
    label_map[label_map == LABELS.index("jeans")] = LABELS.index("pants")
    savemat(ccp_set / "annotations/pixel-level/0001.mat", {"groundtruth": label_map})
    changed = in_process("import", "ccp", ccp_set, "--no-boxes", "-o", out)
    assert "2 of them earlier" in changed.stderr
    assert "gray pants" in manifest_of(out)[0]["description"]


def test_a_killed_run_is_continued(
    in_process: Run, start: Callable, wait_for: Callable, tmp_path: Path, tree: Tree
) -> None:
    people = {f"{number:04d}": IN_A_BLAZER for number in range(1, 400)}
    folder = write_set(tmp_path / "set", people, {})
    assert in_process("import", "ccp", folder, "-o", tmp_path / "whole").returncode == 0
    killed = start("import", "ccp", folder, "-o", tmp_path / "killed", "--workers", "1", stdout=subprocess.DEVNULL)
    log = tmp_path / "killed" / "rows.log.part"
    wait_for(lambda: log.exists() and log.read_bytes().count(b"\n") > 20)
    killed.kill()
    killed.wait()
    assert not (tmp_path / "killed" / "manifest.csv").exists()
    done = in_process("import", "ccp", folder, "-o", tmp_path / "killed")
    assert re.search(r"\d+ of them earlier", done.stderr)
    assert tree(tmp_path / "killed") == tree(tmp_path / "whole")


def test_what_is_wrong_with_one_photo_is_told_in_its_row(in_process: Run, ccp_set: Path, tmp_path: Path) -> None:
    photos, pixels = ccp_set / "photos", ccp_set / "annotations/pixel-level"
    whole = (photos / "0001.jpg").read_bytes()
    for number in ("0003", "0004", "0005", "0006", "0007", "0008", "0009"):
        (photos / f"{number}.jpg").write_bytes(whole)
        (pixels / f"{number}.mat").write_bytes((pixels / "0001.mat").read_bytes())
    (photos / "0003.jpg").write_bytes(whole[: len(whole) // 2])
    (pixels / "0004.mat").unlink()
    savemat(pixels / "0005.mat", {"groundtruth": np.zeros((3, 4), np.uint8)})
    savemat(pixels / "0006.mat", {"groundtruth": np.full((HEIGHT, WIDTH), 59, np.uint8)})
    savemat(pixels / "0007.mat", {"tags": np.zeros((1, 4), np.uint8)})
    savemat(pixels / "0009.mat", {"groundtruth": np.zeros((HEIGHT, WIDTH), np.uint8)})
    (pixels / "0008.mat").write_bytes(b"\x80\x04N.")  # a pickle
    out = tmp_path / "street"
    done = in_process("import", "ccp", ccp_set, "--no-boxes", "-o", out, "--max-errors", "7")
    assert done.returncode == 0, done.stderr
    errors = {row["id"]: row["error"] for row in manifest_of(out) if row["status"] == "failed"}
    assert sorted(errors) == ["0003", "0004", "0005", "0006", "0007", "0008", "0009"]
    assert errors["0003"].startswith("corrupt image")
    assert errors["0004"].startswith("no annotation: 0004.mat is neither in annotations/pixel-level nor in ")
    assert errors["0005"] == f"the label map is 4 x 3, the photo {WIDTH} x {HEIGHT}"
    assert errors["0006"] == "0006.mat has labels from 59 to 59; expected whole numbers below 59"
    assert errors["0007"] == errors["0008"].replace("0008", "0007")
    assert errors["0008"] == "0008.mat is not a MATLAB file with a variable 'groundtruth'"
    assert errors["0009"] == "its label map is empty"
    strict = in_process("import", "ccp", ccp_set, "--no-boxes", "-o", out, "--max-errors", "6")
    assert strict.returncode == 3
    assert "7 of 10 rows are bad" in strict.stderr
    (photos / "0003.jpg").write_bytes(whole)
    savemat(pixels / "0004.mat", {"groundtruth": IN_A_BLAZER.draw()[1]})
    mended = in_process("import", "ccp", ccp_set, "--no-boxes", "-o", out, "--max-errors", "5", "--retry-failed")
    assert mended.returncode == 0
    assert "5 bad" in mended.stderr


def test_annotations_without_a_photo_are_counted(in_process: Run, ccp_set: Path, tmp_path: Path) -> None:
    (ccp_set / "photos" / "0002.jpg").unlink()
    done = in_process("import", "ccp", ccp_set, "--no-boxes", "-o", tmp_path / "street")
    assert done.returncode == 0
    assert "1 annotations have no photo" in done.stderr
    assert [row["id"] for row in rows_of(done.stdout)] == ["0001", "1005"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "import ccp reads one folder"),
        (["a", "b"], "import ccp reads one folder"),
        (["nowhere"], "no such folder; expected one that holds photos, annotations and label_list.mat"),
        (["set", "--val", "0.6", "--test", "0.6"], "are more than 1 together"),
        (["set", "--max-errors", "many"], "expected a count such as 5"),
        (["no-list"], "label_list.mat: no such file; expected the folder of the Clothing Co-Parsing set"),
    ],
)
def test_what_cannot_be_meant_is_refused(run: Run, ccp_set: Path, tmp_path: Path, words: list[str], told: str) -> None:
    (tmp_path / "no-list" / "photos").mkdir(parents=True)
    done = run("import", "ccp", *words, "-o", tmp_path / "out", cwd=tmp_path)
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_limit_and_dry_run(in_process: Run, ccp_set: Path, tmp_path: Path) -> None:
    dry = in_process("import", "ccp", ccp_set, "-o", tmp_path / "street", "--dry-run")
    assert "3 rows, 3 to do" in dry.stderr
    assert not (tmp_path / "street").exists()
    few = in_process("import", "ccp", ccp_set, "-o", tmp_path / "street", "--limit", "2")
    assert len(rows_of(few.stdout)) == 2


def test_the_split_is_drawn_for_the_photo_and_its_shares_hold(in_process: Run, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    people = {
        f"{number:04d}": Person({"dress": (20, 180, 20, 100, rng.integers(0, 256, 3))}) for number in range(1, 301)
    }
    folder = write_set(tmp_path / "set", people, {})
    copy = folder / "photos" / "0301.jpg"
    copy.write_bytes((folder / "photos" / "0007.jpg").read_bytes())
    (folder / "annotations/pixel-level/0301.mat").write_bytes(
        (folder / "annotations/pixel-level/0007.mat").read_bytes()
    )
    done = in_process("import", "ccp", folder, "-o", tmp_path / "a", "--val", "0.2", "--test", "0.3")
    splits = {row["id"]: row["split"] for row in rows_of(done.stdout)}
    counts = Counter(splits.values())
    for name, share in (("train", 0.5), ("val", 0.2), ("test", 0.3)):
        assert abs(counts[name] - 301 * share) < 4 * (301 * share * (1 - share)) ** 0.5
    assert splits["0301"] == splits["0007"], "copies of one photo are on one side"
    (folder / "photos" / "0002.jpg").unlink()
    fewer = in_process("import", "ccp", folder, "-o", tmp_path / "b", "--val", "0.2", "--test", "0.3")
    del splits["0002"]
    assert {row["id"]: row["split"] for row in rows_of(fewer.stdout)} == splits
    other = in_process("import", "ccp", folder, "-o", tmp_path / "c", "--val", "0.2", "--test", "0.3", "--seed", "1")
    assert {row["id"]: row["split"] for row in rows_of(other.stdout)} != splits
    refused = in_process("import", "ccp", folder, "-o", tmp_path / "a", "--val", "0.1")
    assert refused.returncode == 2
    assert "--val was 0.2" in refused.stderr


# ------------------------------------------------------------------------------------------------------- annotations


@pytest.mark.parametrize("shape", [(1, 3), (3, 1)])
@pytest.mark.parametrize("kind", [np.uint8, np.float64])
def test_tags_are_read_in_either_shape_and_as_any_number(tmp_path: Path, shape: tuple[int, int], kind: type) -> None:
    file = tmp_path / "1005.mat"
    savemat(file, {"tags": np.array([39, 4, 0], kind).reshape(shape)})
    assert read_tags(str(file), 59) == [0, 4, 39]


def test_label_maps_must_be_whole_numbers(tmp_path: Path) -> None:
    file = tmp_path / "0001.mat"
    savemat(file, {"groundtruth": np.array([[1.0, 2.5]])})
    with pytest.raises(BadRow, match="expected whole numbers below 59"):
        read_label_map(str(file), 59)


def test_every_label_of_the_set_is_known() -> None:
    assert set(LABELS) == {*GARMENTS, *NO_GARMENT}
    assert len(LABELS) == 59


# ----------------------------------------------------------------------------------------------------------- colours

# CSS's own colours, and Pantone's or shops' words for others: not the samples of our table.
SEEN = {
    "black": ["#050505", "#1b1b1b"],
    "gray": ["#808080", "#696969"],
    "light gray": ["#c0c0c0"],
    "white": ["#ffffff", "#f5f5f5", "#f8f8ff"],
    "red": ["#d00000", "#b22222", "#dc143c"],
    "navy": ["#000050", "#1f2a44"],
    "blue": ["#0000cd", "#4169e1", "#4682b4"],
    "light blue": ["#add8e6", "#b0c4de"],
    "green": ["#008000", "#228b22", "#2e8b57"],
    "olive": ["#556b2f", "#6b6b2a"],
    "yellow": ["#ffff00", "#ffd92f"],
    "orange": ["#ff7f1f", "#e86100"],
    "pink": ["#ffc0cb", "#e88fb0"],
    "hot pink": ["#ff1493"],
    "purple": ["#663399", "#5d3a8c"],
    "lavender": ["#b9a3dc"],
    "burgundy": ["#800020", "#5c0a20"],
    "brown": ["#5c4033", "#7b4f2b"],
    "beige": ["#d8c3a5"],
    "tan": ["#d2b48c"],
    "camel": ["#c19a6b", "#b5833f"],
    "cream": ["#fffdd0", "#f3e9d2"],
    "teal": ["#008080", "#20696d"],
    "turquoise": ["#40e0d0", "#30b5c0"],
}


@pytest.mark.parametrize("name", list(SEEN))
def test_drawn_colours_have_the_names_that_people_give_them(name: str) -> None:
    for code in SEEN[name]:
        rgb = np.array([int(code[i : i + 2], 16) for i in (1, 3, 5)], np.uint8)
        found = colour_name(to_lab(rgb.reshape(1, 1, 3))[0, 0])
        assert found == name, f"{code} is {found}"


def test_every_sample_has_its_own_name() -> None:
    for name, codes in NAMED_COLOURS.items():
        for code in codes.split():
            rgb = np.frombuffer(bytes.fromhex(code), np.uint8).reshape(1, 1, 3)
            assert colour_name(to_lab(rgb)[0, 0]) == name


def test_lab_is_cielab_as_another_library_has_it() -> None:
    photo = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    assert np.abs(to_lab(photo) - rgb2lab(photo)).max() < 0.5


# ------------------------------------------------------------------------------------------------------------- looks


def look(photo: np.ndarray, label: str = "blouse", region: np.ndarray | None = None) -> Look:
    region = np.ones(photo.shape[:2], bool) if region is None else region
    return look_of(to_lab(photo.astype(np.uint8)), region, GARMENTS[label])


def plain(*colour: int, size: int = 80) -> np.ndarray:
    return np.full((size, size, 3), colour, np.uint8)


def stripes(first: tuple[int, ...], second: tuple[int, ...], width: int, size: int = 80) -> np.ndarray:
    photo = plain(*first, size=size)
    photo[(np.arange(size) // width) % 2 == 1] = second
    return photo


def test_edges_do_not_count() -> None:
    photo = plain(*RED)
    photo[:25], photo[-25:], photo[:, :5], photo[:, -5:] = WHITE, WHITE, WHITE, WHITE
    region = np.zeros((80, 80), bool)
    region[22:58, 3:77] = True  # drawn too wide on each side
    assert look(photo, region=region) == Look(("red",))


def test_noise_grain_and_a_logo_do_not_make_a_pattern() -> None:
    photo = plain(*NAVY).astype(int) + np.random.default_rng(1).normal(0, 8, (80, 80, 3))
    photo[30:40, 30:44] = WHITE
    assert look(photo.clip(0, 255)) == Look(("navy",))


def test_light_and_shade_are_one_colour() -> None:
    light = np.linspace(1.0, 0.45, 80)[None, :, None] * np.ones((80, 1, 1))
    assert look(plain(200, 28, 36) * light) == Look(("red",))
    folds = 0.75 + 0.25 * np.sin(np.arange(80) / 8)[None, :, None]
    assert not look(plain(90, 140, 80) * folds).patterned


def test_stripes_and_checks_are_patterns() -> None:
    assert look(stripes(NAVY, WHITE, 4)) in (Look(("navy", "white"), True), Look(("white", "navy"), True))
    checks = (np.add.outer(np.arange(80) // 5, np.arange(80) // 5) % 2)[..., None] * np.array(RED) + 10
    found = look(checks)
    assert found.patterned
    assert set(found.colours) == {"red", "black"}


def test_the_larger_part_of_a_pattern_comes_first() -> None:
    photo = plain(*BLACK)
    photo[(np.arange(80) % 9) < 3] = WHITE
    assert look(photo) == Look(("black", "white"), True)


def test_large_patches_are_two_colours_and_no_pattern() -> None:
    photo = plain(20, 60, 200)
    photo[:30] = (240, 200, 60)
    assert look(photo) == Look(("blue", "yellow"))


def test_shoes_are_their_larger_part_and_never_patterned() -> None:
    photo = stripes(BLACK, WHITE, 4)
    photo[:20] = BLACK
    assert look(photo, "shoes") == Look(("black",))


def test_skin_through_black_stockings_is_not_brown() -> None:
    assert look(plain(96, 76, 68), "stockings") == Look(("sheer black",))
    assert look(plain(205, 165, 135), "stockings") == Look(("sheer",))
    assert look(plain(200, 28, 36), "stockings") == Look(("red",))


def test_too_little_and_too_small_things_have_no_colour() -> None:
    assert look(plain(*RED, size=5)) == Look()
    assert look(plain(*RED), "watch") == Look()


def test_the_core_of_a_thin_region_is_the_region() -> None:
    region = np.zeros((40, 40), bool)
    region[:, 20] = True
    assert (core_of(region) == region).all()
    wide = np.zeros((100, 100), bool)
    wide[10:90, 10:90] = True
    eroded = cv2.erode(wide.astype(np.uint8), np.ones((15, 15), np.uint8)).astype(bool)
    assert (core_of(wide) <= wide).all()
    assert core_of(wide)[eroded].all()
    assert not core_of(wide)[10:14].any()


# --------------------------------------------------------------------------------------------------------- sentences


@pytest.mark.parametrize(
    ("looks", "sentence"),
    [
        ({}, ""),
        ({"accessories": Look()}, ""),
        ({"dress": Look(("orange",))}, "an orange dress"),
        ({"jeans": Look(("blue",)), "sandals": Look(("olive",))}, "blue jeans and olive sandals"),
        ({"swimwear": Look()}, "swimwear"),
        (
            {"boots": Look(("black",)), "shirt": Look(("white",)), "jeans": Look(("gray",)), "blazer": Look(("navy",))},
            "a navy blazer over a white shirt, gray jeans and black boots",
        ),
        (
            {"shirt": Look(("white",)), "coat": Look(("camel",)), "sweater": Look(("olive",)), "shorts": Look()},
            "a camel coat over an olive sweater and a white shirt, and shorts",
        ),
        (
            {"watch": Look(), "bag": Look(("black",)), "skirt": Look(("red", "white"), True), "earrings": Look()},
            "a red and white patterned skirt, a black bag, a watch and earrings",
        ),
        ({"suit": Look(("gray",)), "pants": Look(("gray",))}, "a gray suit jacket and gray pants"),
        ({"suit": Look(("gray",)), "shirt": Look()}, "a gray suit over a shirt"),
        ({"scarf": Look(("green",), True)}, "a green patterned scarf"),
        ({"tights": Look(("sheer black",)), "dress": Look()}, "a dress and sheer black tights"),
    ],
)
def test_sentences(looks: dict[str, Look], sentence: str) -> None:
    assert describe(looks) == sentence
    assert describe(dict(reversed(looks.items()))) == sentence


def test_every_label_is_named_once_with_the_right_article() -> None:
    looks = {label: Look() for label in GARMENTS if label != "accessories"}
    parts = re.split(r", | over | and ", describe(looks))
    assert len(parts) == len(looks)
    plural = re.compile(r"(?:[^s]s|clothes)$")
    for part in parts:
        noun = part.removeprefix("an ").removeprefix("a ")
        uncountable = noun in ("swimwear", "lingerie")
        assert (part != noun) == (not plural.search(noun) and not uncountable), part


def test_run_json_tells_what_was_done(in_process: Run, ccp_set: Path, tmp_path: Path) -> None:
    in_process("import", "ccp", ccp_set, "--no-boxes", "-o", tmp_path / "street")
    record = json.loads((tmp_path / "street" / "run.json").read_text())
    assert (record["command"], record["importer"]) == ("import", "ccp")
    assert record["options"] == {"boxes": False, "val": 0.1, "test": 0.1, "seed": 0}
    assert record["complete"] is True
    assert record["totals"] == {"rows": 3, "done": 3, "bad": 0, "passed": 0}
