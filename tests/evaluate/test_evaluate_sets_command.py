"""`evaluate` of sets through the real command line: rows, recipe, warnings, refusals, and torch-fidelity's numbers."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch_fidelity import calculate_metrics
from torchvision.models import alexnet

from fashiontools.core.weights import file_sha256
from fashiontools.evaluate import tell
from fashiontools.evaluate.resize import to_square
from fashiontools.evaluate.statistics import Estimate, score_of
from fashiontools.models.classifier.resnet18 import ResNet18

Run = Callable[..., "CompletedProcess[str]"]
NAN = float("nan")
COUNTS = {"made": 14, "real": 17, "other": 12}


def photo(number: int, size: tuple[int, int] = (36, 44), contrast: float = 1.0) -> np.ndarray:
    rng = np.random.default_rng(number)
    coarse = Image.fromarray(rng.integers(0, 256, (5, 5, 3), np.uint8)).resize(size[::-1], Image.Resampling.BICUBIC)
    return np.clip(128 + contrast * (np.asarray(coarse, float) - 128), 0, 255).astype(np.uint8)


def save(file: Path, pixels: np.ndarray) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(file)


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three sets of photos: `made`, `real` and, paler, `other`."""
    folder = tmp_path_factory.mktemp("sets")
    for start, (name, count) in enumerate(COUNTS.items()):
        for number in range(count):
            pixels = photo(1000 * start + number, contrast=0.3 if name == "other" else 1.0)
            save(folder / name / f"{name}-{number:02}.png", pixels)
    return folder


def scores_of(done: "CompletedProcess[str]") -> dict[tuple[str, str], dict[str, str]]:
    assert done.returncode == 0, done.stderr
    return {(row["metric"], row["region"]): row for row in csv.DictReader(io.StringIO(done.stdout))}


def one_line(done: "CompletedProcess[str]", code: int, *words: str | Path) -> None:
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    for word in words:
        assert str(word) in line


# ----------------------------------------------------------------------------------------------------------- numbers


@pytest.fixture(scope="module")
def judged(run: Run, sets: Path, classifier_run: Path) -> "CompletedProcess[str]":
    words = ("--metrics", "fid,kid,prdc,confidence", "--features", classifier_run, "--against", sets / "other")
    return run("evaluate", sets / "made", "--reference", sets / "real", *words)


def test_each_set_has_its_rows(judged: "CompletedProcess[str]") -> None:
    found = scores_of(judged)
    names = ("fid", "kid", "precision", "recall", "density", "coverage")
    assert set(found) == {
        *((name, region) for name in names for region in ("set", "against")),
        *(("confidence", region) for region in ("set", "reference", "ratio", "against", "difference")),
        ("kid", "difference"),
    }
    for (name, region), row in found.items():
        has_interval = name in ("kid", "confidence")
        assert (row["low"] != "", row["high"] != "") == (has_interval, has_interval), (name, region)
        if has_interval:
            assert float(row["low"]) <= float(row["mean"]) <= float(row["high"])
        counts = {"against": COUNTS["other"], "reference": COUNTS["real"]}
        assert int(row["n"]) == counts.get(region, COUNTS["made"])
        assert row["median"] == ""
    for name in ("kid", "confidence"):
        difference = float(found[name, "set"]["mean"]) - float(found[name, "against"]["mean"])
        assert float(found[name, "difference"]["mean"]) == pytest.approx(difference)
    assert float(found["kid", "difference"]["high"]) < 0, "the pale photos are further from the real ones"


def test_confidence_is_the_classifiers_own(judged: "CompletedProcess[str]", sets: Path, classifier: ResNet18) -> None:
    means = {}
    for region, name in {"set": "made", "reference": "real", "against": "other"}.items():
        squares = [to_square(np.asarray(Image.open(file)), classifier.size, "crop") for file in (sets / name).iterdir()]
        with torch.no_grad():
            logits = classifier(torch.from_numpy(np.stack(squares)) / 127.5 - 1)
        means[region] = float(logits.softmax(dim=1).amax(dim=1).mean())
        assert float(scores_of(judged)["confidence", region]["mean"]) == pytest.approx(means[region], rel=1e-5)
    ratio = float(scores_of(judged)["confidence", "ratio"]["mean"])
    assert ratio == pytest.approx(means["set"] / means["reference"], rel=1e-5)


def test_the_recipe_is_in_every_form(
    judged: "CompletedProcess[str]", in_process: Run, sets: Path, classifier_run: Path
) -> None:
    row = scores_of(judged)["kid", "set"]
    parts = (
        f"features classifier of {classifier_run} (512 features)",
        f"weights sha256 {file_sha256(classifier_run / 'model.safetensors')}",
        "Pillow bicubic, antialiased",
        "to 32x32, fit crop",
        "set 14 of 44x36",
        "reference 17 of 44x36",
        "against 12 of 44x36",
        "seed 0",
        "fid: Frechet distance of two Gaussians fitted to features, no interval",
        "95 % bootstrap of the images of both sets",
    )
    for part in parts:
        assert part in row["recipe"]
    words = ("--metrics", "kid", "--features", classifier_run, "--json")
    told = json.loads(in_process("evaluate", sets / "made", "--reference", sets / "real", *words).stdout)
    assert all(part in told["recipe"] for part in parts[:6])
    (score,) = told["scores"]
    assert {key: float(row[key]) for key in ("mean", "low", "high", "n")} == {
        key: score[key] for key in ("mean", "low", "high", "n")
    }
    table = tell.scores(
        [score_of("kid", "set", Estimate(0.00123456), 14)], told["recipe"], as_json=False, terminal=True
    )
    assert table.splitlines()[1].split() == ["kid", "set", "0.001235", "none", "14"]
    assert table.splitlines()[2] == told["recipe"]


def test_few_images_are_warned_of(judged: "CompletedProcess[str]") -> None:
    (line,) = (line for line in judged.stderr.splitlines() if "2,048" in line)
    assert "set 14, reference 17, against 12" in line


def test_workers_change_no_byte_and_the_seed_the_interval_alone(
    judged: "CompletedProcess[str]", in_process: Run, sets: Path, classifier_run: Path
) -> None:
    words = ("--metrics", "fid,kid,prdc,confidence", "--features", classifier_run, "--against", sets / "other")
    again = [
        in_process("evaluate", sets / "made", "--reference", sets / "real", *words, "--workers", number, "--seed", seed)
        for number, seed in ((1, 0), (3, 0), (2, 1))
    ]
    assert again[0].stdout == again[1].stdout == judged.stdout
    first, other = scores_of(judged), scores_of(again[2])
    assert all(first[key]["mean"] == other[key]["mean"] for key in first)
    assert first["kid", "set"]["low"] != other["kid", "set"]["low"]


def test_one_set_twice_is_one_set(in_process: Run, sets: Path, classifier_run: Path) -> None:
    words = ("--metrics", "fid,kid,prdc", "--features", classifier_run, "--against", sets / "made")
    found = scores_of(in_process("evaluate", sets / "made", "--reference", sets / "made", *words))
    assert float(found["fid", "set"]["mean"]) == pytest.approx(0, abs=1e-4)
    assert float(found["kid", "set"]["mean"]) < 0, "unbiased, it leaves out the pairs that would make it zero"
    assert float(found["kid", "set"]["low"]) < 0 < float(found["kid", "set"]["high"])
    assert float(found["kid", "difference"]["mean"]) == 0
    assert [float(found[name, "set"]["mean"]) for name in ("precision", "recall", "coverage")] == [1, 1, 1]


@pytest.mark.slow
def test_inception_scores_are_torch_fidelitys(in_process: Run, seeded_inception: Path, tmp_path: Path) -> None:
    """At 299 x 299 pixels neither resizes, so that all numbers must agree."""
    for number in range(24):
        name = "made" if number < 12 else "real"
        save(tmp_path / name / f"{number}.png", photo(number, (299, 299), 0.8 if name == "made" else 1.0))
    truth = calculate_metrics(
        input1=str(tmp_path / "made"), input2=str(tmp_path / "real"), cuda=False, cache=False, verbose=False,
        fid=True, kid=True, prc=True, kid_subsets=1, kid_subset_size=12, prc_neighborhood=5,
        feature_extractor="inception-v3-compat", feature_extractor_weights_path=str(seeded_inception),
    )  # fmt: skip
    words = ("--metrics", "fid,kid,prdc", "--weights", seeded_inception)
    found = scores_of(in_process("evaluate", tmp_path / "made", "--reference", tmp_path / "real", *words))
    assert float(found["fid", "set"]["mean"]) == pytest.approx(truth["frechet_inception_distance"], rel=1e-3)
    assert float(found["kid", "set"]["mean"]) == pytest.approx(truth["kernel_inception_distance_mean"], rel=1e-3)
    assert float(found["precision", "set"]["mean"]) == pytest.approx(truth["precision"])
    assert float(found["recall", "set"]["mean"]) == pytest.approx(truth["recall"])
    recipe = found["fid", "set"]["recipe"]
    assert "inception" in recipe
    assert file_sha256(seeded_inception) in recipe
    assert "299x299, fit stretch" in recipe


# -------------------------------------------------------------------------------------------------------------- sets


def test_the_set_of_targets_is_a_reference_and_a_photo_counts_once(
    in_process: Run, sets: Path, classifier_run: Path, tmp_path: Path
) -> None:
    made, real = (sorted((sets / name).iterdir()) for name in ("made", "real"))
    lines = [f"{image},{target}" for image, target in zip(made, real, strict=False)]
    (tmp_path / "manifest.csv").write_text("\n".join(["path,target", *lines, lines[-1], f"{made[-1]},{real[0]}", ""]))
    words = ("--metrics", "kid", "--features", classifier_run)
    found = scores_of(in_process("evaluate", tmp_path, *words))
    for file in real[: len(made)]:
        save(tmp_path / "targets" / file.name, np.asarray(Image.open(file)))
    named = scores_of(in_process("evaluate", sets / "made", "--reference", tmp_path / "targets", *words))
    assert found["kid", "set"]["mean"] == named["kid", "set"]["mean"]
    assert "set 14 of 44x36, reference 14 of 44x36" in found["kid", "set"]["recipe"]


def test_confidence_alone_needs_no_reference(in_process: Run, sets: Path, classifier_run: Path) -> None:
    found = scores_of(in_process("evaluate", sets / "made", "--metrics", "confidence", "--features", classifier_run))
    assert set(found) == {("confidence", "set")}


def test_several_folders_against_are_one_set(in_process: Run, sets: Path, classifier_run: Path) -> None:
    words = ("--metrics", "confidence", "--features", classifier_run)
    found = scores_of(
        in_process("evaluate", sets / "made", *words, "--against", sets / "other", "--against", sets / "real")
    )
    assert found["confidence", "against"]["n"] == str(COUNTS["other"] + COUNTS["real"])


@pytest.mark.slow
def test_fit_says_otherwise_than_the_run(in_process: Run, sets: Path, classifier_run: Path) -> None:
    words = ("evaluate", sets / "made", "--metrics", "confidence", "--features", classifier_run)
    crop, stretch = (scores_of(in_process(*words, "--fit", fit))["confidence", "set"] for fit in ("crop", "stretch"))
    assert "fit stretch" in stretch["recipe"]
    assert crop["mean"] != stretch["mean"]
    assert crop["mean"] == scores_of(in_process(*words))["confidence", "set"]["mean"]


def test_pairs_and_sets_are_scored_together_in_the_order_asked_for(
    in_process: Run, classifier_run: Path, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    tensors = {f"features.{name}": tensor for name, tensor in alexnet(weights=None).features.state_dict().items()}
    save_file(tensors, tmp_path / "alex.safetensors")
    for number in range(11):
        save(tmp_path / "made" / f"{number}.png", photo(number, (40, 40)))
        save(tmp_path / "real" / f"{number}.png", photo(number, (40, 40), 0.5))
    save(tmp_path / "made" / "small.png", photo(99, (20, 20)))
    save(tmp_path / "real" / "small.png", photo(98, (20, 20)))
    words = ("--backbone", "alex", "--weights", tmp_path / "alex.safetensors", "--features", classifier_run)
    done = in_process(
        "evaluate", tmp_path / "made", "--reference", tmp_path / "real", "--metrics", "kid,lpips,l1", *words,
        "--per-image", tmp_path / "each.csv",
    )  # fmt: skip
    found = scores_of(done)
    assert list(found) == [("kid", "set"), ("lpips", "image"), ("l1", "image")]
    assert [found[key]["n"] for key in found] == ["12", "11", "11"]
    assert float(found["lpips", "image"]["low"]) > 0
    assert "lpips needs 32" in done.stderr
    recipe = found["lpips", "image"]["recipe"]
    assert f"lpips through alex, weights sha256 {file_sha256(tmp_path / 'alex.safetensors')}" in recipe
    with open(tmp_path / "each.csv", encoding="utf-8", newline="") as stream:
        values = [float(row["lpips"]) for row in csv.DictReader(stream) if row["status"] == "ok"]
    assert np.mean(values) == pytest.approx(float(found["lpips", "image"]["mean"]))


# ------------------------------------------------------------------------------------------------------------ errors


def test_photos_that_cannot_be_read_are_left_out_and_told(
    in_process: Run, sets: Path, classifier_run: Path, tmp_path: Path
) -> None:
    for number in range(11):
        save(tmp_path / "some" / f"{number}.png", photo(number))
    (tmp_path / "some" / "bad.png").write_bytes(b"no image")
    words = ("--metrics", "kid", "--features", classifier_run)
    done = in_process("evaluate", tmp_path / "some", "--reference", sets / "real", *words)
    assert scores_of(done)["kid", "set"]["n"] == "11"
    assert "1 bad" in done.stderr
    done = in_process("evaluate", sets / "made", "--reference", tmp_path / "some", *words)
    assert "reference 11 of" in scores_of(done)["kid", "set"]["recipe"]
    assert "reference: 12 rows, 11 done, 1 bad" in done.stderr
    (tmp_path / "some" / "worse.png").write_bytes(b"no image")
    done = in_process("evaluate", tmp_path / "some", "--reference", sets / "real", *words)
    assert done.returncode == 3
    assert "kid,set" in done.stdout, "everything good is kept"
    done = in_process("evaluate", sets / "made", "--reference", tmp_path / "some", *words)
    assert (done.returncode, done.stdout) == (3, "")


@pytest.mark.parametrize(
    ("metric", "fewest"),
    [("kid", 10), *(pytest.param(*one, marks=pytest.mark.slow) for one in (("fid", 2), ("prdc", 6)))],
)
def test_sets_that_are_too_small_are_refused(
    in_process: Run, sets: Path, classifier_run: Path, metric: str, fewest: int
) -> None:
    words = ("--metrics", metric, "--features", classifier_run, "--reference", sets / "real")
    one_line(
        in_process("evaluate", sets / "made", *words, "--limit", fewest - 1), 2,
        f"{metric} needs sets of {fewest} images or more: the input has {fewest - 1}",
    )  # fmt: skip
    scores_of(in_process("evaluate", sets / "made", *words, "--limit", fewest))


def test_a_run_without_a_classifier_is_refused_by_name(
    in_process: Run, sets: Path, classifier_run: Path, write_run: Callable[..., None], tmp_path: Path
) -> None:
    def judge(features: str | Path) -> "CompletedProcess[str]":
        words = ("--metrics", "kid", "--features", features)
        return in_process("evaluate", sets / "made", "--reference", sets / "real", *words)

    one_line(judge("incepton"), 2, "--features incepton", "inception", "train classifier")
    one_line(judge(sets / "real"), 2, sets / "real", "not a training run")
    model = (classifier_run / "model.safetensors").read_bytes()
    (tmp_path / "model.safetensors").write_bytes(model)
    write_run(tmp_path, {"generator": {"name": "dcgan-generator", "arguments": {}}})
    one_line(judge(tmp_path), 2, tmp_path, "no classifier", "'dcgan'", "train classifier")
    record = json.loads((classifier_run / "run.json").read_text())
    write_run(tmp_path, record["models"], complete=False)
    one_line(judge(tmp_path), 2, tmp_path, "unfinished")
    write_run(tmp_path, record["models"])
    (tmp_path / "model.safetensors").write_bytes(model[:-100])
    one_line(judge(tmp_path), 2, tmp_path, "damaged")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--metrics", "confidence"), "confidence needs a classifier: name a run with --features RUN"),
        (
            ("--metrics", "confidence", "--features", "vgg16"),
            "confidence needs a classifier: name a run with --features RUN",
        ),
        (("--metrics", "ssim", "--features", "inception"), "--features is for metrics of sets"),
        (("--metrics", "ssim", "--against", "."), "--against is for metrics of sets"),
        (("--metrics", "l1", "--fit", "crop"), "--fit is for metrics of sets"),
        (("--metrics", "l1,kid", "--backbone", "alex"), "--backbone is for lpips"),
        (("--metrics", "l1", "--weights", "w.pth"), "--weights is for lpips"),
        (("--metrics", "kid", "--features", "run", "--weights", "w.pth"), "--weights is for lpips"),
        (("--metrics", "kid", "--resize", "area"), "--resize is for metrics of pairs"),
        (("--metrics", "fid", "--per-image", "f.csv"), "--per-image is for metrics of pairs"),
        (("--metrics", "fid", "--against", "-"), "--against cannot be standard input"),
        (("--metrics", "fid", "--against", "nowhere"), "nowhere: no such file or folder"),
        (("--metrics", "kids"), "did you mean kid"),
    ],
)
def test_what_no_metric_looks_at_is_refused(in_process: Run, sets: Path, words: tuple[str, ...], told: str) -> None:
    one_line(in_process("evaluate", sets / "made", "--reference", sets / "real", *words), 2, told)


def test_without_targets_or_reference_there_is_no_set_to_compare_with(
    in_process: Run, sets: Path, classifier_run: Path, tmp_path: Path
) -> None:
    one_line(in_process("evaluate", sets / "made", "--metrics", "fid"), 2, "--reference DIR")
    (tmp_path / "m.csv").write_text(f"path,target\n{sets}/made/made-00.png,\n{sets}/made/made-01.png,\n")
    done = in_process("evaluate", tmp_path / "m.csv", "--metrics", "fid", "--features", classifier_run)
    one_line(done, 2, "fid needs sets of 2 images or more", "target", "has 0")


@pytest.mark.parametrize("metric", ["fid", pytest.param("lpips", marks=pytest.mark.slow)])
def test_weights_that_cannot_be_had_are_exit_4_with_the_way_out(
    run: Run, sets: Path, tmp_path: Path, metric: str
) -> None:
    offline = {"TORCH_HOME": str(tmp_path), "https_proxy": "http://127.0.0.1:9", "no_proxy": ""}
    words = ("evaluate", sets / "made", "--reference", sets / "made", "--metrics", metric)
    done = run(*words, env=offline)
    assert (done.returncode, done.stdout) == (4, "")
    said, error = done.stderr.splitlines()
    assert "fetching the weights of" in said
    assert "--weights FILE" in error
    one_line(run(*words, "--weights", "nothing.pth"), 4, "--weights nothing.pth")
