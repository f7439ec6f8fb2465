"""The classifier's network: torchvision's ResNet-18 behind our range of values, with features of its own."""

import pytest
import torch
from torch.nn.functional import cross_entropy
from torchvision.models import resnet18
from torchvision.transforms.functional import normalize

from fashiontools.models.classifier.resnet18 import ResNet18
from fashiontools.models.registry import MODELS

CLASSES = ["dress", "hat", "pants"]


def images(number: int = 2, size: int = 48) -> torch.Tensor:
    return torch.rand(number, 3, size, size, generator=torch.Generator().manual_seed(7)) * 2 - 1


def test_it_is_torchvisions_network_on_imagenets_scale() -> None:
    ours, theirs = ResNet18(CLASSES, 48).eval(), resnet18(weights=None, num_classes=3).eval()
    theirs.load_state_dict({name.removeprefix("network."): tensor for name, tensor in ours.state_dict().items()})
    scaled = normalize((images() + 1) / 2, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    assert torch.allclose(ours(images()), theirs(scaled), atol=1e-5)


@pytest.mark.parametrize("size", [32, 64, 224])
def test_features_are_512_and_the_last_layer_makes_logits_of_them(size: int) -> None:
    network = ResNet18(CLASSES, size).eval()
    features = network.features(images(size=size))
    assert features.shape == (2, network.width) == (2, 512)
    assert float(features.detach().min()) >= 0
    layer = network.network.fc
    assert torch.allclose(network(images(size=size)), features @ layer.weight.T + layer.bias, atol=1e-5)


def test_every_weight_learns_and_one_batch_is_learned() -> None:
    torch.manual_seed(0)
    network, labels = ResNet18(CLASSES, 32).train(), torch.tensor([0, 1, 2, 2])
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)
    for _ in range(12):
        optimizer.zero_grad()
        loss = cross_entropy(network(images(4, 32)), labels)
        loss.backward()
        assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in network.parameters())
        optimizer.step()
    assert network(images(4, 32)).argmax(dim=1).tolist() == labels.tolist()


def test_the_table_of_models_builds_it_from_json() -> None:
    network = MODELS["classifier"].load()(classes=CLASSES, size=64)
    assert (network.classes, network.size) == (CLASSES, 64)
    assert all(name.startswith("network.") for name in network.state_dict()), "constants are not saved"
