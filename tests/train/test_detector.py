"""The recipe `detector` in memory: boxes learned, mirrored, varied and judged; the weights that it begins with."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torchvision.models import mobilenet_v3_large, resnet50
from torchvision.models.detection import fasterrcnn_mobilenet_v3_large_320_fpn, fasterrcnn_resnet50_fpn
from wardrobe import COLOURS, data_of, options_of

from fashiontools.core.errors import FashiontoolsError, UsageError
from fashiontools.core.progress import Progress
from fashiontools.train.loop import Loop
from fashiontools.train.processes import Processes
from fashiontools.train.recipe import Data, Picked, Place
from fashiontools.train.recipes.detector.jitter import draw_jitter, jittered
from fashiontools.train.recipes.detector.options import DetectorOptions
from fashiontools.train.recipes.detector.recipe import Detector

CPU = torch.device("cpu")


def recipe_of(data: Data, **settings: object) -> Detector:
    torch.manual_seed(0)
    return Detector(options_of(**settings), data, CPU)


def picked(numbers: list[int], mirrored: list[bool] | None = None) -> Picked:
    return Picked(np.array(numbers), np.array(mirrored or [False] * len(numbers)), 0, 0)


# ----------------------------------------------------------------------------------------------------------- learning


@pytest.mark.slow
@pytest.mark.parametrize("backbone", ["mobilenet", "resnet50", "resnet101", "resnext101"])
def test_four_photos_are_learned_by_heart(tmp_path: Path, backbone: str) -> None:
    data = data_of([0, 1, 2, 3])
    data = Data(data.rows, data.photos, data, boxes=data.boxes)
    stride = 16 if backbone == "mobilenet" else None
    options = options_of(backbone=backbone, stride=stride, steps=120, validate_every=120)
    torch.manual_seed(0)
    loop = Loop(Detector(options, data, CPU), data, options, tmp_path, Processes(CPU), Progress("", quiet=True))
    list(loop.train(0.0))
    told = loop.state.epochs[-1]
    assert told["val_ap50"] > 0.95
    assert told["val_ap"] > 0.25  # how tight boxes are after 120 steps hangs on the number of threads
    assert (tmp_path / "best.safetensors").exists()


def test_a_photo_without_boxes_alone_has_losses_that_are_numbers() -> None:
    recipe = recipe_of(data_of([0, 1, 2, 3]))
    batch = recipe.draw(picked([3]))
    assert (batch["labels"] == -1).all()
    photo = torch.zeros(1, 3, 96, 64)
    recipe.modules["detector"].train()
    losses = recipe._losses({"photo": photo, **batch})
    assert all(math.isfinite(loss.item()) for loss in losses.values())
    losses["loss"].backward()


# ------------------------------------------------------------------------------------------------------ what is drawn


def test_boxes_come_in_pixels_of_the_scaled_photo_and_mirror_with_it() -> None:
    data = data_of([0, 1])
    data.photos.__dict__["sizes"] = np.array([[64, 48], [48, 64]])  # half of what the boxes were drawn on
    recipe = recipe_of(data)
    (x, y, width, height), label = data.boxes[0].boxes[0], data.boxes[0].labels[0]
    plain, mirrored = (recipe.draw(picked([0], [flip])) for flip in (False, True))
    assert plain["boxes"][0, 0].tolist() == pytest.approx([x / 2, y / 2, (x + width) / 2, (y + height) / 2])
    assert mirrored["boxes"][0, 0].tolist() == pytest.approx(
        [48 - (x + width) / 2, y / 2, 48 - x / 2, (y + height) / 2]
    )
    assert plain["extents"].tolist() == [[64, 48]]
    assert label == "upper"
    assert recipe.draw(picked([1]))["labels"].tolist() == [[2, -1]]


@pytest.mark.parametrize("seed", range(5))
def test_a_jittered_box_is_still_around_its_colour(seed: int) -> None:
    data = data_of([0, 1, 2])
    recipe = recipe_of(data)
    drawn = recipe.draw(picked([0, 1, 2]))
    photo = torch.from_numpy(data.photos.batch(np.arange(3))).permute(0, 3, 1, 2).float() / 127.5 - 1
    amounts = draw_jitter(3, 0.4, torch.Generator().manual_seed(seed))
    amounts[:, 3:] = 1  # colours stay, so that they can be found again
    moved, boxes, labels = jittered(photo, drawn["extents"], drawn["boxes"], drawn["labels"], amounts)
    assert moved.shape == photo.shape
    found = 0
    for n in range(3):
        for box, label in zip(boxes[n], labels[n], strict=True):
            if label < 0:
                continue
            name = recipe.models["detector"].arguments["classes"][int(label)]
            colour = torch.tensor(COLOURS[name]) / 127.5 - 1
            near = (moved[n] - colour[:, None, None]).abs().amax(dim=0) < 0.2
            rows, columns = near.any(dim=1).nonzero().flatten(), near.any(dim=0).nonzero().flatten()
            seen = [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]
            assert np.allclose(box.tolist(), [float(one) for one in seen], atol=2.5)
            found += 1
    assert found >= 2
    assert drawn["extents"][:2].tolist() == [[128, 96], [96, 128]], "on a canvas of 128 x 128"
    assert moved[0, :, :, 96:].abs().max() < 1e-5 > moved[1, :, 96:].abs().max()


def test_no_jitter_changes_nothing() -> None:
    data = data_of([0, 1])
    drawn = recipe_of(data).draw(picked([0, 1]))
    photo = torch.from_numpy(data.photos.batch(np.arange(2))).permute(0, 3, 1, 2).float() / 127.5 - 1
    still = torch.tensor([[1.0, 0, 0, 1, 1, 1]] * 2)
    moved, boxes, labels = jittered(photo, drawn["extents"], drawn["boxes"], drawn["labels"], still)
    for n, (height, width) in enumerate(drawn["extents"].tolist()):
        assert torch.allclose(moved[n, :, :height, :width], photo[n, :, :height, :width], atol=1e-4)
    assert torch.allclose(boxes[labels >= 0], drawn["boxes"][labels >= 0], atol=1e-4)
    assert torch.equal(labels, drawn["labels"])


# ------------------------------------------------------------------------------------------------------------ judging


def test_held_out_photos_are_judged_in_pixels_of_their_files() -> None:
    """A network that finds the truth in pixels of the scaled photo scores 1."""
    held_out = data_of([4, 5, 6, 7])
    held_out.photos.__dict__["sizes"] = np.array([one.shape[:2] for one in held_out.photos.photos])
    recipe = recipe_of(data_of([0, 1, 2, 3]))
    truth = {number: recipe._truth(held_out, np.array([number]), np.array([False])) for number in range(4)}

    class Oracle(torch.nn.Module):
        def forward(self, photos: torch.Tensor, extents: torch.Tensor) -> list[object]:
            from fashiontools.models.detection.faster_rcnn import Found

            found = []
            for photo in photos:
                number = next(n for n in range(4) if self.is_photo(photo, n))
                known = truth[number]["labels"][0] >= 0
                boxes, labels = truth[number]["boxes"][0][known], truth[number]["labels"][0][known]
                found.append(Found(boxes, labels, torch.ones(len(labels))))
            return found

        def is_photo(self, photo: torch.Tensor, number: int) -> bool:
            pixels = torch.from_numpy(held_out.photos.photos[number]).permute(2, 0, 1) / 127.5 - 1
            return torch.allclose(photo[:, : pixels.shape[1], : pixels.shape[2]], pixels, atol=1e-3)

    recipe.modules = {"detector": Oracle()}
    told = recipe.validate(held_out)
    assert set(told) == {"val_ap", "val_ap50", "val_ap75", "val_ar100"} | {f"val_ap50_{name}" for name in COLOURS}
    assert all(value == pytest.approx(1) for value in told.values())


def test_the_best_is_the_highest_ap_and_no_number_is_none() -> None:
    recipe = recipe_of(data_of([0, 1]))
    epochs = [{"val_ap": float("nan")}, {"val_ap": 0.2}, {"val_ap": 0.4}, {"val_ap": 0.3}]
    assert recipe.best_epoch(epochs) == (2, "highest AP on held-out photos")
    assert recipe.best_epoch([{"loss_class": 2.0, "loss_box": 1.0}, {"loss_class": 1.0, "loss_box": 1.0}])[0] == 1


def test_the_schedule_is_detectrons() -> None:
    """Linear from a third, then tenths at the milestones (the thesis's 20,000 and 40,000)."""
    factor = recipe_of(data_of([0, 1]), warmup=500, milestones="20000,40000")._factor
    steps = [0, 250, 500, 19_999, 20_000, 40_000]
    wanted = [1 / 3, 2 / 3, 1, 1, 0.1, 0.01]
    assert [factor(Place(step, 0, step / 50_000)) for step in steps] == pytest.approx(wanted)
    assert recipe_of(data_of([0, 1]), schedule="cosine")._factor(Place(50, 0, 0.5)) == pytest.approx(0.5)


# ------------------------------------------------------------------------------------------------ classes and options


def test_upper_lower_and_full_come_first_and_others_by_name() -> None:
    data = data_of([0, 1, 2])
    renamed = [
        one._replace(labels=tuple({"lower": "zip", "full": "bag"}.get(n, n) for n in one.labels)) for one in data.boxes
    ]
    recipe = recipe_of(Data(data.rows, data.photos, boxes=renamed))
    assert recipe.models["detector"].arguments["classes"] == ["upper", "bag", "zip"]


def test_no_box_at_all_is_nothing_to_find_and_strange_labels_are_told() -> None:
    with pytest.raises(UsageError, match="no photo has a box"):
        recipe_of(data_of([3, 7]))
    with pytest.raises(UsageError, match="labels that the others have not: lower, upper"):
        recipe_of(data_of([1, 3], held_out=data_of([0])))


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"milestones": "200,100"}, "rising order"),
        ({"milestones": "soon"}, "expected steps"),
        ({"size": 320, "max_size": 300}, "--max-size 300 is less than --size 320"),
        ({"preset": "desktop"}, "--preset"),
        ({"stride": 4}, "--backbone mobilenet has 8, 16, 32"),
        ({"backbone": "resnet50", "stride": 16}, "--backbone resnet50 has 4"),
        ({"weights": "coco", "stride": 16}, "--weights coco are for --stride 32"),
        ({"weights": "imagnet"}, "imagenet"),
        ({"momentum": 0.5}, "--momentum is for --optimizer sgd, not for adamw"),
        ({"schedule": "cosine", "milestones": "5"}, "--milestones is for --schedule steps"),
        ({"schedule": "cosine", "gamma": 0.5}, "--gamma is for --schedule steps"),
    ],
)
def test_options_that_can_not_be_are_refused(settings: dict[str, object], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        options_of(**settings)


def test_the_thesis_is_the_default() -> None:
    options = DetectorOptions()
    assert (options.backbone, options.weights, options.batch, options.steps) == ("resnet50", "imagenet", 2, 50_000)
    assert (options.rate, options.weight_decay, options.falls) == (0.0025, 0.0001, (20_000, 40_000))
    assert (options.flip, options.size, options.longest) == (True, 800, 1333)
    (turn,) = recipe_of(data_of([0, 1]), optimizer="sgd", rate=0.0025, stride=32).turns
    (group,) = turn.optimizer([torch.nn.Parameter(torch.zeros(1))]).param_groups
    assert (group["lr"], group["momentum"], group["weight_decay"]) == (0.0025, 0.9, 0.0001)


def test_the_longer_side_follows_the_shorter_one() -> None:
    assert [DetectorOptions(size=size).longest for size in (800, 320, 640)] == [1333, 533, 1066]
    assert DetectorOptions(backbone="mobilenet", weights="coco").finest == 32
    assert DetectorOptions(backbone="mobilenet", weights="none").finest == 16


# ------------------------------------------------------------------------------------------------------------ weights


@pytest.mark.parametrize(("backbone", "classifier"), [("mobilenet", mobilenet_v3_large), ("resnet50", resnet50)])
def test_it_begins_with_a_file_of_classification_weights(tmp_path: Path, backbone: str, classifier: object) -> None:
    torch.manual_seed(3)
    given = classifier(weights=None).state_dict()
    torch.save(given, tmp_path / "w.pth")
    recipe = recipe_of(data_of([0, 1]), backbone=backbone, weights=str(tmp_path / "w.pth"))
    taken = recipe.modules["detector"].state_dict()
    body = {name: value for name, value in taken.items() if name.startswith("backbone.body.")}
    prefix = "features." if backbone == "mobilenet" else ""
    assert len(body) > 200
    for name, value in body.items():
        assert torch.equal(value, given[prefix + name.removeprefix("backbone.body.")]), name
    assert len(recipe.facts["weights"]) == 64
    trained = {name for name, _ in recipe.modules["detector"].named_parameters()}
    first = "backbone.body.0.0.weight" if backbone == "mobilenet" else "backbone.body.layer1.0.conv1.weight"
    assert first in taken, "a frozen stage is kept"
    assert first not in trained, "and not trained"
    assert not any("bn" in name for name in trained)


@pytest.mark.parametrize(
    ("backbone", "detector"),
    [
        ("mobilenet", fasterrcnn_mobilenet_v3_large_320_fpn),
        pytest.param("resnet50", fasterrcnn_resnet50_fpn, marks=pytest.mark.slow),
    ],
)
def test_it_begins_with_a_file_of_a_whole_detector_but_for_its_classes(
    tmp_path: Path, backbone: str, detector: object
) -> None:
    """Under the names of today, and under those of torchvision's older files."""
    torch.manual_seed(4)
    given = detector(weights=None, weights_backbone=None).state_dict()
    older = {
        name.replace(".0.weight", ".weight").replace(".0.bias", ".bias") if ".fpn." in name else
        name.replace("rpn.head.conv.0.0.", "rpn.head.conv."): value
        for name, value in given.items()
    }  # fmt: skip
    for file, tensors in (("new.pth", given), ("old.pth", older)):
        torch.save(tensors, tmp_path / file)
        stride = 32 if backbone == "mobilenet" else None
        recipe = recipe_of(data_of([0, 1]), backbone=backbone, stride=stride, weights=str(tmp_path / file))
        taken = recipe.modules["detector"]
        for name, value in taken.state_dict().items():
            if not name.startswith("roi_heads.box_predictor."):
                assert torch.equal(value, given[name]), name
        assert taken.state_dict()["roi_heads.box_predictor.cls_score.weight"].shape[0] == 4


def test_a_detector_with_other_strides_names_the_way(tmp_path: Path) -> None:
    torch.save(
        fasterrcnn_mobilenet_v3_large_320_fpn(weights=None, weights_backbone=None).state_dict(), tmp_path / "w.pth"
    )
    with pytest.raises(UsageError, match=r"not the weights of mobilenet, .*--stride 32"):
        recipe_of(data_of([0, 1]), stride=16, weights=str(tmp_path / "w.pth"))


@pytest.mark.parametrize(
    ("weights", "backbone", "code", "told"),
    [
        ("missing.pth", "mobilenet", 4, "missing.pth"),
        ("resnet50.pth", "mobilenet", 2, "not the weights of mobilenet"),
        ("coco", "resnet101", 2, "only for resnet50, mobilenet"),
    ],
)
def test_weights_that_do_not_fit_are_told_in_a_line(
    tmp_path: Path, weights: str, backbone: str, code: int, told: str
) -> None:
    if weights == "resnet50.pth":
        torch.save(resnet50(weights=None).state_dict(), tmp_path / weights)
    named = str(tmp_path / weights) if weights.endswith(".pth") else weights
    with pytest.raises(FashiontoolsError, match=told) as error:
        recipe_of(data_of([0, 1]), backbone=backbone, weights=named)
    assert error.value.exit_code == code
    assert "\n" not in str(error.value)
