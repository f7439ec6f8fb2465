"""Weights of published networks: from local files, or fetched once by name. Nothing pickled is ever run."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from fashiontools.core.errors import Unavailable, UsageError
from fashiontools.core.progress import Progress

_WAY_OUT = "give a local file with --weights FILE"


@dataclass(frozen=True)
class Published:
    """Weights that have been published.

    Attributes:
        network: The network that they are for.
        url: Where they are; the file's name ends with the first digits of its SHA-256, as torchvision's do.
    """

    network: str
    url: str


class WeightFiles:
    """The local files of `--weights`, told apart by their tensors.

    Args:
        text: Their names, with commas between; None leaves all weights to be fetched.
        progress: Where it is said that weights are fetched.

    Raises:
        Unavailable: A file is not there.
        UsageError: A file holds anything but tensors.
    """

    def __init__(self, text: str | None, progress: Progress) -> None:
        self._progress = progress
        self._local = {file: read_tensors(file) for file in _files(text)}
        self._used: set[Path] = set()

    def fill(self, wanted: Mapping[str, Tensor], published: Published) -> str:
        """Copy weights into a network.

        Args:
            wanted: The network's own tensors, by the names that they have in the file; they are written to.
            published: What to fetch where there is no `--weights`.

        Returns:
            The SHA-256 of the file, in hex.

        Raises:
            Unavailable: The weights cannot be fetched.
            UsageError: No file of `--weights` fits.
        """
        if not self._local:
            file = _fetched(published, self._progress)
            tensors = read_tensors(file)
        else:
            file, tensors = self._fitting(wanted, published)
        with torch.no_grad():
            for name, tensor in wanted.items():
                if name in tensors:
                    tensor.copy_(tensors[name])
        return file_sha256(file)

    def _fitting(self, wanted: Mapping[str, Tensor], published: Published) -> tuple[Path, dict[str, Tensor]]:
        problems = {}
        for file, tensors in self._local.items():
            problem = _misfit(wanted, tensors)
            if not problem:
                self._used.add(file)
                return file, tensors
            problems[file] = problem
        told = "; ".join(f"{file} {problem}" for file, problem in problems.items())
        raise UsageError(f"--weights has none of {published.network}: {told}")

    def refuse_unused(self) -> None:
        """Refuse files that no network took.

        Raises:
            UsageError: There is one.
        """
        for file in self._local:
            if file not in self._used:
                raise UsageError(f"--weights {file} is of no use to the networks of --metrics")


def read_tensors(file: Path) -> dict[str, Tensor]:
    """The tensors of a weights file, by name, on the CPU.

    Args:
        file: `.safetensors`, or a state dict as PyTorch saves it; nothing in it is ever run.

    Raises:
        Unavailable: It is not there, or may not be read.
        UsageError: It holds anything but tensors.
    """
    try:
        if file.suffix == ".safetensors":
            return load_file(file)
        found = torch.load(file, map_location="cpu", weights_only=True)
    except OSError as error:
        raise Unavailable(f"--weights {file}: {error.strerror or error}") from None
    except SafetensorError as error:
        raise UsageError(f"{file} is no safetensors file: {error}") from None
    except Exception:  # PyTorch tells of files that are damaged, or more than tensors, with errors of many kinds
        raise UsageError(f"{file} is no state dict of tensors alone (anything else is never loaded)") from None
    if not isinstance(found, Mapping) or not all(isinstance(value, Tensor) for value in found.values()):
        raise UsageError(f"{file} is no state dict: expected tensors by name")
    return dict(found)


def file_sha256(file: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with open(file, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _files(text: str | None) -> list[Path]:
    if text is None:
        return []
    names = [text] if Path(text).exists() else [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise UsageError("--weights is empty: name a file")
    return [Path(name) for name in names]


def _misfit(wanted: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> str:
    """What keeps a file from being a network's weights; empty where it fits."""
    for name, tensor in wanted.items():
        if name.endswith("num_batches_tracked"):  # only training counts; old files lack it
            continue
        if name not in tensors:
            return f"lacks {name}"
        if tensors[name].shape != tensor.shape:
            return f"has {name} as {tuple(tensors[name].shape)}, not {tuple(tensor.shape)}"
    return ""


def _fetched(published: Published, progress: Progress) -> Path:
    """The file of published weights, in PyTorch's own cache."""
    name = published.url.rsplit("/", 1)[-1]
    file = Path(torch.hub.get_dir(), "checkpoints", name)
    if file.exists():
        return file
    progress.note(f"fetching the weights of {published.network} once: {published.url}")
    digits = re.search(r"-([0-9a-f]{8,})\.", name)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        torch.hub.download_url_to_file(published.url, str(file), digits[1] if digits else None, progress=False)
    except (OSError, RuntimeError) as error:  # no network, no such page, a full disk; another file than it was
        reason = getattr(error, "reason", None) or error
        raise Unavailable(f"the weights of {published.network} cannot be fetched: {reason}", _WAY_OUT) from None
    return file
