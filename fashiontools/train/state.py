"""What a run has come to: its position, and the means of its scalars."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from fashiontools.train.feed import Position


@dataclass
class State:
    """What a run has come to.

    Attributes:
        position: Where its next step begins.
        sums: Sums over the photos of the current epoch so far, by scalar.
        counts: Photos that each sum is over.
        epochs: One dict of means per finished epoch.
    """

    position: Position = field(default_factory=Position)
    sums: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    epochs: list[dict[str, float]] = field(default_factory=list)

    def add(self, values: Mapping[str, float], photos: int) -> None:
        """Add a step's scalars, means over so many photos."""
        for name, value in values.items():
            self.sums[name] = self.sums.get(name, 0.0) + value * photos
            self.counts[name] = self.counts.get(name, 0) + photos

    def means(self) -> dict[str, float]:
        """The means over the photos of the current epoch so far."""
        return {name: total / self.counts[name] for name, total in self.sums.items()}

    def close_epoch(self, means: Mapping[str, float]) -> None:
        """Keep the means of the epoch that ended just now, and begin the next."""
        self.epochs.append({"epoch": self.position.epoch, "step": self.position.step, **means})
        self.sums, self.counts = {}, {}

    def numbers(self) -> dict[str, Any]:
        """The state as JSON."""
        return asdict(self)

    @classmethod
    def of(cls, numbers: Mapping[str, Any]) -> "State":
        """The state that `numbers` told."""
        return cls(Position(**numbers["position"]), numbers["sums"], numbers["counts"], numbers["epochs"])
