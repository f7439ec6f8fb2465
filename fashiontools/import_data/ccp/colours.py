"""Names of colours as fashion uses them, measured in CIELAB.

The table is ours: sRGB samples of each name, chosen on street photos, so that a name covers a range of lightness as it
does in speech ("navy" from nearly black to ink). A colour takes the name of the nearest sample.
"""

import cv2
import numpy as np

NAMED_COLOURS: dict[str, str] = {
    "black": "000000 0a0a10 141414 1e1e24 262628 303032 34343a 1c1d25 26282f 22201e 2c2828",
    "charcoal": "424246 4c4c50 424854 50565e",
    "gray": "5e5e60 6c7078 747476 8c8c8e 8a92a0 a3a3a4 747a88",
    "light gray": "b9b9ba cacacb b4bac4 c4c8d0",
    "white": "dedee0 ececee ffffff e0e4f0 e8ecf8 d8dae4 dcd8ee",
    "cream": "f0e8d6 e6dcc4 f7edc9",
    "beige": "ccc4b4 bcac98 c4ae9c d3c2a8 c2b096 dcc9b0 b8a890",
    "taupe": "8b7d70 a0928a 6f645a 625853",
    "tan": "d2b48c c8a57b a98258 c89a78",
    "camel": "c19a6b b8864a a8763c",
    "brown": "4a3628 5f4432 7a5638 6b4a2f 8a5f3c 55382c 54443c 6a5048",
    "dark brown": "33261e 3d2b22 40302a",
    "khaki": "a08c6c 9a8f6a 847a58 aaa07c",
    "olive": "4a4838 4f4e33 63613a 75733f 3e3e2a",
    "dark green": "1c3326 26442f 2c4a3c",
    "green": "146038 4a8060 3fa886 2f8f70 1f8a66 2f7a45 3f9a55 4d8a4a 5cb85c 208040",
    "sage green": "7e9680 8fa58c 6e8a74",
    "light green": "a9cfa0 b8dcc0 9cc4a0",
    "lime green": "a8d030 c4e04a",
    "mint green": "a4dcc8 bfe6d8",
    "teal": "1f6468 2a7f80 1a5058",
    "turquoise": "34b6b0 5cccc6 2aa6b8",
    "light blue": "d0e0f8 a8c4de c2d6e8 8fb0d2 9fb6cc",
    "blue": "203c80 2f5fae 4a76b8 3a6ea5 1f4fc8 5a7ea8 4a6488 7686a4 6a88b0 2244a0 1010e0 4038e0",
    "navy": "1a1e2e 20263a 161c38 1a2138 222c4a 283456 1a2a58 303c54 141450 20185a",
    "purple": "5b3a80 4a2d5e 74489a 8a5ca8",
    "lavender": "b8a8d4 c8bce0 a898c0",
    "plum": "4c2438 5e3048 6e3c58",
    "burgundy": "800020 3a1e1e 451a24 5c1f2c 741f30 6a2a34",
    "red": "8c1c24 983c44 a81c28 c4222c dc3038 b83038 e8403c ff0000",
    "coral": "f4ac9c f0705a e8806c d8604e",
    "mauve": "7a5e6a 9a7c8c b09aa8",
    "dusty pink": "c09490 a07a72 96726a b08488",
    "pink": "fbe6ea f0b4c4 e890ac e07aa0 d890a4 f4ccd4",
    "hot pink": "e0257c d83c8c f0489c c01f6a",
    "blush": "e4c4b8 dcb4a8 ecd2c8",
    "orange": "e8742a d8622a f09038 c85a28",
    "rust": "9c4a2a 8a3c24",
    "mustard": "c4952c b08428 d0a23c",
    "yellow": "dcb020 d8bc30 d0b850 f0d040 e8c830 f4e06a f8e890 ffff00",
}
"""Each name with its samples, sRGB in hexadecimal."""


def to_lab(photo: np.ndarray) -> np.ndarray:
    """CIELAB (D65) of a photo: (H, W, 3) uint8 sRGB to (H, W, 3) float32, L 0 to 100, a and b about -128 to 127."""
    return cv2.cvtColor(photo.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)


def _samples() -> tuple[np.ndarray, list[str]]:
    """The table as CIELAB samples (K, 3) and the K names."""
    pairs = [(name, bytes.fromhex(code)) for name, codes in NAMED_COLOURS.items() for code in codes.split()]
    rgb = np.frombuffer(b"".join(code for _, code in pairs), np.uint8).reshape(1, -1, 3)
    return to_lab(rgb)[0], [name for name, _ in pairs]


_SAMPLES, _NAMES = _samples()


def colour_name(lab: np.ndarray) -> str:
    """The name of a colour.

    Args:
        lab: (3,) CIELAB, L 0 to 100.
    """
    return _NAMES[int(((_SAMPLES - lab) ** 2).sum(axis=1).argmin())]
