"""Which of the boxes found on a photo are kept, and why none is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from fashiontools.detect_crop.detection import Detection, Looked

Rule = Literal["best", "any", "all"]


class Rejection(NamedTuple):
    """Why a photo has no kept box.

    Attributes:
        reason: In words.
        best: The surest box on the photo, if there is any; by the rule `best` the surest that is not too small.
    """

    reason: str
    best: Detection | None


@dataclass(frozen=True)
class Choice:
    """How boxes are chosen.

    Attributes:
        rule: `best`: the photo's best box over all classes, which must be of a kept class, as in Chiaretti's thesis;
            `any`: the best box of the kept classes; `all`: every box of them.
        keep: The kept classes; none keeps all.
        min_score: Least score.
        min_size: Least length of the box's shorter side, pixels; smaller boxes are as good as not there.
    """

    rule: Rule
    keep: tuple[str, ...]
    min_score: float
    min_size: int

    def of(self, looked: Looked) -> tuple[Detection, ...] | Rejection:
        """The boxes to keep, the surest first and at least one, or why there is none."""
        best = looked.found[0] if looked.found else None
        if best is None or best.score < self.min_score:
            return Rejection(looked.reason or f"no detection above {self.min_score:g}", best)
        sure = [one for one in looked.found if one.score >= self.min_score]
        if self.rule == "best":
            best = next(filter(self._is_large, sure), best)
            sure = [one for one in sure if one.score == best.score]  # a person's parts are as sure as the person
        kept = [one for one in sure if not self.keep or one.label in self.keep]
        if not kept:
            told = f"no {' or '.join(self.keep)} above {self.min_score:g}"
            return Rejection(f"best is {best.label}" if self.rule == "best" else told, best)
        large = tuple(filter(self._is_large, kept))
        if not large:
            box = kept[0].box
            return Rejection(f"too small: {box.width:.0f} x {box.height:.0f} pixels", best)
        return large if self.rule == "all" else (self._first(large),)

    def _is_large(self, one: Detection) -> bool:
        return min(one.box.width, one.box.height) >= self.min_size

    def _first(self, kept: Sequence[Detection]) -> Detection:
        """The surest; of equally sure ones that of the class that was named first."""
        surest = [one for one in kept if one.score == kept[0].score]
        return min(surest, key=lambda one: self.keep.index(one.label)) if self.keep else surest[0]
