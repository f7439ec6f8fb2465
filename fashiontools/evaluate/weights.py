"""The local files of `--weights`, of which each network finds its own."""

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from fashiontools.core.errors import UsageError
from fashiontools.core.progress import Progress
from fashiontools.core.weights import Published, copy_weights, fetch, file_sha256, misfit, read_tensors


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
            file = fetch(published, self._progress.note)
            tensors = read_tensors(file)
        else:
            file, tensors = self._fitting(wanted, published)
        copy_weights(tensors, wanted)
        return file_sha256(file)

    def _fitting(self, wanted: Mapping[str, Tensor], published: Published) -> tuple[Path, dict[str, Tensor]]:
        problems = {}
        for file, tensors in self._local.items():
            problem = misfit(wanted, tensors)
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


def _files(text: str | None) -> list[Path]:
    if text is None:
        return []
    names = [text] if Path(text).exists() else [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise UsageError("--weights is empty: name a file")
    return [Path(name) for name in names]
