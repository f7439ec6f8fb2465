"""The speed benchmark's comparison of boxes."""

import importlib.util
import math
from pathlib import Path

import numpy as np
import torch
from detector_runs import MAX_SIZE, SIZE, detector
from PIL import Image

from fashiontools.detect_crop.networks import NetworkDetector
from fashiontools.train.shapes import Scaled

_FILE = Path(__file__).parents[1] / "benchmarks" / "detect_speed.py"


def test_a_box_that_ours_misses_is_infinitely_far(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("detect_speed", _FILE)
    detect_speed = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(detect_speed)
    blocks = np.random.default_rng(3).integers(0, 256, (12, 8, 3), np.uint8)
    photo = tmp_path / "p.png"
    Image.fromarray(np.kron(blocks, np.ones((12, 12, 1), np.uint8))).save(photo)
    theirs = detect_speed.torchvisions(detector(), SIZE, MAX_SIZE)
    blind = detector()
    with torch.no_grad():
        blind.roi_heads.box_predictor.cls_score.bias[0] += 50  # all is background
    shape = Scaled(SIZE, MAX_SIZE)
    worst, compared = detect_speed.furthest(theirs, NetworkDetector(blind, torch.device("cpu")), [str(photo)], shape)
    assert worst == math.inf
    assert compared > 0
    same = NetworkDetector(detector(), torch.device("cpu"))
    worst, again = detect_speed.furthest(theirs, same, [str(photo)], shape)
    assert math.isfinite(worst)
    assert again == compared
