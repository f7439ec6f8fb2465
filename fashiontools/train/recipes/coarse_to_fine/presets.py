"""Named defaults of `train coarse-to-fine`; docs/coarse-to-fine.md tells what each part of `modern` brought."""

from dataclasses import fields
from typing import Any

from fashiontools.core.errors import UsageError
from fashiontools.core.options import flag

PRESETS: dict[str, dict[str, Any]] = {
    "paper": {},
    "released-code": {
        "as_released": True,
        "batch": 128,
        "epochs": 250,
        "global_weight": 0.4,
        "local_weight": 0.6,
        "variation_weight": 2e-7,
    },
    "modern": {
        "dropout": 0.0,
        "hole": "smooth",
        "mask_channel": True,
        "residual": True,
        "log_error_weight": 1.0,
        "style_weight": 0.0,
        "global_weight": 0.0,
        "local_weight": 0.0,
        "schedule": "cosine",
        "ema": 0.999,
    },
}

_NOT_RELEASED = (
    "content_loss", "content_weight", "log_error_weight", "residual", "schedule", "decay", "beta1", "beta2", "vgg",
    "vgg_layers",
)  # fmt: skip
_ONE_PROCESS = ("accumulate", "processes")


def check_released(options: Any) -> None:
    """Refuse what the released code has no place for, and its own where it is not asked for.

    Args:
        options: A `CoarseToFineOptions`.

    Raises:
        UsageError: An option would be ignored, or would change what is kept to the letter.
    """
    if not options.as_released:
        if options.variation_weight:
            raise UsageError("--variation-weight is the released code's: give --as-released, or leave it out")
        return
    if options.objective != "cross-entropy" or not options.global_weight or not options.local_weight:
        raise UsageError("--as-released needs --objective cross-entropy, and both discriminators' weights above 0")
    changed = {field.name for field in fields(options) if getattr(options, field.name) != field.default}
    if options.vgg == "untrained":  # none of ImageNet's, as there
        changed -= {"vgg", "vgg_layers"}
    for name in _ONE_PROCESS:
        if name in changed:  # the gradient that is kept would be scaled and added up once too often
            raise UsageError(f"{flag(name)} has no meaning with --as-released, whose old gradients are one process's")
    if options.mixed_precision == "fp16":
        raise UsageError("--mixed-precision fp16 has no meaning with --as-released: bf16 works")
    for name in _NOT_RELEASED:
        if name in changed:
            raise UsageError(f"--as-released has no {flag(name)}: leave one of them out")
