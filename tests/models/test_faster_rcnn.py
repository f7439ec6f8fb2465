"""Faster R-CNN on our canvas, against torchvision's own model with its own transform."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.rpn import AnchorGenerator
from torchvision.ops import MultiScaleRoIAlign

from fashiontools.models.detection.backbones import BACKBONES
from fashiontools.models.detection.canvas import canvas_of, scaled_size
from fashiontools.models.detection.faster_rcnn import FasterRcnn, Targets

CLASSES = ("upper", "lower", "full")
SIZES = [(96, 64), (80, 64), (64, 90)]


def ours(backbone: str, *, frozen: bool = False) -> FasterRcnn:
    torch.manual_seed(1)
    return FasterRcnn(backbone, CLASSES, frozen=frozen, proposals=200, samples=64)


def torchvisions(backbone: str, *, frozen: bool = False) -> FasterRCNN:
    """Of the same parts, put together as torchvision's documentation says."""
    row = BACKBONES[backbone]
    each = (32, 64, 128, 256, 512)
    sides = (each,) * 3 if backbone == "mobilenet" else tuple((side,) for side in each)
    return FasterRCNN(
        row.build(row.stride, frozen=frozen), 4, min_size=64, max_size=200,
        rpn_anchor_generator=AnchorGenerator(sides, ((0.5, 1.0, 2.0),) * len(sides)),
        box_roi_pool=MultiScaleRoIAlign(row.maps(row.stride), 7, 2),
        rpn_pre_nms_top_n_train=200, rpn_post_nms_top_n_train=200,
        rpn_pre_nms_top_n_test=100, rpn_post_nms_top_n_test=100, box_batch_size_per_image=64,
    )  # fmt: skip


def images(seed: int = 0) -> list[Tensor]:
    """In [0, 1]; the shorter side of each is 64, so that torchvision's transform leaves its size alone."""
    generator = torch.Generator().manual_seed(seed)
    return [torch.rand(3, height, width, generator=generator) for height, width in SIZES]


def on_canvas(photos: list[Tensor], beyond: float = -1.0) -> tuple[Tensor, Tensor]:
    extents = [tuple(photo.shape[1:]) for photo in photos]
    height, width = canvas_of(max(h for h, _ in extents), max(w for _, w in extents))
    batch = torch.full((len(photos), 3, height, width), beyond, dtype=photos[0].dtype)
    for place, (photo, (h, w)) in enumerate(zip(photos, extents, strict=True)):
        batch[place, :, :h, :w] = photo * 2 - 1
    return batch, torch.tensor(extents)


@pytest.fixture(params=[("mobilenet", False), ("mobilenet", True), ("resnet50", True)], ids=str)
def both(request: pytest.FixtureRequest) -> tuple[FasterRcnn, FasterRCNN]:
    backbone, frozen = request.param
    one, other = ours(backbone, frozen=frozen), torchvisions(backbone, frozen=frozen)
    other.load_state_dict(one.state_dict())
    return one, other


def test_it_finds_what_torchvision_finds(both: tuple[FasterRcnn, FasterRCNN]) -> None:
    one, other = (model.eval() for model in both)
    other.rpn.score_thresh = 0.05 if one.rpn.score_thresh else 0.0  # as torchvision builds its own
    with torch.no_grad():
        found, theirs = one(*on_canvas(images())), other(images())
    assert sum(len(each.boxes) for each in found) > 10
    for mine, its in zip(found, theirs, strict=True):
        assert torch.allclose(mine.boxes, its["boxes"], atol=1e-3)
        assert torch.allclose(mine.scores, its["scores"], atol=1e-5)
        assert torch.equal(mine.labels, its["labels"] - 1)


def test_its_losses_are_torchvisions(both: tuple[FasterRcnn, FasterRCNN]) -> None:
    # In double precision: the last bits decide between proposals that are alike, and so which are learnt from.
    one, other = (model.double().train() for model in both)
    boxes = torch.tensor([[[4.0, 5, 40, 60], [10, 20, 50, 62]], [[4.0, 5, 40, 60], [0, 0, 0, 0]], [[0, 0, 0, 0.0]] * 2])
    labels = torch.tensor([[0, 1], [2, -1], [-1, -1]])
    targets = [
        {"boxes": boxes[0].double(), "labels": torch.tensor([1, 2])},
        {"boxes": boxes[1, :1].double(), "labels": torch.tensor([3])},
        {"boxes": torch.zeros(0, 4).double(), "labels": torch.zeros(0, dtype=torch.int64)},
    ]
    for model in (one, other):  # torchvision's transform draws too
        model.rpn.register_forward_pre_hook(lambda *_: torch.manual_seed(7) and None)
    photos, extents = on_canvas([image.double() for image in images()])
    losses = one(photos, extents, Targets(boxes.double(), labels))
    theirs = other([image.double() for image in images()], targets)
    names = {"loss_objectness": "loss_objectness", "loss_rpn_box_reg": "loss_proposal_box",
             "loss_classifier": "loss_class", "loss_box_reg": "loss_box"}  # fmt: skip
    assert set(losses) == set(names.values())
    for its, mine in names.items():
        assert losses[mine].item() == pytest.approx(theirs[its].item(), rel=1e-4), mine


def test_what_lies_beyond_a_photo_does_not_matter() -> None:
    model = ours("mobilenet").eval()
    with torch.no_grad():
        found, others = (model(*on_canvas(images(), beyond)) for beyond in (-1.0, 0.7))
    for mine, its in zip(found, others, strict=True):
        assert torch.equal(mine.boxes, its.boxes)
        assert torch.equal(mine.scores, its.scores)


@pytest.mark.parametrize("backbone", BACKBONES)
def test_frozen_stages_and_norms_are_no_parameters(backbone: str) -> None:
    model = ours(backbone, frozen=True)
    free = ours(backbone)
    trained = {name for name, _ in model.named_parameters()}
    assert {name for name, _ in free.named_parameters()} > trained
    model.requires_grad_(True)
    assert {name for name, one in model.named_parameters() if one.requires_grad} == trained
    keys = {name for name in free.state_dict() if not name.endswith("num_batches_tracked")}
    assert set(model.state_dict()) == keys, "its tensors have the names of torchvision's files all the same"


def test_proposals_are_as_many_as_were_asked_for() -> None:
    model = ours("mobilenet")
    assert model.rpn.post_nms_top_n() == 200
    assert model.eval().rpn.post_nms_top_n() == 100


@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        ((832, 550), (484, 320)),
        ((550, 832), (320, 484)),
        ((1000, 100), (640, 64)),
        ((64, 64), (320, 320)),
        ((9000, 2), (640, 1)),
    ],
)
def test_the_shorter_side_is_scaled_unless_the_longer_one_is_too_long(
    size: tuple[int, int], wanted: tuple[int, int]
) -> None:
    assert scaled_size(*size, 320, 640) == wanted


def test_a_canvas_is_the_next_multiple_of_the_stride() -> None:
    sizes: Callable[[int, int], tuple[int, int]] = canvas_of
    assert [sizes(1, 32), sizes(33, 64), sizes(484, 320)] == [(32, 32), (64, 64), (512, 320)]


@pytest.mark.parametrize(("backbone", "least"), [("mobilenet", 0.05), ("resnet50", 0.0)])
def test_unlikely_proposals_are_passed_over_in_use_alone(backbone: str, least: float) -> None:
    model = ours(backbone)
    assert model.train().rpn.score_thresh == 0.0
    assert model.eval().rpn.score_thresh == least
