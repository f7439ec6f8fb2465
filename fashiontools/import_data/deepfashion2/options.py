"""Options of `import deepfashion2`."""

from dataclasses import dataclass

from fashiontools.import_data.options import BoxSetOptions


@dataclass(frozen=True, kw_only=True)
class Deepfashion2Options(BoxSetOptions):
    """Read DeepFashion2 as it is distributed; it is never written to.

    Photos stay where they lie. There is a row for each garment; its label is upper, lower or full by its category of
    the thirteen; group is the pair and the style, which the same product shares. The columns scale, occlusion, zoom_in
    and viewpoint are the set's numbers 1 to 3. Photos that are distributed without annotations (test) are left out.

    Example: fashiontools import deepfashion2 DeepFashion2 --where split=val -o clothes
    """
