"""Where the garment is, roughly, when nobody says: what differs from the photo's border."""

import cv2
import numpy as np

_WORK_SIDE = 192
_PLAIN_BORDER = 14.0
_GRABCUT_ROUNDS = 3


def estimate_foreground(photo: np.ndarray) -> np.ndarray:
    """Estimate the foreground of a photo with one thing in it.

    On a plain background: the pixels whose colour is far from the border's. On any other: GrabCut, started with
    everything but a border of 6 % as perhaps foreground (Rother, Kolmogorov and Blake 2004, OpenCV's code).

    Args:
        photo: (H, W, 3) uint8 RGB or (H, W) uint8.

    Returns:
        (H, W) uint8, 255 = foreground, 0 = background; never empty: where nothing stands out, the middle does.
    """
    height, width = photo.shape[:2]
    rgb = cv2.cvtColor(photo, cv2.COLOR_GRAY2RGB) if photo.ndim == 2 else photo
    ratio = min(1.0, _WORK_SIDE / max(height, width))
    small = cv2.resize(rgb, (max(8, round(width * ratio)), max(8, round(height * ratio))), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    border = np.concatenate(
        [lab[:3].reshape(-1, 3), lab[-3:].reshape(-1, 3), lab[:, :3].reshape(-1, 3), lab[:, -3:].reshape(-1, 3)]
    )
    middle = np.median(border, axis=0)
    spread = float(np.percentile(np.linalg.norm(border - middle, axis=1), 75))
    mask = _far_from(lab, middle, spread) if spread < _PLAIN_BORDER else _grabcut(small)
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    if cv2.countNonZero(mask) < 0.01 * mask.size:
        mask = np.zeros_like(mask)
        mask[mask.shape[0] // 4 : -mask.shape[0] // 4, mask.shape[1] // 4 : -mask.shape[1] // 4] = 255
    mask = cv2.resize(mask, (width, height), interpolation=cv2.INTER_NEAREST)
    return mask if mask.any() else np.full_like(mask, 255)  # a photo of a few pixels


def _far_from(lab: np.ndarray, colour: np.ndarray, spread: float) -> np.ndarray:
    distance = np.linalg.norm(lab - colour, axis=2)
    scaled = np.clip(distance * 4, 0, 255).astype(np.uint8)
    otsu, _ = cv2.threshold(scaled, 0, 255, cv2.THRESH_OTSU)
    # Otsu alone would cut a white shirt on white in half: the border's own spread is all that background may differ.
    limit = min(otsu / 4, max(6.0, 3 * spread))
    return np.where(distance > limit, np.uint8(255), np.uint8(0))


def _grabcut(rgb: np.ndarray) -> np.ndarray:
    height, width = rgb.shape[:2]
    margin = (max(1, round(0.06 * height)), max(1, round(0.06 * width)))
    labels = np.full((height, width), cv2.GC_BGD, np.uint8)
    labels[margin[0] : -margin[0], margin[1] : -margin[1]] = cv2.GC_PR_FGD
    cv2.setRNGSeed(0)  # GrabCut starts from k-means; the same photo must give the same mask
    cv2.grabCut(
        rgb[..., ::-1].copy(),
        labels,
        None,
        np.zeros((1, 65)),
        np.zeros((1, 65)),
        _GRABCUT_ROUNDS,
        cv2.GC_INIT_WITH_MASK,
    )
    return np.where((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD), np.uint8(255), np.uint8(0))
