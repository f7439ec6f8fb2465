"""How deep a network of halvings is; without torch, so that options can be checked before it is loaded."""


def blocks_of(size: int, layers: int | None) -> int:
    """How many blocks of stride 2 a network has: down to 4 x 4 unless `layers` says otherwise.

    Args:
        size: Side of the images, pixels.
        layers: The number asked for, or None.

    Raises:
        ValueError: The size cannot be halved that often.
    """
    blocks = layers if layers is not None else max(1, (size // 4).bit_length() - 1)
    if blocks < 1 or size % 2**blocks or size >> blocks < 2:
        raise ValueError(f"{size} pixels cannot be halved {blocks} times down to 2 or more")
    return blocks
