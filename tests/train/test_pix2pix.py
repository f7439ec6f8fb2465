"""`train pix2pix`: the paper's objective and schedule, pairs cut alike, a batch by heart, held-out pairs, resuming."""

import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pytest
import torch
from manifests import rows_of, write_manifest
from PIL import Image
from run_folders import record_of, tensors
from skimage.metrics import peak_signal_noise_ratio

from fashiontools.core.manifest import Row
from fashiontools.train.data import Cached
from fashiontools.train.processes import Processes
from fashiontools.train.recipe import Data, Picked, Place
from fashiontools.train.recipes.pix2pix.options import PATCHES, Pix2pixOptions
from fashiontools.train.recipes.pix2pix.recipe import Pix2pix
from fashiontools.train.turns import Turns

Run = Callable[..., "CompletedProcess[str]"]
Command = Callable[..., Any]

CPU = torch.device("cpu")
SIDE = 32
SMALL = ("--size", SIDE, "--generator-width", 8, "--discriminator-width", 4, "--patch", 16, "--save-every", 3)
NETS = {"generator_width": 8, "discriminator_width": 4, "patch": 16}


def pair(number: int, side: int = SIDE) -> tuple[np.ndarray, np.ndarray]:
    """A coloured square at the upper left on white, and the same colour at the lower right on gray."""
    colour = np.random.default_rng(number).integers(0, 200, 3)
    photo, target = np.full((side, side, 3), 255, np.uint8), np.full((side, side, 3), 220, np.uint8)
    photo[side // 8 : side // 2, side // 8 : side // 2] = colour
    target[side // 2 : -side // 8, side // 2 : -side // 8] = colour
    return photo, target


def data_of(count: int, side: int = SIDE, held_out: Data | None = None) -> Data:
    photos, targets = (np.stack(one) for one in zip(*(pair(number, side) for number in range(count)), strict=True))
    rows = [Row({"path": str(number)}, str(number)) for number in range(count)]
    return Data(rows, Cached(photos), held_out, targets=Cached(targets))


def recipe_of(data: Data, **settings: Any) -> Pix2pix:
    torch.manual_seed(0)
    return Pix2pix(Pix2pixOptions(**{"size": SIDE, "random_crop": False, **NETS, **settings}), data, CPU)


def batch_of(recipe: Pix2pix, data: Data, numbers: list[int]) -> dict[str, torch.Tensor]:
    picked = Picked(np.array(numbers), np.zeros(len(numbers), bool), 0, 0)
    images = {"photo": data.photos.batch(picked.numbers), "target": data.targets.batch(picked.numbers)}
    pixels = {name: torch.from_numpy(one).permute(0, 3, 1, 2) / 127.5 - 1 for name, one in images.items()}
    return {**pixels, **recipe.draw(picked)}


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve pairs: eight to train on, two of split val, two of split test."""
    folder = tmp_path_factory.mktemp("pairs")
    rows = []
    for number in range(12):
        for name, pixels in zip("ab", pair(number, 40), strict=True):
            Image.fromarray(pixels).save(folder / f"{number}{name}.png")
        split = "val" if number in (3, 7) else "test" if number in (4, 8) else "train"
        rows.append({"path": f"{number}a.png", "target": f"{number}b.png", "split": split})
    write_manifest(folder, rows)
    return folder


# --------------------------------------------------------------------------------------------------------- objective


def test_the_paper_is_the_default() -> None:
    options = Pix2pixOptions()
    assert (options.size, options.batch, options.epochs, options.flip) == (256, 1, 200, True)
    assert (options.rate, options.beta1, options.l1_weight, options.patch) == (0.0002, 0.5, 100, 70)
    assert options.loaded_size == 286
    recipe = Pix2pix(Pix2pixOptions(size=32, patch=16), data_of(2), CPU)
    assert [turn.name for turn in recipe.turns] == ["discriminator", "generator"]
    for turn in recipe.turns:
        adam = turn.optimizer(recipe.modules[turn.name].parameters())
        assert (adam.defaults["lr"], adam.defaults["betas"]) == (0.0002, (0.5, 0.999))
        # 100 epochs at the full rate, then linearly to zero over 100 (section 6.2, and the authors' code).
        assert [turn.schedule(Place(0, 0, share)) for share in (0, 0.25, 0.5, 0.75, 0.9, 1)] == pytest.approx(
            [1, 1, 1, 0.5, 0.2, 0]
        )


def test_the_objective_is_equations_1_3_and_4() -> None:
    data = data_of(2)
    recipe = recipe_of(data)
    batch = recipe.share(batch_of(recipe, data, [0, 1]))
    judge = recipe.modules["discriminator"]
    real, fake = (judge(batch["photo"], batch[name]).detach().double().numpy() for name in ("target", "fake"))
    l1 = np.abs((batch["fake"] - batch["target"]).detach().numpy()).mean()
    losses = {turn.name: turn.losses(batch) for turn in recipe.turns}
    assert losses["discriminator"]["loss"].item() == pytest.approx(-(np.log(real).mean() + np.log(1 - fake).mean()) / 2)
    assert losses["generator"]["loss"].item() == pytest.approx(100 * l1 - np.log(fake).mean(), rel=1e-5)
    assert losses["generator"]["l1"].item() == pytest.approx(l1, rel=1e-5)


def test_one_batch_is_learned_by_heart() -> None:
    data = data_of(4)
    recipe = recipe_of(data, dropout=0.0, rate=0.002, batch=4)
    turns, batch = Turns(recipe, recipe._options, Processes(CPU)), batch_of(recipe, data, [0, 1, 2, 3])
    losses = [turns.take(batch, 4, Place(step, 0, 0.0)) for step in range(80)]
    assert losses[0]["l1"] > 0.2
    assert losses[-1]["l1"] < 0.2 * losses[0]["l1"]


def test_without_an_adversarial_weight_there_is_nobody_to_fool() -> None:
    recipe = recipe_of(data_of(2), adversarial_weight=0.0, size=16, patch=286)
    assert list(recipe.modules) == ["generator"]
    assert [turn.name for turn in recipe.turns] == ["generator"]


def test_a_turn_moves_its_network_and_no_other() -> None:
    data = data_of(2)
    recipe = recipe_of(data, batch=2)
    turns = Turns(recipe, recipe._options, Processes(CPU))
    before = {name: [p.clone() for p in module.parameters()] for name, module in recipe.modules.items()}
    turns.take(batch_of(recipe, data, [0, 1]), 2, Place(0, 0, 0.0))
    for name, module in recipe.modules.items():
        assert any(not torch.equal(a, b) for a, b in zip(before[name], module.parameters(), strict=True)), name


# ------------------------------------------------------------------------------------------------------------- pairs


def test_both_images_of_a_pair_are_cut_alike_and_everywhere() -> None:
    side = 36
    coordinates = np.stack(np.meshgrid(np.arange(side), np.arange(side), indexing="ij"), axis=-1)
    image = np.dstack([coordinates, np.zeros((side, side))]).astype(np.uint8)
    data = Data([Row({"path": "0"}, "0")], Cached(image[None]), targets=Cached(image[None]))
    recipe = recipe_of(data, size=32, random_crop=True)
    corners = set()
    for step in range(200):
        picked = Picked(np.zeros(1, int), np.zeros(1, bool), step, 0)
        whole = torch.from_numpy(image[None]).permute(0, 3, 1, 2).float()
        cut = recipe.share({"photo": whole, "target": whole.clone(), **recipe.draw(picked)})
        assert torch.equal(cut["photo"], cut["target"])
        assert cut["photo"].shape == (1, 3, 32, 32)
        y, x = (int(value) for value in cut["photo"][0, :2, 0, 0])
        assert torch.equal(cut["photo"][0], whole[0, :, y : y + 32, x : x + 32])
        corners.add((y, x))
    assert corners == {(y, x) for y in range(5) for x in range(5)}


def test_photos_are_read_at_286_of_256_to_be_cut_and_whole_to_be_judged(command: Command, pairs: Path) -> None:
    from fashiontools.core.inputs import open_inputs
    from fashiontools.core.output import Output
    from fashiontools.core.progress import Progress
    from fashiontools.train.reading import read_data

    options = Pix2pixOptions(size=64, no_cache=True)
    rows = list(open_inputs([str(pairs)]).rows)
    data, _ = read_data(rows, options, Output(pairs / "none", "train", options), Progress("", quiet=True))
    assert data.photos.batch(np.arange(8)).shape == data.targets.batch(np.arange(8)).shape == (8, 72, 72, 3)
    assert data.held_out.photos.batch(np.arange(2)).shape == data.held_out.targets.batch(np.arange(2)).shape
    assert data.held_out.targets.batch(np.arange(2)).shape == (2, 64, 64, 3)
    assert [Path(row["path"]).name for row in data.rows] == [f"{number}a.png" for number in (0, 1, 2, 5, 6, 9, 10, 11)]
    wanted = np.asarray(Image.open(pairs / "11b.png"))[35, 35]
    assert np.array_equal(data.targets.batch(np.array([7]))[0, 63, 63] // 8, wanted // 8) or wanted.std() == 0


def test_pairs_that_cannot_be_read_are_left_out_on_both_sides(command: Command, pairs: Path, tmp_path: Path) -> None:
    rows = [{"path": str(pairs / f"{n}a.png"), "target": str(pairs / f"{n}b.png")} for n in range(12)]
    (tmp_path / "broken.png").write_bytes(b"no photo")
    rows[2]["target"] = str(tmp_path / "broken.png")
    rows[5]["path"] = str(tmp_path / "gone.png")
    rows[9]["target"] = ""
    write_manifest(tmp_path, rows)
    words = (tmp_path, *SMALL, "--steps", 1, "--max-errors", "3", "--verbose", "-o", tmp_path / "run")
    done = command("pix2pix", *words)
    assert done.returncode == 0, done.stderr
    assert "9 photos, " in done.stderr
    for told in (r"broken\.png: target: ", r"gone\.png: ", r"9a\.png: no target"):
        assert re.search(f"bad: .*{told}", done.stderr), told
    assert command("pix2pix", *words[:-1], tmp_path / "other", "--max-errors", "2").returncode == 3


def test_a_photo_with_several_targets_is_several_pairs(command: Command, pairs: Path, tmp_path: Path) -> None:
    write_manifest(tmp_path, [{"path": str(pairs / "0a.png"), "target": str(pairs / f"{n}b.png")} for n in range(3)])
    done = command("pix2pix", tmp_path, *SMALL, "--steps", 1, "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert "3 photos, " in done.stderr


def test_another_target_is_another_input(command: Command, pairs: Path, tmp_path: Path) -> None:
    rows = [{"path": str(pairs / f"{n}a.png"), "target": str(pairs / f"{n}b.png")} for n in range(3)]
    write_manifest(tmp_path, rows)
    assert command("pix2pix", tmp_path, *SMALL, "--steps", 1, "-o", tmp_path / "run").returncode == 0
    Image.fromarray(np.zeros((99, 99, 3), np.uint8)).save(tmp_path / "other.png")
    write_manifest(tmp_path, [*rows[:2], {**rows[2], "target": str(tmp_path / "other.png")}])
    done = command("pix2pix", tmp_path, *SMALL, "--steps", 2, "-o", tmp_path / "run")
    assert done.returncode == 2
    assert "the input is not the one that" in done.stderr


def test_rows_of_split_test_are_left_out_even_where_none_is_of_val(
    command: Command, pairs: Path, tmp_path: Path
) -> None:
    rows = [{**row, "split": row["split"].replace("val", "test")} for row in rows_of(pairs)]
    write_manifest(tmp_path, [{**row, **{c: str(pairs / row[c]) for c in ("path", "target")}} for row in rows])
    done = command("pix2pix", tmp_path, *SMALL, "--steps", 1, "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert "8 photos, " in done.stderr


def test_what_validation_holds_out_is_not_learned_from_by_its_target_either(
    command: Command, pairs: Path, tmp_path: Path
) -> None:
    """Two products share one worn photo, and rows of split test are left out with --validation too."""
    known = [{c: str(pairs / row[c]) for c in ("path", "target")} | {"split": row["split"]} for row in rows_of(pairs)]
    for name, rows in (("judge", [known[0]]), ("learn", [{**known[1], "target": known[0]["target"]}, *known[2:]])):
        (tmp_path / name).mkdir()
        write_manifest(tmp_path / name, rows)
    words = ("--validation", tmp_path / "judge", *SMALL, "--steps", 1, "-o", tmp_path / "run")
    done = command("pix2pix", tmp_path / "learn", *words)
    assert done.returncode == 0, done.stderr
    assert "2 rows of split test are left out" in done.stderr
    assert "1 photos are held out by" in done.stderr
    assert "8 photos, " in done.stderr, "eleven, less two of split test and one whose target is held out"


# ----------------------------------------------------------------------------------------------------------- judging


def test_held_out_pairs_are_judged_by_psnr_and_l1_with_the_same_noise() -> None:
    held_out = data_of(5)
    recipe = recipe_of(data_of(3, held_out=held_out))
    for module in recipe.modules.values():
        module.eval()
    with torch.no_grad():
        found = recipe.validate(held_out)
        assert recipe.validate(held_out) == found
        batch = recipe._still_batch(held_out, np.arange(5))
        made, wanted = recipe._made(batch).double().numpy(), batch["target"].double().numpy()
    psnr = [peak_signal_noise_ratio(b, a, data_range=2) for a, b in zip(made, wanted, strict=True)]
    assert found["val_psnr"] == pytest.approx(np.mean(psnr), rel=1e-5)
    assert found["val_l1"] == pytest.approx(np.abs(made - wanted).mean(), rel=1e-5)


def test_the_best_epoch_is_by_held_out_pairs_or_else_by_l1() -> None:
    recipe = recipe_of(data_of(2))
    judged = [{"l1": 0.3, "val_psnr": 14.0}, {"l1": 0.1, "val_psnr": 13.0}]
    assert recipe.best_epoch(judged) == (0, "highest held-out PSNR")
    assert recipe.best_epoch([{"l1": one["l1"]} for one in judged]) == (1, "least L1 distance")


@pytest.mark.parametrize(("count", "lines"), [(2, 2), (20, 8)])
def test_previews_show_photo_image_and_target_of_held_out_pairs(count: int, lines: int) -> None:
    held_out = data_of(count, 36)
    recipe = recipe_of(data_of(3, held_out=held_out))
    with torch.no_grad():
        images = recipe.preview()
    assert images.shape == (3 * lines, 3, SIDE, SIDE)
    last = held_out.targets.batch(np.array([count - 1]))[0]
    shown = ((images[-1].permute(1, 2, 0).numpy() + 1) * 127.5).round()
    assert np.abs(shown[20:26, 20:26] - last[20:26, 20:26].astype(float)).max() <= 1


# -------------------------------------------------------------------------------------------------- the command line


def test_a_run_that_goes_on_is_an_unbroken_one_to_the_bit(command: Command, pairs: Path, tmp_path: Path) -> None:
    for folder, limits in (("whole", ((),)), ("parts", (("--time-limit", "0.01s"), ()))):
        for limit in limits:
            hard = ("--batch", 3, "--ema", 0.9, "--steps", 7)
            done = command("pix2pix", pairs, *SMALL, *hard, *limit, "--no-cache", "-o", tmp_path / folder)
            assert done.returncode == 0, done.stderr
    assert re.search("going on from step [1-6],", done.stderr)
    assert "2 rows of split val are held out; 8 are trained on" in done.stderr
    whole, parts = (tensors(tmp_path / folder) for folder in ("whole", "parts"))
    assert all(torch.equal(whole[name], parts[name]) for name in whole)
    best = [(tmp_path / folder / "best.safetensors").read_bytes() for folder in ("whole", "parts")]
    assert best[0] == best[1], "of the epoch whose held-out pairs were made best"
    record = record_of(tmp_path / "whole")
    assert record["models"]["generator"]["arguments"] == {"size": SIDE, "width": 8, "dropout": 0.5, "norm": "instance"}
    assert record["totals"]["best_epoch"]["rule"] == "highest held-out PSNR"
    assert Image.open(tmp_path / "whole" / "previews" / "00000007.png").width > 3 * SIDE


@pytest.mark.slow
@pytest.mark.parametrize("words", [("--processes", 2), ("--accumulate", 2)])
def test_a_batch_in_parts_is_trained_on(run: Run, pairs: Path, tmp_path: Path, words: tuple[object, ...]) -> None:
    done = run("train", "pix2pix", pairs, *SMALL, "--batch", 4, "--steps", 3, *words, "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr


def test_the_laptop_preset_is_what_it_says_and_what_is_typed_wins(
    command: Command, pairs: Path, tmp_path: Path
) -> None:
    narrow = ("--generator-width", 4, "--discriminator-width", 4)
    done = command("pix2pix", pairs, "--preset", "laptop", *narrow, "--steps", 1, "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    options = record_of(tmp_path / "run")["options"]
    assert {name: options[name] for name in ("size", "patch", "generator_width")} == {
        "size": 64, "patch": 34, "generator_width": 4,
    }  # fmt: skip


def test_batch_norm_of_single_images_is_doubted(command: Command, pairs: Path, tmp_path: Path) -> None:
    done = command("pix2pix", pairs, *SMALL, "--norm", "batch", "--steps", 1, "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert "try --norm instance" in done.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--patch", 50), "--patch 50: expected one of 1, 16, 34, 70, 142, 286"),
        (("--size", 64, "--patch", 286), "--patch 286 needs --size 96 or more: try a smaller --patch"),
        (("--preset", "laptpo"), "did you mean laptop"),
    ],
)
def test_options_that_can_not_be_are_refused(
    command: Command, pairs: Path, tmp_path: Path, words: tuple[object, ...], told: str
) -> None:
    done = command("pix2pix", pairs, *words, "-o", tmp_path / "run")
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert not (tmp_path / "run").exists()


def test_photos_without_targets_are_refused(
    command: Command, noise: Callable[[str, int], Path], tmp_path: Path
) -> None:
    done = command("pix2pix", noise("pix2pix", 2), *SMALL, "-o", tmp_path / "run")
    assert done.returncode == 2
    assert "target" in done.stderr
    assert "cluster-pairs" in done.stderr


def test_the_sizes_of_the_options_are_the_networks() -> None:
    from fashiontools.models.translation import pix2pix

    assert tuple(pix2pix.PATCHES) == PATCHES
    for patch in PATCHES:
        assert Pix2pixOptions(patch=patch).smallest_size == pix2pix.smallest_side(patch)
