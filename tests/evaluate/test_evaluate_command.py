"""`evaluate` through the real command line: pairs, regions, forms of the output, and bad rows."""

import csv
import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import cv2
import numpy as np
import pytest
from manifests import rows_of, write_manifest
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

Run = Callable[..., "CompletedProcess[str]"]
COUNT, SIZE = 6, (40, 50)
COLUMNS = ["metric", "region", "mean", "low", "high", "median", "n"]


def scores_of(done: "CompletedProcess[str]") -> dict[tuple[str, str], dict[str, str]]:
    """The printed scores by metric and region."""
    return {(row["metric"], row["region"]): row for row in csv.DictReader(io.StringIO(done.stdout))}


def save(file: Path, pixels: np.ndarray) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(file)


def load(file: Path) -> np.ndarray:
    return np.asarray(Image.open(file))


def photo(number: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    rng = np.random.default_rng(number)
    ramp = np.add.outer(np.linspace(0, 90, size[0]), np.linspace(20, 120, size[1]))[..., None]
    return np.clip(ramp + rng.normal(0, 10, (*size, 3)), 0, 255).astype(np.uint8)


def noisy(pixels: np.ndarray, number: int) -> np.ndarray:
    noise = np.random.default_rng(100 + number).normal(0, 6 + number, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `real/`, `made/`, `hole/` and a manifest of images, targets and masks."""
    folder = tmp_path_factory.mktemp("pairs")
    rows = []
    for number in range(COUNT):
        hole = np.zeros(SIZE, np.uint8)
        hole[10 : 20 + number, 5 : 25 + number] = 255
        save(folder / "real" / f"{number}.png", photo(number))
        save(folder / "made" / f"{number}.png", noisy(photo(number), number))
        save(folder / "hole" / f"{number}.png", hole)
        rows.append({"path": f"made/{number}.png", "target": f"real/{number}.png", "mask": f"hole/{number}.png"})
    write_manifest(folder, rows)
    return folder


def expected(folder: Path) -> dict[tuple[str, str], np.ndarray]:
    """All metrics of the pairs from scikit-image and NumPy, one value per image."""
    values: dict[tuple[str, str], list[float]] = {}
    for number in range(COUNT):
        real, made, hole = (load(folder / kind / f"{number}.png") for kind in ("real", "made", "hole"))
        mean, maps = structural_similarity(
            real,
            made,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            channel_axis=2,
            data_range=255,
            full=True,
        )
        every, inside = (real.astype(float) - made) / 255, hole > 0
        found = {
            ("ssim", "image"): mean,
            ("ssim", "hole"): maps[inside].mean(),
            ("psnr", "image"): peak_signal_noise_ratio(real, made, data_range=255),
            ("psnr", "hole"): -10 * np.log10((every[inside] ** 2).mean()),
            ("l1", "image"): 100 * np.abs(every).mean(),
            ("l1", "hole"): 100 * np.abs(every[inside]).mean(),
            ("l2", "image"): 100 * (every**2).mean(),
            ("l2", "hole"): 100 * (every[inside] ** 2).mean(),
        }
        for key, value in found.items():
            values.setdefault(key, []).append(float(value))
    return {key: np.array(each) for key, each in values.items()}


# ----------------------------------------------------------------------------------------------------------- numbers


def test_scores_are_those_of_scikit_image(run: Run, pairs: Path) -> None:
    found, truth = scores_of(run("evaluate", pairs)), expected(pairs)
    assert set(found) == set(truth)
    for key, values in truth.items():
        assert float(found[key]["mean"]) == pytest.approx(values.mean(), abs=5e-5), key
        assert float(found[key]["median"]) == pytest.approx(np.median(values), abs=5e-5), key
        assert int(found[key]["n"]) == COUNT
        assert values.min() - 1e-4 <= float(found[key]["low"]) <= float(found[key]["mean"])
        assert float(found[key]["mean"]) <= float(found[key]["high"]) <= values.max() + 1e-4


def test_csv_begins_with_the_documented_columns_and_ends_with_the_recipe(run: Run, pairs: Path) -> None:
    done = run("evaluate", pairs, "--metrics", "ssim")
    header = done.stdout.splitlines()[0].split(",")
    assert header[: len(COLUMNS)] == COLUMNS
    for row in scores_of(done).values():
        for word in ("50x40", "resize none", "per-image", "2000 resamples", "sigma 1.5"):
            assert word in row["recipe"]


def test_metrics_come_in_the_order_asked_for_and_once(run: Run, pairs: Path) -> None:
    found = scores_of(run("evaluate", pairs, "--metrics", "psnr, L1,psnr"))
    assert list(dict.fromkeys(metric for metric, _ in found)) == ["psnr", "l1"]


def test_json_says_the_same_as_csv(run: Run, pairs: Path) -> None:
    found = json.loads(run("evaluate", pairs, "--json").stdout)
    printed = scores_of(run("evaluate", pairs))
    assert found["recipe"] == next(iter(printed.values()))["recipe"]
    for score in found["scores"]:
        row = printed[score["metric"], score["region"]]
        assert {key: float(row[key]) for key in COLUMNS[2:]} == {key: score[key] for key in COLUMNS[2:]}


def test_per_image_values_average_to_the_mean(run: Run, pairs: Path, tmp_path: Path) -> None:
    found = scores_of(run("evaluate", pairs, "--per-image", tmp_path / "each.csv"))
    rows, truth = rows_of(tmp_path / "each.csv"), expected(pairs)
    assert [Path(row["path"]).name for row in rows] == [f"{number}.png" for number in range(COUNT)]
    for (metric, region), values in truth.items():
        column = [float(row[metric if region == "image" else f"{metric}_{region}"]) for row in rows]
        assert column == pytest.approx(list(values), abs=5e-5)
        assert np.mean(column) == pytest.approx(float(found[metric, region]["mean"]), rel=1e-9)
    assert all((tmp_path / row["path"]).exists() for row in rows)


def test_a_terminal_gets_a_table_with_the_recipe(pairs: Path) -> None:
    text = on_terminal("evaluate", str(pairs), "--metrics", "ssim,psnr")
    lines = text.splitlines()
    assert any(line.split()[:3] == ["metric", "region", "mean"] for line in lines)
    assert sum(line.startswith("ssim ") for line in lines) == 2
    assert "dB" in text
    assert "50x40" in text
    assert "," not in next(line for line in lines if line.startswith("ssim "))


def on_terminal(*words: str) -> str:
    """What a command prints on a pseudo-terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "fashiontools", *words]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL) as process:
        os.close(theirs)
        parts = []
        try:
            while part := os.read(ours, 65536):
                parts.append(part)
        except OSError:  # Linux says so when the other end is closed
            pass
        assert process.wait(60) == 0
    os.close(ours)
    return b"".join(parts).decode().replace("\r\n", "\n")


def test_inside_the_folder_it_works_as_it_stands(run: Run, pairs: Path) -> None:
    assert (
        run("evaluate", "--metrics", "ssim,psnr", cwd=pairs).stdout
        == run("evaluate", pairs, "--metrics", "ssim,psnr").stdout
    )


def test_the_pipeline_needs_no_further_flag(run: Run, lookbook: Path, tmp_path: Path) -> None:
    assert run("mask", lookbook, "--limit", "5", "-o", tmp_path / "holes").returncode == 0
    assert run("inpaint", tmp_path / "holes", "-o", tmp_path / "filled").returncode == 0
    found = scores_of(run("evaluate", "--metrics", "ssim,psnr", cwd=tmp_path / "filled"))
    assert set(found) == {(metric, region) for metric in ("ssim", "psnr") for region in ("image", "hole")}
    for metric in ("ssim", "psnr"):
        assert float(found[metric, "image"]["mean"]) > float(found[metric, "hole"]["mean"])


def test_the_interval_is_the_seeds(run: Run, pairs: Path) -> None:
    first, again, other = (run("evaluate", pairs, "--seed", seed).stdout for seed in "001")
    assert first == again
    assert first != other


def test_identical_pairs_are_counted_left_out_of_psnr_and_said(run: Run, tmp_path: Path) -> None:
    for number in range(3):
        save(tmp_path / "real" / f"{number}.png", photo(number))
        save(tmp_path / "made" / f"{number}.png", photo(number) if number else noisy(photo(0), 0))
    done = run("evaluate", tmp_path / "made", "--reference", tmp_path / "real", "--metrics", "psnr,l1")
    found = scores_of(done)
    truth = peak_signal_noise_ratio(photo(0), noisy(photo(0), 0), data_range=255)
    assert float(found["psnr", "image"]["mean"]) == pytest.approx(truth)
    assert found["psnr", "image"]["n"] == "1"
    assert found["psnr", "image"]["identical"] == "2"
    assert found["l1", "image"]["n"] == "3"
    assert "2 identical pairs" in done.stderr


def test_nothing_but_identical_pairs_has_no_psnr(run: Run, tmp_path: Path) -> None:
    save(tmp_path / "a" / "x.png", photo(0))
    done = run("evaluate", tmp_path / "a", "--reference", tmp_path / "a", "--metrics", "psnr", "--json")
    assert done.returncode == 0
    score = json.loads(done.stdout)["scores"][0]
    assert (score["mean"], score["n"], score["identical"]) == (None, 0, 1)


# ------------------------------------------------------------------------------------------------------------- pairs


def test_reference_pairs_by_path_without_suffixes(run: Run, tmp_path: Path) -> None:
    names = {"a/b.jpg.png": "a/b.png", "a/c.png": "a/c.webp.png", "b.jpg.png": "b.jpg.2.png", "v1.2.png": "v1.2.bmp"}
    for number, (made, real) in enumerate(names.items()):
        save(tmp_path / "made" / made, noisy(photo(number), number))
        save(tmp_path / "real" / real, photo(number))
    found = scores_of(run("evaluate", tmp_path / "made", "--reference", tmp_path / "real", "--metrics", "l1"))
    truth = [np.abs(noisy(photo(n), n).astype(float) - photo(n)).mean() / 2.55 for n in range(len(names))]
    assert found["l1", "image"]["n"] == str(len(names))
    assert float(found["l1", "image"]["mean"]) == pytest.approx(np.mean(truth))


def test_reference_wins_over_target_and_says_so(run: Run, pairs: Path) -> None:
    done = run("evaluate", pairs / "manifest.csv", "--reference", pairs, "--metrics", "l1")
    assert float(scores_of(done)["l1", "image"]["mean"]) == 0  # each image is its own mate there
    assert str(pairs) in done.stderr
    assert "not from the target column" in done.stderr


def test_missing_and_ambiguous_mates_are_bad_rows(run: Run, tmp_path: Path) -> None:
    for name in ("one", "two", "none"):
        save(tmp_path / "made" / f"{name}.png", photo(0))
    for name in ("one.png", "two.png", "two.bmp"):
        save(tmp_path / "real" / name, photo(1))
    done = run(
        "evaluate", tmp_path / "made", "--reference", tmp_path / "real", "--metrics", "l1", "--max-errors", "2",
        "--per-image", tmp_path / "each.csv",
    )  # fmt: skip
    assert done.returncode == 0
    assert scores_of(done)["l1", "image"]["n"] == "1"
    rows = {Path(row["path"]).stem: row for row in rows_of(tmp_path / "each.csv")}
    assert rows["one"]["status"] == "ok"
    assert "no mate" in rows["none"]["error"]
    assert "2 mates" in rows["two"]["error"]
    assert "no mate" in done.stderr


def test_a_reference_manifest_with_several_rows_of_one_photo_is_not_ambiguous(run: Run, tmp_path: Path) -> None:
    save(tmp_path / "made" / "x.png", photo(0))
    save(tmp_path / "real" / "x.png", photo(1))
    write_manifest(tmp_path / "real", [{"path": "x.png", "box": "0 0 5 5"}, {"path": "x.png", "box": "5 5 5 5"}])
    done = run("evaluate", tmp_path / "made", "--reference", tmp_path / "real", "--metrics", "l1")
    assert scores_of(done)["l1", "image"]["n"] == "1"


# ------------------------------------------------------------------------------------------------------------- sizes


@pytest.fixture
def halves(tmp_path: Path) -> Path:
    save(tmp_path / "made" / "x.png", photo(0, (20, 25)))
    save(tmp_path / "real" / "x.png", photo(0))
    return tmp_path


def test_another_size_is_a_bad_row_that_names_the_way_out(run: Run, halves: Path) -> None:
    done = run("evaluate", halves / "made", "--reference", halves / "real", "--per-image", halves / "each.csv")
    error = rows_of(halves / "each.csv")[0]["error"]
    assert "25 x 20" in error
    assert "50 x 40" in error
    assert "--resize" in error
    assert done.returncode == 2  # one bad row of one is put up with, and leaves nothing to score
    assert "nothing to score" in done.stderr


@pytest.mark.parametrize(
    ("mode", "flag"),
    [
        ("area", cv2.INTER_AREA),
        ("linear", cv2.INTER_LINEAR),
        ("cubic", cv2.INTER_CUBIC),
        ("lanczos", cv2.INTER_LANCZOS4),
    ],
)
def test_resize_scores_at_the_targets_size(run: Run, halves: Path, mode: str, flag: int) -> None:
    done = run("evaluate", halves / "made", "--reference", halves / "real", "--metrics", "l1", "--resize", mode)
    resized = cv2.resize(photo(0, (20, 25)), (50, 40), interpolation=flag)
    truth = np.abs(resized.astype(float) - photo(0)).mean() / 2.55
    found = scores_of(done)["l1", "image"]
    assert float(found["mean"]) == pytest.approx(truth)
    assert f"resize {mode}" in found["recipe"]
    assert "50x40" in found["recipe"]


def test_a_mask_of_another_size_is_a_bad_row(run: Run, pairs: Path, tmp_path: Path) -> None:
    save(tmp_path / "m.png", np.full((5, 5), 255, np.uint8))
    row = {"path": f"{pairs}/made/0.png", "target": f"{pairs}/real/0.png"}
    manifest = write_manifest(tmp_path, [row | {"mask": "m.png"}, row])
    done = run("evaluate", manifest, "--metrics", "l1", "--per-image", tmp_path / "each.csv")
    assert done.returncode == 0
    bad, good = rows_of(tmp_path / "each.csv")
    assert "the mask is 5 x 5" in bad["error"]
    assert good["status"] == "ok"


def test_a_mask_without_a_hole_scores_the_image_alone(run: Run, pairs: Path, tmp_path: Path) -> None:
    save(tmp_path / "m.png", np.zeros(SIZE, np.uint8))
    row = {"path": f"{pairs}/made/0.png", "target": f"{pairs}/real/0.png", "mask": "m.png"}
    found = scores_of(run("evaluate", write_manifest(tmp_path, [row]), "--metrics", "l1,ssim"))
    assert set(found) == {("l1", "image"), ("ssim", "image")}


def test_photos_under_eleven_pixels_are_too_small_for_ssim_alone(run: Run, tmp_path: Path) -> None:
    for number, size in enumerate([(10, 40), (40, 40), (11, 11)]):
        save(tmp_path / "made" / f"{number}.png", noisy(photo(number, size), number))
        save(tmp_path / "real" / f"{number}.png", photo(number, size))
    options = (tmp_path / "made", "--reference", tmp_path / "real")
    done = run("evaluate", *options, "--metrics", "ssim")
    assert scores_of(done)["ssim", "image"]["n"] == "2"
    assert "10" in done.stderr
    assert "ssim needs 11" in done.stderr
    assert scores_of(run("evaluate", *options, "--metrics", "psnr,l1"))["l1", "image"]["n"] == "3"


def test_gray_against_colour_is_scored_in_colour(run: Run, tmp_path: Path) -> None:
    gray = photo(0)[..., 0]
    save(tmp_path / "made" / "x.png", gray)
    save(tmp_path / "real" / "x.png", photo(1))
    found = scores_of(run("evaluate", tmp_path / "made", "--reference", tmp_path / "real", "--metrics", "l1"))
    truth = np.abs(gray[..., None].astype(float) - photo(1)).mean() / 2.55
    assert float(found["l1", "image"]["mean"]) == pytest.approx(truth)


# ------------------------------------------------------------------------------------------------------------ errors


@pytest.fixture
def broken(pairs: Path, tmp_path: Path) -> Path:
    """Three good pairs and three whose image does not open."""
    (tmp_path / "bad.png").write_bytes(b"no image")
    rows = [{"path": f"{pairs}/made/{n}.png", "target": f"{pairs}/real/{n}.png"} for n in range(3)]
    rows += [{"path": "bad.png", "target": f"{pairs}/real/{n}.png"} for n in range(3)]
    return write_manifest(tmp_path, rows)


def test_bad_rows_that_are_put_up_with_are_told(run: Run, broken: Path) -> None:
    done = run("evaluate", broken, "--metrics", "l1", "--max-errors", "50%")
    assert done.returncode == 0
    assert scores_of(done)["l1", "image"]["n"] == "3"
    assert "3 bad" in done.stderr


def test_too_many_bad_rows_exit_3_and_the_good_ones_are_still_scored(run: Run, broken: Path, tmp_path: Path) -> None:
    """Design, section 3: exit 3, `everything good is kept`; `mask` and `inpaint` print their good rows then, too."""
    done = run("evaluate", broken, "--metrics", "l1", "--per-image", tmp_path / "each.csv")
    assert done.returncode == 3
    assert "--max-errors" in done.stderr
    assert [row["status"] for row in rows_of(tmp_path / "each.csv")] == ["ok"] * 3 + ["failed"] * 3
    assert scores_of(done)["l1", "image"]["n"] == "3"


def test_rows_that_were_bad_before_are_not_tried(run: Run, pairs: Path, tmp_path: Path) -> None:
    row = {"path": f"{pairs}/made/0.png", "target": f"{pairs}/real/0.png", "status": "", "error": ""}
    bad = row | {"path": "gone.png", "status": "failed", "error": "404"}
    done = run("evaluate", write_manifest(tmp_path, [row, bad, bad, bad]), "--metrics", "l1")
    assert done.returncode == 0
    assert scores_of(done)["l1", "image"]["n"] == "1"


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--metrics", "sism"), "ssim"),
        (("--metrics", "l3"), "l1"),
        (("--metrics", ","), "--metrics"),
        (("--resize", "bilinear"), "--resize"),
        (("--reference", "nowhere"), "nowhere"),
        (("--reference", "-"), "standard input"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(
    run: Run, pairs: Path, options: tuple[str, ...], named: str
) -> None:
    done = run("evaluate", pairs, *options)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert named in done.stderr


def test_without_targets_it_says_how_to_name_them(run: Run, lookbook: Path) -> None:
    done = run("evaluate", lookbook)
    assert done.returncode == 2
    assert "--reference" in done.stderr
    assert len(done.stderr.splitlines()) == 1
