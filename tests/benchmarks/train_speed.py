"""`train dcgan`'s loop against the plain loop of the classical PyTorch tutorial: images per second on the CPU.

Run: python tests/benchmarks/train_speed.py [PHOTOS]        (needs the extra `bench`; four to eight minutes)

PHOTOS is a folder of photos; without it a lookbook is drawn. Both train the networks of `fashiontools.models` on
batches of 128 at 64 x 64. The tutorial decodes with Pillow and torchvision's transforms in a DataLoader with two
workers; what sets our loop apart is then switched on there one by one, which gives the share of each cause:
channels-last, freezing (the discriminator needs no gradients in the generator's turn), feeding (the cache of decoded
photos). Rounds alternate; a ratio is the median of the rounds' ratios. The bar: at least 1.3 times the images per
second.
"""

import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from itertools import count, pairwise
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from fashiontools.core.inputs import open_inputs
from fashiontools.core.manifest import Row
from fashiontools.core.parallel import usable_cores
from fashiontools.core.progress import Progress
from fashiontools.models.gan.dcgan import Discriminator, Generator
from fashiontools.train import data
from fashiontools.train.data import Cached, Photos
from fashiontools.train.loop import Loop
from fashiontools.train.processes import Processes
from fashiontools.train.recipe import Data
from fashiontools.train.recipes.dcgan.options import DcganOptions
from fashiontools.train.recipes.dcgan.recipe import Dcgan
from fashiontools.train.shapes import Square

BATCH, SIDE, LATENT, ROUNDS = 128, 64, 100, 5
WARM, STEPS = 2, 4  # steps of a round: untimed, timed
Step = Callable[[], object]


class Files(Dataset[Tensor]):
    """Photos as the tutorial reads them: decoded by Pillow whenever they are asked for."""

    def __init__(self, files: list[str]) -> None:
        self._files = files
        self._transform = transforms.Compose(
            [
                transforms.Resize(SIDE),
                transforms.CenterCrop(SIDE),
                transforms.ToTensor(),
                transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
            ]
        )

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, index: int) -> Tensor:
        """A photo, (3, SIDE, SIDE) float in [-1, 1]."""
        with Image.open(self._files[index]) as image:
            return self._transform(image.convert("RGB"))


def from_loader(files: list[str]) -> Iterator[Tensor]:
    """Whole batches from two workers, epoch after epoch."""
    loader = DataLoader(Files(files), batch_size=BATCH, shuffle=True, num_workers=2, drop_last=True)
    while True:
        yield from loader


def from_cache(photos: Photos) -> Iterator[Tensor]:
    """The same batches from the cache of decoded photos, as our loop takes them."""
    for number in count():
        order = np.random.default_rng(number).permutation(len(photos))
        for start in range(0, len(photos) - BATCH + 1, BATCH):
            pixels = torch.from_numpy(photos.batch(order[start : start + BATCH]))
            yield pixels.permute(0, 3, 1, 2).float().div_(127.5).sub_(1.0)


class Tutorial:
    """The tutorial's training loop, line by line, with switches."""

    def __init__(self, *, channels_last: bool = False, freezing: bool = False) -> None:
        torch.manual_seed(0)
        self._channels_last, self._freezing = channels_last, freezing
        self.generator, self.discriminator = Generator(), Discriminator()
        if channels_last:
            self.generator.to(memory_format=torch.channels_last)
            self.discriminator.to(memory_format=torch.channels_last)
        adam = {"lr": 0.0002, "betas": (0.5, 0.999)}
        self._optimizer_d = torch.optim.Adam(self.discriminator.parameters(), **adam)
        self._optimizer_g = torch.optim.Adam(self.generator.parameters(), **adam)
        self._criterion = nn.BCELoss()

    def step(self, real: Tensor) -> tuple[float, ...]:
        """One batch: the discriminator on real and on fake photos, then the generator."""
        if self._channels_last:
            real = real.contiguous(memory_format=torch.channels_last)
        ones, zeros = torch.ones(len(real)), torch.zeros(len(real))
        self.discriminator.zero_grad()
        output = self.discriminator(real)
        error_real = self._criterion(output, ones)
        error_real.backward()
        d_x = output.mean().item()
        fake = self.generator(torch.randn(len(real), LATENT, 1, 1))
        output = self.discriminator(fake.detach())
        error_fake = self._criterion(output, zeros)
        error_fake.backward()
        d_g_z = output.mean().item()
        self._optimizer_d.step()
        self.generator.zero_grad()
        self.discriminator.requires_grad_(not self._freezing)
        error = self._criterion(self.discriminator(fake), ones)
        error.backward()
        self.discriminator.requires_grad_(True)
        self._optimizer_g.step()
        return (error_real + error_fake).item(), error.item(), d_x, d_g_z


@dataclass
class Rung:
    """One way to train: `start` makes its step anew for each round."""

    name: str
    start: Callable[[], Step]


def ladder(files: list[str], photos: Photos, run: Path) -> list[Rung]:
    """From the tutorial to our loop, one cause at a time."""

    def tutorial(loop: Tutorial, feed: Callable[[], Iterator[Tensor]]) -> Callable[[], Step]:
        def start() -> Step:
            batches = feed()
            return lambda: loop.step(next(batches))

        return start

    def loader() -> Iterator[Tensor]:
        return from_loader(files)

    options = DcganOptions(size=SIDE, batch=BATCH, epochs=10_000)
    ours_data = Data([], photos)
    recipe = Dcgan(options, ours_data, torch.device("cpu"))
    processes = Processes(torch.device("cpu"))
    ours = Loop(recipe, ours_data, options, run, processes, Progress("train", quiet=True))
    frozen = Tutorial(channels_last=True, freezing=True)
    return [
        Rung("tutorial", tutorial(Tutorial(), loader)),
        Rung("+ channels-last", tutorial(Tutorial(channels_last=True), loader)),
        Rung("+ freezing", tutorial(frozen, loader)),
        Rung("+ feeding", tutorial(frozen, lambda: from_cache(photos))),
        Rung("fashiontools", lambda: ours._step),
    ]


def timed(rung: Rung) -> float:
    """Seconds per step, once a DataLoader has filled its queue: from then on it decodes a batch a step."""
    step = rung.start()
    for _ in range(WARM):
        step()
    start = time.perf_counter()
    for _ in range(STEPS):
        step()
    return (time.perf_counter() - start) / STEPS


def told(times: dict[str, list[float]]) -> None:
    """Print images per second of each rung, its ratio to the one below, and the ratio of top to bottom."""

    def ratio(slow: str, fast: str) -> float:
        return statistics.median(a / b for a, b in zip(times[slow], times[fast], strict=True))

    names = list(times)
    print(f"{names[0]:16} {BATCH / statistics.median(times[names[0]]):6.1f} images/s")
    for before, name in pairwise(names):
        speed = BATCH / statistics.median(times[name])
        print(f"{name:16} {speed:6.1f} images/s   {ratio(before, name):.2f} times the line above")
    whole = ratio(names[0], names[-1])
    print(f"train dcgan: {whole:.2f} times the images per second of the PyTorch tutorial's loop")


def lookbook(folder: str) -> str:
    """Draw photos where none are given."""
    command = (sys.executable, "-m", "fashiontools", "import", "lookbook", "--products", "60", "-q", "-o", folder)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder


def rows_of(photos: str) -> list[Row]:
    """The good rows; it takes a whole batch of them."""
    rows = [row for row in open_inputs([photos]).rows if not row.is_bad]
    if len(rows) < 2 * BATCH:
        sys.exit(f"{photos} has {len(rows)} photos; it takes {2 * BATCH}")
    return rows


def main(arguments: list[str]) -> None:
    """Alternate the rungs and print what each brought."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("torch", "torchvision", "pillow"))
    print(f"{usable_cores()} cores of {platform.machine()}, {torch.get_num_threads()} torch threads, {libraries}")
    with tempfile.TemporaryDirectory() as scratch:
        rows = rows_of(arguments[0] if arguments else lookbook(f"{scratch}/lookbook"))
        quiet = Progress("train", quiet=True)
        loaded = data.load(rows, Square(SIDE, "crop"), cache=Path(scratch), workers=usable_cores(), progress=quiet)
        whole = len(loaded) // BATCH * BATCH  # our loop takes what is left over as a smaller batch, the others drop it
        photos = Cached(loaded.photos.batch(np.arange(whole)))
        rungs = ladder([row["path"] for row in loaded.rows[:whole]], photos, Path(scratch, "run"))
        times: dict[str, list[float]] = {rung.name: [] for rung in rungs}
        for _ in range(ROUNDS):
            for rung in rungs:
                times[rung.name].append(timed(rung))
    told(times)


if __name__ == "__main__":
    main(sys.argv[1:])
