"""Classical fills: pure functions (photo, mask) -> filled photo. Known pixels come back unchanged to the bit.

Photos are (H, W, 3) uint8 RGB or (H, W) uint8; masks (H, W) uint8, 255 = hole, 0 = keep. A mask is never empty
and never covers the whole photo: the step sees to that.
"""

import cv2
import numpy as np

from fashiontools.core.errors import BadRow, Unavailable

_RADIUS = 3


def mean(photo: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Fill with the mean colour of the known pixels, rounded."""
    hole = mask > 0
    filled = photo.copy()
    filled[hole] = np.rint(photo[~hole].mean(axis=0)).astype(np.uint8)
    return filled


def telea(photo: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Fast marching (Telea 2004), OpenCV's code, radius 3 pixels."""
    return _opencv(photo, mask, cv2.INPAINT_TELEA)


def navier_stokes(photo: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Navier-Stokes (Bertalmio, Bertozzi and Sapiro 2001), OpenCV's code, radius 3 pixels."""
    return _opencv(photo, mask, cv2.INPAINT_NS)


def _opencv(photo: np.ndarray, mask: np.ndarray, method: int) -> np.ndarray:
    return _pasted(photo, mask, cv2.inpaint(photo, mask, _RADIUS, method))


def _pasted(photo: np.ndarray, mask: np.ndarray, fill: np.ndarray) -> np.ndarray:
    hole = mask > 0
    filled = photo.copy()
    filled[hole] = fill[hole]
    return filled


def harmonic(photo: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The smoothest fill: each hole pixel is the mean of its four neighbours (the discrete Laplace equation).

    The edge of the photo is a mirror (no neighbour, no term). The equations of each channel are one sparse symmetric
    system, solved directly.
    """
    from scipy.sparse import csr_matrix
    from scipy.sparse.linalg import splu

    hole = mask > 0
    pixels = photo.reshape(*photo.shape[:2], -1).astype(np.float64)
    rows, columns = np.nonzero(hole)
    number = np.full(hole.shape, -1)
    number[hole] = np.arange(len(rows))
    degree = np.zeros(len(rows))
    known = np.zeros((len(rows), pixels.shape[2]))
    entries: list[tuple[np.ndarray, np.ndarray]] = []
    for dy, dx in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        y, x = rows + dy, columns + dx
        inside = (y >= 0) & (y < hole.shape[0]) & (x >= 0) & (x < hole.shape[1])
        degree += inside
        here = np.nonzero(inside)[0]
        neighbour = number[y[here], x[here]]
        unknown = neighbour >= 0
        entries.append((here[unknown], neighbour[unknown]))
        np.add.at(known, here[~unknown], pixels[y[here], x[here]][~unknown])
    i = np.concatenate([np.arange(len(rows)), *(entry[0] for entry in entries)])
    j = np.concatenate([np.arange(len(rows)), *(entry[1] for entry in entries)])
    values = np.concatenate([degree, -np.ones(len(i) - len(rows))])
    system = csr_matrix((values, (i, j)), shape=(len(rows), len(rows))).tocsc()
    solver = splu(system, permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True})
    filled = pixels.copy()
    filled[rows, columns] = solver.solve(known)
    return np.clip(np.rint(filled), 0, 255).astype(np.uint8).reshape(photo.shape)


def patchmatch(photo: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Patches from elsewhere in the photo (Barnes et al. 2009), by the library patchmatch-cython, seed 0.

    Raises:
        Unavailable: The extra `patchmatch` is not installed.
        BadRow: The photo is smaller than a patch, or the hole leaves none.
    """
    try:
        from patchmatch_cython import inpaint_pyramid
    except ImportError:
        raise Unavailable(
            "--model patchmatch needs the library patchmatch-cython", "pip install 'fashiontools[patchmatch]'"
        ) from None
    rgb = cv2.cvtColor(photo, cv2.COLOR_GRAY2RGB) if photo.ndim == 2 else photo
    try:
        fill = np.asarray(inpaint_pyramid(rgb, mask > 0, seed=0))
    except ValueError as error:  # photos smaller than a patch, or with too little left around the hole
        raise BadRow(f"patchmatch: {error}") from None
    if photo.ndim == 2:
        fill = cv2.cvtColor(fill.astype(np.uint8), cv2.COLOR_RGB2GRAY)
    return _pasted(photo, mask, fill.astype(np.uint8))
