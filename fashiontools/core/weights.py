"""Weights of published networks: from local files, or fetched once by name. Nothing pickled is ever run."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from fashiontools.core.errors import Unavailable, UsageError


@dataclass(frozen=True)
class Published:
    """Weights that have been published.

    Attributes:
        network: The network that they are for.
        url: Where they are; the file's name ends with the first digits of its SHA-256, as torchvision's do.
    """

    network: str
    url: str


def read_tensors(file: Path, flag: str = "--weights") -> dict[str, Tensor]:
    """The tensors of a weights file, by name, on the CPU.

    Args:
        file: `.safetensors`, or a state dict as PyTorch saves it; nothing in it is ever run.
        flag: The option that named it.

    Raises:
        Unavailable: It is not there, or may not be read.
        UsageError: It holds anything but tensors.
    """
    try:
        if file.suffix == ".safetensors":
            return load_file(file)
        found = torch.load(file, map_location="cpu", weights_only=True)
    except OSError as error:
        raise Unavailable(f"{flag} {file}: {error.strerror or error}") from None
    except SafetensorError as error:
        raise UsageError(f"{flag} {file}: it is no safetensors file: {error}") from None
    except Exception:  # PyTorch tells of files that are damaged, or more than tensors, with errors of many kinds
        raise UsageError(f"{flag} {file}: it is no state dict of tensors alone (nothing else is loaded)") from None
    if not isinstance(found, Mapping) or not all(isinstance(value, Tensor) for value in found.values()):
        raise UsageError(f"{flag} {file}: it is no state dict: expected tensors by name")
    return dict(found)


def misfit(wanted: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> str:
    """What keeps tensors from being a network's weights; empty where they fit."""
    for name, tensor in wanted.items():
        if name.endswith("num_batches_tracked"):  # only training counts; old files lack it
            continue
        if name not in tensors:
            return f"lacks {name}"
        if tensors[name].shape != tensor.shape:
            return f"has {name} as {tuple(tensors[name].shape)}, not {tuple(tensor.shape)}"
    return ""


def copy_weights(tensors: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> None:
    """Write tensors that fit into a network's own."""
    with torch.no_grad():
        for name, tensor in wanted.items():
            if name in tensors:
                tensor.copy_(tensors[name])


def load_weights(wanted: Mapping[str, Tensor], file: Path, network: str, flag: str) -> str:
    """Write the weights of a file into a network.

    Args:
        wanted: The network's own tensors, by the names that they have in the file.
        file: The file.
        network: What the network is called.
        flag: The option that named the file.

    Returns:
        The SHA-256 of the file, in hex.

    Raises:
        Unavailable: The file is not there.
        UsageError: It is not the network's.
    """
    tensors = read_tensors(file, flag)
    if problem := misfit(wanted, tensors):
        raise UsageError(f"{flag} {file}: not the weights of {network}: it {problem}")
    copy_weights(tensors, wanted)
    return file_sha256(file)


def file_sha256(file: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with open(file, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def fetch(published: Published, say: Callable[[str], None], flag: str = "--weights") -> Path:
    """The file of published weights, in PyTorch's own cache.

    Args:
        published: Which.
        say: Is told that they are fetched, where they are not there yet.
        flag: The option that takes a local file instead.

    Raises:
        Unavailable: They cannot be had.
    """
    name = published.url.rsplit("/", 1)[-1]
    file = Path(torch.hub.get_dir(), "checkpoints", name)
    if file.exists():
        return file
    say(f"fetching the weights of {published.network} once: {published.url}")
    digits = re.search(r"-([0-9a-f]{8,})\.", name)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        torch.hub.download_url_to_file(published.url, str(file), digits[1] if digits else None, progress=False)
    except (OSError, RuntimeError) as error:  # no network, no such page, a full disk; another file than it was
        reason = getattr(error, "reason", None) or error
        way_out = f"give a local file with {flag} FILE"
        raise Unavailable(f"the weights of {published.network} cannot be fetched: {reason}", way_out) from None
    return file
