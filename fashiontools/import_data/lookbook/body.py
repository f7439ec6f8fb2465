"""The people of the house: what they look like, how they stand, and the lines of their bodies."""

from dataclasses import dataclass

import numpy as np

from fashiontools.import_data.lookbook.attributes import Rgb, pick
from fashiontools.import_data.lookbook.geometry import along_joints

_SKINS: tuple[Rgb, ...] = (
    (246, 214, 192),
    (236, 196, 168),
    (222, 174, 140),
    (190, 138, 102),
    (146, 98, 70),
    (104, 68, 50),
)
_HAIRS: tuple[Rgb, ...] = (
    (38, 28, 26), (58, 40, 32), (92, 60, 40), (132, 88, 54), (206, 166, 104), (226, 194, 140), (140, 62, 36),
    (150, 146, 144)
)  # fmt: skip
_LIPS: tuple[Rgb, ...] = ((190, 92, 92), (176, 60, 72), (206, 120, 112), (150, 64, 70))
_SHOES: tuple[Rgb, ...] = ((34, 32, 34), (236, 232, 226), (150, 104, 70), (196, 160, 128), (120, 34, 40), (70, 78, 96))
_EYES: tuple[Rgb, ...] = ((78, 52, 36), (96, 122, 140), (88, 108, 72), (60, 44, 38))
HAIR_STYLES = ("long", "bob", "bun", "ponytail", "short", "wavy")

SHOULDER_Y, WAIST_Y, HIP_Y, CROTCH_Y = 1.47, 2.78, 3.55, 3.86
_TORSO_Y = np.array([1.30, 1.42, 1.50, 1.75, 1.98, 2.15, 2.45, 2.78, 3.05, 3.35, 3.60, 3.90])
_TORSO_HALF = np.array([0.20, 0.45, 0.72, 0.66, 0.62, 0.61, 0.53, 0.475, 0.53, 0.64, 0.70, 0.69])


@dataclass(frozen=True)
class Person:
    """Somebody who models for a photo session.

    Attributes:
        skin: RGB 0..255.
        hair: RGB 0..255.
        lips: RGB 0..255.
        eyes: RGB 0..255 of the iris.
        shoes: RGB 0..255.
        hair_style: One of `HAIR_STYLES`.
        height: Body height as a share of what usually fills the picture, about 0.94..1.03.
        build: Factor on the body's width, about 0.93..1.1.
        heels: Whether the shoes are pumps instead of sneakers.
        other_garment: RGB 0..255 of the plain piece worn with an upper or a lower garment.
        parting: Where the hair is parted, -1 (left of the picture) to 1.
    """

    skin: Rgb
    hair: Rgb
    lips: Rgb
    eyes: Rgb
    shoes: Rgb
    hair_style: str
    height: float
    build: float
    heels: bool
    other_garment: Rgb
    parting: float


@dataclass(frozen=True, eq=False)
class Figure:
    """A posed body, in head units.

    Attributes:
        arms: For the left and the right of the picture, (4, 2): shoulder, elbow, wrist, fingertips.
        legs: The same, (4, 2): hip, knee, ankle, toes.
        hip_shift: How far the hips are moved to the right.
        shoulder_tilt: Slope of the shoulder line, positive when the right of the picture is lower.
        hip_tilt: Slope of the hip line.
        head_tilt: Radians, positive to the right.
        head_turn: Turn of the face, -1 to 1.
        build: Factor on widths.
        arms_behind: Whether the hands are behind the back.
    """

    arms: tuple[np.ndarray, np.ndarray]
    legs: tuple[np.ndarray, np.ndarray]
    hip_shift: float = 0.0
    shoulder_tilt: float = 0.0
    hip_tilt: float = 0.0
    head_tilt: float = 0.0
    head_turn: float = 0.0
    build: float = 1.0
    arms_behind: bool = False

    def posed(self, points: np.ndarray) -> np.ndarray:
        """Move (N, 2) points given for an upright, symmetric trunk to where the pose takes them."""
        x, y = points[:, 0], points[:, 1]
        tilt = np.interp(y, [1.5, WAIST_Y, HIP_Y, 6.0], [self.shoulder_tilt, 0.0, self.hip_tilt, self.hip_tilt * 0.5])
        return np.stack([x + self.centre(y), y + x * tilt], axis=1)

    def centre(self, y: np.ndarray) -> np.ndarray:
        """Return the x of the trunk's middle at heights y."""
        return self.hip_shift * np.interp(y, [1.5, 2.1, WAIST_Y, HIP_Y], [0.0, 0.12, 0.6, 1.0])

    def torso_half(self, y: np.ndarray) -> np.ndarray:
        """Return the half width of the bare trunk at heights y."""
        return np.interp(y, _TORSO_Y, _TORSO_HALF) * self.build

    def spine(self, top: float, bottom: float) -> np.ndarray:
        """Return the trunk's middle line from one height to another, (4, 2)."""
        y = np.linspace(top, bottom, 4)
        return np.stack([self.centre(y), y], axis=1)


def draw_person(rng: np.random.Generator) -> Person:
    """Draw the looks of one person.

    Args:
        rng: Source of every choice.

    Returns:
        The person, to be used for all photos of a session.
    """
    tone = int(rng.integers(len(_SKINS)))
    # The darkest skins go with dark hair only; the rest may have any.
    hairs = _HAIRS if tone < 4 else _HAIRS[:3]
    skin = tuple(int(c + rng.integers(-5, 6)) for c in _SKINS[tone])
    return Person(
        skin=(skin[0], skin[1], skin[2]),
        hair=pick(rng, hairs),
        lips=pick(rng, _LIPS),
        eyes=pick(rng, _EYES) if tone < 3 else _EYES[0],
        shoes=pick(rng, _SHOES),
        hair_style=pick(rng, HAIR_STYLES),
        height=float(rng.uniform(0.94, 1.03)),
        build=float(rng.uniform(0.94, 1.1)),
        heels=bool(rng.random() < 0.5),
        other_garment=pick(rng, ((38, 40, 46), (236, 234, 230), (58, 74, 108), (150, 148, 146), (206, 190, 166))),
        parting=float(rng.uniform(-0.7, 0.7)),
    )


def draw_figure(rng: np.random.Generator, person: Person) -> Figure:
    """Draw how a person stands for one photo: weight shift, legs, arms and head.

    Args:
        rng: Source of every choice.
        person: Gives the build.

    Returns:
        The posed body.
    """
    weight = float(rng.choice([-1.0, 1.0]) * rng.uniform(0.0, 0.16))
    stance = pick(rng, ("straight", "relaxed", "relaxed", "walking", "wide"))
    shoulder_tilt = float(-0.35 * weight + rng.normal(0, 0.012))
    legs = (_leg(-1, weight, stance, rng), _leg(1, weight, stance, rng))
    gesture = pick(rng, ("hanging", "hanging", "hip", "both hips", "behind", "bent"))
    hand_side = int(rng.choice([-1, 1]))
    arms = []
    for side in (-1, 1):
        own = gesture if gesture != "hip" or side == hand_side else "hanging"
        arms.append(_arm(side, own, shoulder_tilt, person.build, rng))
    return Figure(
        arms=(arms[0], arms[1]),
        legs=legs,
        hip_shift=weight,
        shoulder_tilt=shoulder_tilt,
        hip_tilt=float(0.45 * weight),
        head_tilt=float(np.clip(rng.normal(0, 0.05), -0.11, 0.11)),
        head_turn=float(rng.uniform(-0.9, 0.9)),
        build=person.build,
        arms_behind=gesture == "behind",
    )


def mannequin(spread: float) -> Figure:
    """Return the upright, symmetric body that garments are laid out on, its arms `spread` radians from hanging."""
    arms = tuple(
        _bent_limb(np.array([side * 0.70, 1.62]), side, (spread, spread, spread), (1.15, 1.0, 0.5)) for side in (-1, 1)
    )
    legs = tuple(
        np.array([[side * 0.34, 3.6], [side * 0.36, 5.42], [side * 0.37, 7.05], [side * 0.38, 7.4]]) for side in (-1, 1)
    )
    return Figure(arms=(arms[0], arms[1]), legs=(legs[0], legs[1]))


def limb(joints: np.ndarray, widths: np.ndarray, start: float, stop: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the middle line of part of a limb and its half widths there.

    Args:
        joints: (K, 2) joints from the trunk outward.
        widths: Half widths at evenly spread positions from the first joint to the last.
        start: Where the part begins; i at joint i.
        stop: Where it ends.

    Returns:
        (N, 2) points and (N,) half widths.
    """
    t = np.linspace(start, stop, max(6, int(9 * (stop - start))))
    return along_joints(joints, t), np.interp(t, np.linspace(0, len(joints) - 1, len(widths)), widths)


def _leg(side: int, weight: float, stance: str, rng: np.random.Generator) -> np.ndarray:
    free = side * weight < 0  # The leg that carries no weight may stand anywhere.
    hip = np.array([side * 0.33 + weight, 3.6])
    knee_x, ankle_x, lift = side * 0.27 + 0.7 * weight, side * 0.22 + 0.35 * weight, 0.0
    if stance == "wide":
        knee_x, ankle_x = side * 0.40 + 0.6 * weight, side * 0.50
    elif stance == "relaxed" and free:
        knee_x, ankle_x = (
            knee_x + side * float(rng.uniform(0.05, 0.16)),
            ankle_x + side * float(rng.uniform(0.08, 0.28)),
        )
    elif stance == "walking":
        ankle_x *= 0.35
        lift = float(rng.uniform(0.12, 0.26)) if free else 0.0
    toes = np.array([ankle_x + side * float(rng.uniform(0.02, 0.12)), 7.44 - 0.9 * lift])
    return np.array([hip, [knee_x, 5.42 - 0.25 * lift], [ankle_x, 7.08 - lift], toes])


def _arm(side: int, gesture: str, shoulder_tilt: float, build: float, rng: np.random.Generator) -> np.ndarray:
    shoulder = np.array([side * 0.68 * build, 1.63 + side * 0.68 * shoulder_tilt])
    if gesture in ("hip", "both hips"):
        upper, lower, hand = rng.uniform(0.62, 0.76), rng.uniform(-0.82, -0.7), -0.3
    elif gesture == "behind":
        upper, lower, hand = rng.uniform(0.2, 0.3), rng.uniform(-0.62, -0.45), -0.6
    elif gesture == "bent":
        upper, lower, hand = rng.uniform(0.12, 0.26), rng.uniform(0.25, 0.5), 0.25
    else:
        upper, lower, hand = rng.uniform(0.1, 0.24), rng.uniform(-0.04, 0.14), 0.0
    angles = (float(upper), float(lower), float(hand + rng.normal(0, 0.06)))
    return _bent_limb(shoulder, side, angles, (1.15, 0.98, 0.5))


def _bent_limb(start: np.ndarray, side: int, angles: tuple[float, ...], lengths: tuple[float, ...]) -> np.ndarray:
    """Chain bones from a joint; angles are radians outward from hanging straight down."""
    joints = [start]
    for angle, length in zip(angles, lengths, strict=True):
        joints.append(joints[-1] + length * np.array([side * np.sin(angle), np.cos(angle)]))
    return np.stack(joints)
