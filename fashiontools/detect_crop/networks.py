"""Detection by a Faster R-CNN; on the CPU the same to the bit whatever else is looked at beside a photo."""

from collections.abc import Sequence

import numpy as np
import torch

from fashiontools.core.boxes import Box
from fashiontools.core.images import as_rgb, resize
from fashiontools.detect_crop.detection import Detection, Looked, Photo
from fashiontools.models.detection.canvas import canvas_of, scaled_size
from fashiontools.models.detection.faster_rcnn import FasterRcnn, Found

_ON_A_GPU = 8


class NetworkDetector:
    """A trained network, ready to look at photos.

    The last bits of a box depend on the number of photos in a batch and on torch's threads. On the CPU each photo is
    therefore looked at by itself and by one thread, several photos at the same time. That is also faster: on two cores
    1.3 times all threads for one photo, and a batch of eight takes 1.6 times as long as its photos one by one. On a GPU
    photos of one canvas come in batches, the last one filled up; the last bits may depend on the neighbours there.

    Args:
        network: In evaluation mode, on its device; it knows the scale that it wants photos at.
        device: Where it is.
    """

    def __init__(self, network: FasterRcnn, device: torch.device) -> None:
        self._network = network.to(memory_format=torch.channels_last)
        self._longer, self._device = network.longer, device
        self.classes = network.classes
        self.min_side = network.shorter
        self.at_once = 1 if device.type == "cpu" else _ON_A_GPU

    def detect(self, photos: Sequence[Photo]) -> list[Looked]:
        """As `Detector.detect`."""
        if self._device.type == "cpu":
            torch.set_num_threads(1)  # of this thread
        sizes = [self._scaled(photo) for photo in photos]
        height, width = self.canvas(photos[0])
        batch = np.zeros((self.at_once, height, width, 3), np.float32)
        extents = [(height, width)] * self.at_once
        for number, (photo, size) in enumerate(zip(photos, sizes, strict=True)):
            scaled = resize(as_rgb(photo.pixels), *size)
            batch[number, : size[0], : size[1]] = scaled.astype(np.float32) / 127.5 - 1
            extents[number] = size
        with torch.inference_mode():
            given = torch.from_numpy(batch).to(self._device).permute(0, 3, 1, 2)
            found = self._network(given, torch.tensor(extents))
        return [Looked(self._told(*one)) for one in zip(photos, sizes, found[: len(photos)], strict=True)]

    def canvas(self, photo: Photo) -> tuple[int, int]:
        """As `Detector.canvas`."""
        return canvas_of(*self._scaled(photo))

    def _scaled(self, photo: Photo) -> tuple[int, int]:
        return scaled_size(*photo.pixels.shape[:2], self.min_side, self._longer)

    def _told(self, photo: Photo, size: tuple[int, int], found: Found) -> tuple[Detection, ...]:
        told = []
        parts = (found.boxes.tolist(), found.labels.tolist(), found.scores.tolist())
        for (left, top, right, bottom), label, score in zip(*parts, strict=True):
            box = photo.whole(Box(left, top, right - left, bottom - top), *size)
            if min(box.width, box.height) >= 1:  # what is less is no box for any reader of manifests
                told.append(Detection(box, self.classes[label], score))
        return tuple(sorted(told, key=lambda one: -one.score))
