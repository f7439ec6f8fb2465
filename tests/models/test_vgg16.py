"""VGG16 as a measure of likeness: torchvision's own network, its files, and files that are none."""

import hashlib
from pathlib import Path

import pytest
import torch
from torchvision.models import vgg16

from fashiontools.core.errors import FashiontoolsError
from fashiontools.models.features.vgg16 import UNTRAINED, Vgg16, open_vgg16

FIRST = ("relu1_2",)


@pytest.fixture(scope="module")
def torchvisions() -> torch.nn.Module:
    torch.manual_seed(5)
    return vgg16(weights=None).features.eval()


def weights_of(features: torch.nn.Module, layers: int) -> dict[str, torch.Tensor]:
    """The part of torchvision's state dict that the first layers need: the whole of it has half a gigabyte."""
    return {f"features.{key}": value for key, value in features[:layers].state_dict().items()}


def test_features_are_those_of_torchvision(torchvisions: torch.nn.Module, tmp_path: Path) -> None:
    """Of images in [-1, 1], brought to torchvision's mean and spread, after the rectifiers."""
    file = tmp_path / "vgg.pth"
    torch.save(weights_of(torchvisions, 16), file)
    network, told = open_vgg16(str(file), ("relu1_2", "relu3_3"), print)
    assert told == hashlib.sha256(file.read_bytes()).hexdigest()
    image = torch.rand(2, 3, 32, 32)
    mean, spread = (torch.tensor(three).view(1, 3, 1, 1) for three in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    read = (image - mean) / spread
    expected = [torchvisions[:4](read), torchvisions[:16](read)]
    found = network(image * 2 - 1)
    assert [tuple(one.shape) for one in found] == [(2, 64, 32, 32), (2, 256, 8, 8)]
    for one, other in zip(found, expected, strict=True):
        assert (one >= 0).all()
        assert torch.allclose(one, other, atol=1e-4)


def test_untrained_is_seeded_and_draws_from_nobody_elses_numbers() -> None:
    torch.manual_seed(0)
    before = torch.get_rng_state()
    one, told = open_vgg16(UNTRAINED, FIRST, print)
    assert told == UNTRAINED
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(99)
    other, _ = open_vgg16(UNTRAINED, FIRST, print)
    image = torch.rand(1, 3, 16, 16)
    assert torch.equal(one(image)[0], other(image)[0])
    assert one(image)[0].any()


def test_it_never_learns_but_gradients_pass() -> None:
    network = Vgg16(FIRST)
    image = torch.rand(1, 3, 16, 16, requires_grad=True)
    network(image)[0].sum().backward()
    assert image.grad.any()
    assert not any(parameter.requires_grad for parameter in network.parameters())


class Bomb:
    """What unpickling would run: a file appears."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple:
        return Path.touch, (self.trace,)


def test_a_pickle_in_the_file_is_not_run(tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    for name, content in (("alone.pth", Bomb(trace)), ("inside.pth", {"features.0.weight": Bomb(trace)})):
        torch.save(content, tmp_path / name)
        with pytest.raises(FashiontoolsError, match=name):
            open_vgg16(str(tmp_path / name), FIRST, print)
    assert not trace.exists()


@pytest.mark.parametrize(
    "damage", ["empty", "text", "cut", "list", "other keys", "other shapes", "numbers", "gone", "folder"]
)
def test_what_is_no_file_of_vgg16_is_told_in_a_line(torchvisions: torch.nn.Module, tmp_path: Path, damage: str) -> None:
    file, good = tmp_path / "vgg.pth", weights_of(torchvisions, 3)
    if damage in ("empty", "text"):
        file.write_bytes(b"" if damage == "empty" else b"no weights at all\n" * 9)
    elif damage == "folder":
        file.mkdir()
    elif damage != "gone":
        wrong = {
            "cut": good,
            "list": list(good.values()),
            "other keys": {"conv.weight": torch.zeros(2)},
            "other shapes": {key: value[:2] for key, value in good.items()},
            "numbers": dict.fromkeys(good, 3),
        }
        torch.save(wrong[damage], file)
        if damage == "cut":
            file.write_bytes(file.read_bytes()[:2000])
    with pytest.raises(FashiontoolsError) as error:
        open_vgg16(str(file), FIRST, print)
    assert error.value.exit_code == (4 if damage in ("gone", "folder") else 2)
    assert str(error.value).startswith(f"--vgg {file}: ")
    assert "\n" not in str(error.value)
    assert "weights_only" not in str(error.value), "torch's advice to open files that are not safe"
    assert damage != "gone" or "No such file" in str(error.value)


def test_imagenets_weights_that_cannot_be_fetched_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # where nobody listens
    _, told = open_vgg16("imagenet", FIRST, print)
    assert told == UNTRAINED
