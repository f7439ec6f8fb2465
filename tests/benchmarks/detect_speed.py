"""`detect-crop --boxes-only` against torchvision's evaluation loop with the same weights: images a second, and boxes.

Run: python tests/benchmarks/detect_speed.py RUN PHOTOS [COUNT [ROUNDS]]

RUN is a run of `train detector`, PHOTOS a folder of photos. The peer is the loop of torchvision's references: a
DataLoader that opens one photo at a time with Pillow (in two processes, or in none: the faster of the two counts), the
whole Faster R-CNN with its own transform, all threads. Ours is the command from the first row to the last written one.
The bars: at least 1.3 times its images a second (the median over rounds), and on photos of the scaled size, which
neither scales again, every box that torchvision finds is found within 0.5 pixel.
"""

import math
import statistics
import sys
import tempfile
import time
from pathlib import Path

import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision.models.detection import FasterRCNN
from torchvision.ops import box_iou
from torchvision.transforms.functional import to_tensor

from fashiontools.core.inputs import open_inputs, select
from fashiontools.core.output import Output
from fashiontools.core.progress import Progress
from fashiontools.detect_crop.detection import Photo
from fashiontools.detect_crop.networks import NetworkDetector
from fashiontools.detect_crop.options import DetectCropOptions
from fashiontools.detect_crop.step import detect_crop
from fashiontools.models.detection.faster_rcnn import FasterRcnn
from fashiontools.train.run_folder import best_file, load_network, open_run
from fashiontools.train.shapes import Scaled

CPU = torch.device("cpu")
BAR, PIXELS, SURE = 1.3, 0.5, 0.3


class Files(Dataset):
    """Photos as torchvision's references read them."""

    def __init__(self, paths: list[str]) -> None:
        self._paths = paths

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, number: int) -> torch.Tensor:
        return to_tensor(Image.open(self._paths[number]).convert("RGB"))


def torchvisions(network: FasterRcnn, shorter: int, longer: int) -> FasterRCNN:
    """torchvision's model with the parts of ours, and its own transform."""
    built = FasterRCNN(
        network.backbone,
        1 + len(network.classes),
        min_size=shorter,
        max_size=longer,
        rpn_anchor_generator=network.rpn.anchor_generator,
    )
    built.rpn, built.roi_heads = network.rpn, network.roi_heads
    return built.eval()


def plain(model: FasterRCNN, paths: list[str], processes: int) -> float:
    """Images a second of torchvision's evaluation loop."""
    began = time.perf_counter()
    with torch.inference_mode():
        for images in DataLoader(Files(paths), batch_size=1, num_workers=processes, collate_fn=list):
            model(images)
    return len(paths) / (time.perf_counter() - began)


def ours(run: str, photos: str, count: int) -> float:
    """Images a second of the command."""
    with tempfile.TemporaryDirectory() as scratch:
        options = DetectCropOptions(model=run, boxes_only=True, all=True, min_score=0.0, output=Path(scratch, "out"))
        table, out = select(open_inputs([photos]), (), count, 0), Output(options.output, "detect-crop", options)
        found = detect_crop(table, options, out, Progress("", quiet=True))  # the network is loaded, as the peer's is
        began = time.perf_counter()
        for _ in found.rows:
            pass
        return count / (time.perf_counter() - began)


def furthest(model: FasterRCNN, detector: NetworkDetector, paths: list[str], shape: Scaled) -> tuple[float, int]:
    """How far a box of ours is from torchvision's, pixels of the scaled photo, and how many were compared.

    Infinitely far where ours finds nothing of the class.
    """
    worst, compared = 0.0, 0
    for path in paths:
        pixels = shape.read(path)
        (looked,) = detector.detect([Photo(pixels, *pixels.shape[:2])])
        with torch.inference_mode():
            (theirs,) = model([to_tensor(pixels)])
        mine = torch.tensor([one.box.corners for one in looked.found]).reshape(-1, 4)
        for box, label, score in zip(theirs["boxes"], theirs["labels"], theirs["scores"], strict=True):
            same = torch.tensor([one.label == detector.classes[int(label) - 1] for one in looked.found])
            if score < SURE:
                continue
            compared += 1
            if not same.any():
                worst = math.inf
                continue
            nearest = int(torch.where(same, box_iou(box[None], mine)[0], -1).argmax())
            worst = max(worst, float((box - mine[nearest]).abs().max()))
    return worst, compared


def main(run: str, photos: str, count: int, rounds: int) -> None:
    """Print the table; exit code 1 where a bar is missed."""
    record, folder = open_run(Path(run)), Path(run)
    file = best_file(folder)
    network = load_network(folder, record, "detector", CPU, file)
    sides = network.shorter, network.longer
    paths = [row["path"] for row in select(open_inputs([photos]), (), count, 0).rows]
    ratios = []
    for number in range(rounds):
        model = torchvisions(load_network(folder, record, "detector", CPU, file), *sides)
        peer = max(plain(model, paths, processes) for processes in (0, 2))
        mine = ours(run, photos, len(paths))
        ratios.append(mine / peer)
        print(f"round {number + 1}: torchvision {peer:.2f} images/s, detect-crop {mine:.2f}, ratio {ratios[-1]:.2f}")
    model = torchvisions(load_network(folder, record, "detector", CPU, file), *sides)
    detector = NetworkDetector(network, CPU)
    worst, compared = furthest(model, detector, paths[:100], Scaled(*sides))
    ratio = statistics.median(ratios)
    print(f"median ratio {ratio:.2f} (bar {BAR}); {compared} boxes surer than {SURE}: at most {worst:.4f} pixels apart")
    sys.exit(0 if ratio >= BAR and compared and worst <= PIXELS else 1)


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[3:]]
    main(sys.argv[1], sys.argv[2], *(numbers + [200, 3][len(numbers) :]))
