"""What evaluate looks through: the resize against its formula, networks against torch-fidelity, LPIPS by hand."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
import torchmetrics
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional
from torch_fidelity import FeatureExtractorInceptionV3, FeatureExtractorVGG16
from torchvision.models import alexnet, vgg16

from fashiontools.core.errors import Unavailable, UsageError
from fashiontools.core.progress import Progress
from fashiontools.core.weights import Published, file_sha256, read_tensors
from fashiontools.evaluate.extractors import open_inception, open_vgg16
from fashiontools.evaluate.lpips import Lpips
from fashiontools.evaluate.resize import to_square
from fashiontools.evaluate.weights import WeightFiles

CPU = torch.device("cpu")


def photo(height: int, width: int, number: int = 0) -> np.ndarray:
    rng = np.random.default_rng(number)
    ramp = np.add.outer(np.linspace(0, 90, height), np.linspace(20, 120, width))[..., None]
    return np.clip(ramp + rng.normal(0, 25, (height, width, 3)), 0, 255).astype(np.uint8)


def files(*paths: Path) -> WeightFiles:
    return WeightFiles(",".join(map(str, paths)) or None, Progress("test", quiet=True))


# ------------------------------------------------------------------------------------------------------------ resize


def bicubic(length: int, size: int) -> np.ndarray:
    """(size, length): Keys' kernel (a = -0.5), widened by the factor of the reduction, its weights summing to one."""
    factor = length / size
    support = max(factor, 1.0)
    centres = (np.arange(size) + 0.5) * factor
    x = np.abs((np.arange(length) + 0.5 - centres[:, None]) / support)
    weights = np.where(x < 1, 1.5 * x**3 - 2.5 * x**2 + 1, np.where(x < 2, -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2, 0))
    return weights / weights.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(("height", "width", "size"), [(120, 90, 32), (40, 50, 64), (33, 200, 17)])
def test_the_resize_is_the_antialiased_bicubic_formula_unrounded(height: int, width: int, size: int) -> None:
    pixels = photo(height, width)
    truth = np.einsum("ih,hwc,jw->cij", bicubic(height, size), pixels.astype(float), bicubic(width, size))
    found = to_square(pixels, size, "stretch")
    assert found.shape == (3, size, size)
    assert found.dtype == np.float32
    assert np.abs(found - truth.clip(0, 255)).max() < 1e-3
    assert np.abs(found - np.rint(found)).max() > 0.4, "nothing is rounded to 8 bits"


def test_stripes_finer_than_a_pixel_become_gray() -> None:
    stripes = np.zeros((128, 128, 3), np.uint8)
    stripes[:, ::2] = 255
    assert np.abs(to_square(stripes, 32, "stretch")[:, :, 2:-2] - 127.5).max() < 1


def test_the_range_is_kept_and_a_photo_of_that_size_is_left_as_it_is() -> None:
    edge = np.zeros((20, 20, 3), np.uint8)
    edge[:, 10:] = 255
    grown = to_square(edge, 99, "stretch")
    assert (grown.min(), grown.max()) == (0, 255)
    assert np.array_equal(to_square(photo(24, 24), 24, "crop"), photo(24, 24).transpose(2, 0, 1))


def test_crop_takes_the_centre_and_pad_puts_white_around() -> None:
    wide = np.zeros((10, 30, 3), np.uint8)
    wide[:, 10:20] = photo(10, 10)
    assert np.array_equal(to_square(wide, 10, "crop"), photo(10, 10).transpose(2, 0, 1))
    tall = np.ascontiguousarray(wide.swapaxes(0, 1))
    padded = to_square(tall, 30, "pad")
    assert np.array_equal(padded[:, :, 10:20], tall.transpose(2, 0, 1))
    assert (padded[:, :, :10] == 255).all()
    assert (padded[:, :, 20:] == 255).all()


# ---------------------------------------------------------------------------------------------------------- networks


def test_inception_is_torch_fidelitys(seeded_inception: Path) -> None:
    images = torch.stack([torch.from_numpy(photo(299, 299, n).transpose(2, 0, 1)) for n in range(2)])
    truth = FeatureExtractorInceptionV3("test", ["2048"], str(seeded_inception))(images)[0]
    opened = open_inception(files(seeded_inception), "stretch", CPU)
    found, logits = opened.look(images.float())
    assert truth.std() > 1e-3
    assert torch.allclose(found, truth, rtol=1e-4, atol=1e-5)
    assert logits is None
    assert opened.weights == file_sha256(seeded_inception)


@pytest.mark.slow
def test_vgg16_is_torch_fidelitys(tmp_path: Path) -> None:
    torch.manual_seed(0)
    torch.save(vgg16(weights=None).state_dict(), tmp_path / "vgg16.pth")
    image = torch.from_numpy(photo(224, 224).transpose(2, 0, 1).copy())[None]
    truth = FeatureExtractorVGG16("test", ["fc2_relu"], str(tmp_path / "vgg16.pth"))(image)[0]
    found, _ = open_vgg16(files(tmp_path / "vgg16.pth"), "stretch", CPU).look(image.float())
    assert truth.std() > 1e-3
    assert torch.allclose(found, truth, rtol=1e-4, atol=1e-6)


# ------------------------------------------------------------------------------------------------------------- LPIPS


def layers(network: nn.Module, ends: tuple[int, ...], pixels: np.ndarray) -> list[torch.Tensor]:
    """Each layer's (1, C, h, w), of length one along C, from the authors' scaling of values in [-1, 1]."""
    x = torch.from_numpy(pixels.transpose(2, 0, 1).copy()).double()[None] / 127.5 - 1
    x = (x - torch.tensor([-0.030, -0.088, -0.188])[:, None, None]) / torch.tensor([0.458, 0.448, 0.450])[:, None, None]
    found = []
    for number, layer in enumerate(network.features.double()):
        x = layer(x)
        if number in ends:
            found.append(x / x.pow(2).sum(dim=1, keepdim=True).sqrt())
    return found


@pytest.mark.parametrize(
    ("name", "network", "ends"), [("alex", alexnet, (1, 4, 7, 9, 11)), ("vgg", vgg16, (3, 8, 15, 22, 29))]
)
def test_lpips_is_the_papers_formula(name: str, network: object, ends: tuple[int, ...], tmp_path: Path) -> None:
    torch.manual_seed(1)
    seeded = network(weights=None).eval()
    save_file(
        {f"features.{key}": value for key, value in seeded.features.state_dict().items()}, tmp_path / "w.safetensors"
    )
    ours = Lpips(name, files(tmp_path / "w.safetensors"), CPU)
    image, target, hole = photo(70, 64, 1), photo(70, 64, 2), np.zeros((70, 64), np.uint8)
    hole[10:40, 20:50] = 255
    heads = Path(torchmetrics.__file__).parent / "functional/image/lpips_models" / f"{name}.pth"
    weights = torch.load(heads, map_location="cpu", weights_only=True)
    maps = []
    for number, (a, b) in enumerate(zip(*(layers(seeded, ends, each) for each in (image, target)), strict=True)):
        maps.append(((a - b).pow(2) * weights[f"lin{number}.model.1.weight"].double()).sum(dim=1, keepdim=True))
    whole = sum(each.mean().item() for each in maps)
    at_size = sum(functional.interpolate(each, (70, 64), mode="bilinear", align_corners=False) for each in maps)
    assert whole > 1e-4
    assert ours(image, target) == pytest.approx(whole, rel=1e-3)
    assert ours(image, target, hole) == pytest.approx(at_size[0, 0].detach().numpy()[hole > 0].mean(), rel=1e-3)
    assert ours(image, image) == 0
    gray = np.repeat(image[..., :1], 3, axis=2)
    assert ours(image[..., 0], target[..., 0]) == pytest.approx(ours(gray, np.repeat(target[..., :1], 3, axis=2)))
    assert f"{name}, weights sha256 {file_sha256(tmp_path / 'w.safetensors')}" in ours.told


# ----------------------------------------------------------------------------------------------------------- weights

ANY = Published("some network", "https://example.invalid/some-01234567.pth")


class Bomb:
    """What runs when a pickle is loaded."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.file),)


def test_nothing_in_a_weights_file_is_run(tmp_path: Path) -> None:
    torch.save({"weight": torch.ones(2), "bomb": Bomb(tmp_path / "ran")}, tmp_path / "w.pth")
    with pytest.raises(UsageError, match=r"w\.pth: it is no state dict of tensors alone"):
        read_tensors(tmp_path / "w.pth")
    assert not (tmp_path / "ran").exists()


def test_what_is_no_weights_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "text.pth").write_text("hello")
    (tmp_path / "text.safetensors").write_text("hello")
    torch.save({"epoch": 3}, tmp_path / "numbers.pth")
    torch.save(torch.ones(3), tmp_path / "tensor.pth")
    for name in ("text.pth", "text.safetensors", "numbers.pth", "tensor.pth"):
        with pytest.raises(UsageError, match=name):
            read_tensors(tmp_path / name)
    for missing in (tmp_path / "nothing.pth", tmp_path / "nothing.safetensors", tmp_path):
        with pytest.raises(Unavailable, match="--weights"):
            read_tensors(missing)


def test_a_network_takes_the_file_that_fits_and_counts_are_not_missed(tmp_path: Path) -> None:
    network = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    wanted = {name: torch.full_like(tensor, 2) for name, tensor in network.state_dict().items()}
    save_file(
        {name: tensor for name, tensor in wanted.items() if "num_batches" not in name}, tmp_path / "a.safetensors"
    )
    save_file({"0.weight": torch.zeros(5, 5)}, tmp_path / "b.safetensors")
    found = files(tmp_path / "b.safetensors", tmp_path / "a.safetensors")
    assert found.fill(network.state_dict(), ANY) == file_sha256(tmp_path / "a.safetensors")
    assert all((weight == 2).all() for weight in network.parameters())
    with pytest.raises(UsageError, match=r"b\.safetensors is of no use"):
        found.refuse_unused()
    with pytest.raises(
        UsageError, match=r"none of some network: .*b\.safetensors has 0\.weight as \(5, 5\), not \(3, 2\)"
    ):
        files(tmp_path / "b.safetensors").fill(network.state_dict(), ANY)
    with pytest.raises(UsageError, match=r"lacks more"):
        files(tmp_path / "b.safetensors").fill({"more": torch.ones(1)}, ANY)


def test_published_weights_are_taken_from_pytorchs_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    (tmp_path / "hub" / "checkpoints").mkdir(parents=True)
    file = tmp_path / "hub" / "checkpoints" / "some-01234567.pth"
    torch.save({"weight": torch.ones(2)}, file)
    wanted = {"weight": torch.zeros(2)}
    assert files().fill(wanted, ANY) == file_sha256(file)
    assert wanted["weight"].tolist() == [1, 1]


def test_weights_that_cannot_be_fetched_are_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    nowhere = Published("some network", "http://127.0.0.1:9/some-01234567.pth")
    with pytest.raises(Unavailable, match=r"some network cannot be fetched: .*--weights FILE"):
        files().fill({"weight": torch.zeros(2)}, nowhere)
    assert list(tmp_path.rglob("*.pth")) == []


def test_other_bytes_than_were_published_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))
    torch.save({"weight": torch.ones(2)}, tmp_path / "some-01234567.pth")
    with pytest.raises(Unavailable, match="invalid hash value"):
        files().fill({"weight": torch.zeros(2)}, Published("it", (tmp_path / "some-01234567.pth").as_uri()))
