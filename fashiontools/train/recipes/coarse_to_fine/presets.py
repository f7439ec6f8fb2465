"""Named defaults of `train coarse-to-fine`; docs/coarse-to-fine.md tells what each part of `modern` brought."""

from typing import Any

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
