"""Where networks run."""

import torch

from fashiontools.core.errors import UsageError


def pick_device(name: str) -> torch.device:
    """The torch device of `--device`.

    Args:
        name: `auto`, `cpu`, `cuda` or `mps`.

    Raises:
        UsageError: This machine has no such device.
    """
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        name = next(device for device in ("cuda", "mps", "cpu") if there[device])
    if not there[name]:
        present = ", ".join(device for device, is_there in there.items() if is_there)
        raise UsageError(f"--device {name}: there is none here; there is {present}")
    return torch.device(name)
