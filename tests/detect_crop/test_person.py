"""`--model person`: torchvision's detector of people, from a local file, against torchvision's own."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from done import Done
from manifests import rows_of
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import nn
from torchvision.models.detection import FasterRCNN, fasterrcnn_mobilenet_v3_large_320_fpn

Detect = Callable[..., Done]
PERSON = 1


@pytest.fixture(scope="module")
def theirs() -> FasterRCNN:
    """torchvision's network, with random weights that take something on each photo for a person."""
    torch.manual_seed(0)
    network = fasterrcnn_mobilenet_v3_large_320_fpn(weights=None, weights_backbone=None, num_classes=91).eval()
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.eps = 1e-5  # as in the frozen ones that the published weights are for
    with torch.no_grad():
        network.roi_heads.box_predictor.cls_score.bias[PERSON] += 6
    return network


@pytest.fixture(scope="module")
def weights(theirs: FasterRCNN, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("weights") / "people.safetensors"
    save_file({name: tensor.contiguous() for name, tensor in theirs.state_dict().items()}, file)
    return file


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """One that neither torchvision nor we have to scale."""
    blocks = np.random.default_rng(0).integers(0, 256, (15, 10, 3), np.uint8)
    (tmp_path / "photos").mkdir()
    Image.fromarray(np.kron(blocks, np.ones((32, 32, 1), np.uint8))).save(tmp_path / "photos" / "p.png")
    return tmp_path / "photos"


def rows_with(detect_crop: Detect, folder: Path, weights: Path, out: Path, *words: object) -> list[dict[str, str]]:
    common = ("--model", "person", "--weights", weights, "--boxes-only", "--min-score", 0.1)
    done = detect_crop(folder, *common, *words, "-o", out)
    assert done.returncode == 0, done.stderr
    return rows_of(out)


def older_name(name: str) -> str:
    """What torchvision calls a tensor in the files that it offers."""
    if ".fpn." in name:
        return name.replace(".0.weight", ".weight").replace(".0.bias", ".bias")
    return name.replace("rpn.head.conv.0.0.", "rpn.head.conv.")


@pytest.mark.parametrize("named", [str, older_name])
def test_people_are_those_of_torchvision(
    detect_crop: Detect, theirs: FasterRCNN, weights: Path, photo: Path, tmp_path: Path, named: Callable[[str], str]
) -> None:
    if named is older_name:
        tensors = load_file(weights)
        weights = tmp_path / "older.pth"
        torch.save({named(name): tensor for name, tensor in tensors.items()}, weights)
        assert len(set(torch.load(weights)) - set(tensors)) > 9
    pixels = np.array(Image.open(photo / "p.png"))
    with torch.no_grad():
        (found,) = theirs([torch.from_numpy(pixels).permute(2, 0, 1).float() / 255])
    people = found["boxes"][found["labels"] == PERSON].numpy()
    rows = rows_with(detect_crop, photo, weights, tmp_path / "boxes", "--all", "--keep", "full")
    assert len(rows) > 3
    ours = np.array([row["box"].split() for row in rows], float)
    ours[:, 2:] += ours[:, :2]
    nearest = np.abs(ours[:, None] - people[None]).max(axis=2).min(axis=1)
    assert nearest.max() < 0.5
    best = found["scores"][found["labels"] == PERSON].max()
    assert float(rows[0]["score"]) == pytest.approx(float(best), abs=1e-3)


def test_a_person_is_split_by_the_figure_of_eight_heads(
    detect_crop: Detect, weights: Path, photo: Path, tmp_path: Path
) -> None:
    boxes = {}
    for keep in ("full", "upper", "lower"):
        (row,) = rows_with(detect_crop, photo, weights, tmp_path / keep, "--keep", keep)
        assert row["label"] == keep
        boxes[keep] = [float(side) for side in row["box"].split()]
    x, y, width, height = boxes["full"]
    head = height / 8
    assert boxes["upper"] == pytest.approx([x, y + head, width, 3 * head], abs=0.02)
    assert boxes["lower"] == pytest.approx([x, y + 3 * head, width, 5 * head], abs=0.02)
    (row,) = rows_with(detect_crop, photo, weights, tmp_path / "best")
    assert row["label"] == "full"
    rows = rows_with(detect_crop, photo, weights, tmp_path / "all", "--all", "--keep", "upper,lower")
    assert [row["label"] for row in rows[:2]] == ["upper", "lower"]
    assert len(rows) % 2 == 0


def test_weights_that_are_no_detector_of_people_are_refused(
    detect_crop: Detect, weights: Path, photo: Path, tmp_path: Path
) -> None:
    """The misfit is told of the kind that they are nearest to."""
    save_file({"a": torch.zeros(2)}, tmp_path / "other.safetensors")
    few = {name: one[:4] if "cls_score" in name else one for name, one in load_file(weights).items()}
    save_file(few, tmp_path / "few.safetensors")
    their_score = "roi_heads.box_predictor.cls_score.weight as (4, 1024), not (91, 1024)"
    (tmp_path / "text.pth").write_text("no tensors")
    for name, code, told in (
        (
            "other.safetensors",
            2,
            "not torchvision's Faster R-CNN for COCO with mobilenet or resnet50: it is near",
        ),
        ("few.safetensors", 2, f"it is nearest to mobilenet's but has {their_score}"),
        ("text.pth", 2, "it is no state dict of tensors alone"),
        ("none.pth", 4, "No such file or directory"),
    ):
        done = detect_crop(photo, "--model", "person", "--weights", tmp_path / name, "-o", tmp_path / "crops")
        assert (done.returncode, done.stderr.count("\n")) == (code, 1), done.stderr
        assert told in done.stderr
        assert not (tmp_path / "crops").exists()


def test_weights_that_cannot_be_fetched_say_how_to_get_them(
    detect_crop: Detect, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loader's cache is empty and there is no way to its site."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    done = detect_crop(photo, "--model", "person", "-o", tmp_path / "crops")
    assert done.returncode == 4
    assert "give a local file with --weights FILE" in done.stderr.splitlines()[-1]
    assert not (tmp_path / "crops").exists()


def test_other_weights_do_not_go_on(detect_crop: Detect, weights: Path, photo: Path, tmp_path: Path) -> None:
    """Under the same name; another name is another option, which is refused before."""
    copy = tmp_path / "copy.safetensors"
    copy.write_bytes(weights.read_bytes())
    words = ("--model", "person", "--weights", copy, "--boxes-only", "-o", tmp_path / "boxes")
    assert detect_crop(photo, *words).returncode == 0
    tensors = load_file(weights)
    tensors["roi_heads.box_predictor.cls_score.bias"] += 1
    save_file(tensors, copy)
    done = detect_crop(photo, *words)
    assert done.returncode == 2
    assert f"was made with other weights than {copy} has now" in done.stderr
