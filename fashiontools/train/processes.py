"""One process or several: devices, what they add up, who writes. The only file that knows Accelerate.

The networks are not wrapped. Each process trains on its slice of a step's photos, and after the backward pass of a turn
the gradients are added up in one message: a recipe may call its networks as often and in whatever order it wants,
which wrappers that count backward passes do not allow a GAN.
"""

from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import ProjectConfiguration, is_tensorboard_available, is_wandb_available
from torch import Tensor

from fashiontools.core.errors import Unavailable

TRACKER = "tracker"
_TRACKERS = {"tensorboard": is_tensorboard_available, "wandb": is_wandb_available}


class Processes:
    """The processes that train together, seen from one of them.

    Args:
        device: Where this process computes; its type is what counts, several GPUs are shared out.
        tracker: `tensorboard`, `wandb` or None.
        run: The run folder, where a tracker writes.

    Attributes:
        device: Of this process.
        rank: Its number, from 0.
        count: How many there are.

    Raises:
        Unavailable: The tracker is not installed.
    """

    def __init__(self, device: torch.device, tracker: str | None = None, run: Path | None = None) -> None:
        if tracker is not None and not _TRACKERS[tracker]():
            raise Unavailable(f"--tracker {tracker} needs the library {tracker}", f"pip install {tracker}")
        folders = ProjectConfiguration(project_dir=run, logging_dir=run and run / TRACKER)
        self._accelerator = Accelerator(cpu=device.type == "cpu", log_with=tracker, project_config=folders)
        self._tracked = tracker is not None
        self.device: torch.device = self._accelerator.device
        self.rank: int = self._accelerator.process_index
        self.count: int = self._accelerator.num_processes

    @property
    def is_main(self) -> bool:
        """Whether this process is the one that writes."""
        return self.rank == 0

    def slice_of(self, total: int) -> slice:
        """This process's part of `total` photos; the parts differ by one at most.

        Where there are too few photos it is another's photo, of which `share_of` says that it counts for nothing.
        """
        low, high = (total * rank // self.count for rank in (self.rank, self.rank + 1))
        return slice(low, high) if high > low else slice(0, 1)

    def share_of(self, total: int) -> float:
        """The share of `total` photos that is this process's own."""
        return (total * (self.rank + 1) // self.count - total * self.rank // self.count) / total

    def add_up(self, values: Tensor) -> Tensor:
        """The sum over all processes; the same tensor comes back where there is one."""
        return self._accelerator.reduce(values, "sum") if self.count > 1 else values

    def agree(self, text: str) -> bool:
        """Whether all processes have the same text."""
        number = int.from_bytes(sha256(text.encode("utf-8", "surrogateescape")).digest()[:5], "big")
        if self.count == 1:
            return True
        total = self.add_up(torch.tensor(number, dtype=torch.int64, device=self.device))
        unlike = torch.tensor(int(total.item() != number * self.count), device=self.device)
        return self.add_up(unlike).item() == 0

    def add_gradients(self, parameters: Iterable[torch.nn.Parameter]) -> None:
        """Replace the gradients by their sums over all processes, in one message."""
        if self.count == 1:
            return
        wanted = list(parameters)
        gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in wanted]
        summed = self.add_up(torch.cat([gradient.reshape(-1) for gradient in gradients]))
        for parameter, part in zip(wanted, summed.split([p.numel() for p in wanted]), strict=True):
            parameter.grad = part.view_as(parameter)

    @contextmanager
    def main_first(self):
        """The main process does it before the others."""
        with self._accelerator.main_process_first():
            yield

    def wait(self) -> None:
        """Wait until all processes are here."""
        self._accelerator.wait_for_everyone()

    def track(self, name: str, options: Mapping[str, Any]) -> None:
        """Tell the tracker, where there is one, what begins."""
        if self._tracked:
            plain = {
                key: value if isinstance(value, int | float | str) else str(value) for key, value in options.items()
            }
            self._accelerator.init_trackers(name, config=plain)

    def log(self, values: Mapping[str, float], step: int) -> None:
        """Tell the tracker, where there is one, the scalars of a step."""
        if self._tracked:
            self._accelerator.log(dict(values), step=step)

    def close(self) -> None:
        """Let the tracker finish, and end the group of processes so that none waits for another."""
        if self._tracked:
            self._accelerator.end_training()
        elif self.count > 1 and torch.distributed.is_initialized():
            torch.distributed.destroy_process_group()
