"""The table of importers, and the options that those of published sets share."""

from dataclasses import dataclass
from typing import Annotated

import typer

from fashiontools.core.command import Command
from fashiontools.core.options import COMMON, Mark, PhotoOptions, RetryOptions


@dataclass(frozen=True, kw_only=True)
class DataSetOptions(RetryOptions, PhotoOptions):
    """For importers of published sets: they read files of their own kind, not rows."""


@dataclass(frozen=True, kw_only=True)
class BoxSetOptions(DataSetOptions):
    """For importers of sets with boxes, which list rows before they look at photos."""

    clip_boxes: Annotated[
        bool,
        typer.Option("--clip-boxes", help="Cut boxes off at the photo's edges, instead of making bad rows of those."),
        Mark.RESULT,
    ] = False
    where: Annotated[
        list[str] | None,
        typer.Option(
            help="Only rows where this holds (also !=, >, <); repeat it for and.",
            metavar="COLUMN=VALUE",
            rich_help_panel=COMMON,
        ),
        Mark.RUN,
    ] = None


IMPORTERS = {
    "lookbook": Command(
        target="fashiontools.import_data.lookbook.options:LookbookOptions",
        step="fashiontools.import_data.lookbook.step:lookbook",
        summary="Draw a small fashion house: products, packshots and worn photos.",
        source="Farnsworth 2018 (attributes)",
        inputs=None,
        folder="lookbook",
        kind="importer",
    ),
    "ccp": Command(
        target="fashiontools.import_data.ccp.options:CcpOptions",
        step="fashiontools.import_data.ccp.step:ccp",
        summary="Read the Clothing Co-Parsing set: street photos, descriptions, garment masks, boxes.",
        source="Yang, Luo and Lin 2014",
        inputs="The folder of the set as it is distributed: photos, annotations and label_list.mat.",
        folder="ccp",
        kind="importer",
    ),
    "fashiongen": Command(
        target="fashiontools.import_data.fashiongen.options:FashiongenOptions",
        step="fashiontools.import_data.fashiongen.step:fashiongen",
        summary="Read FashionGen's HDF5: product photos with descriptions.",
        source="Rostamzadeh et al. 2018",
        inputs="FashionGen's HDF5 files (fashiongen_256_256_train.h5, fashiongen_256_256_validation.h5).",
        folder="fashiongen",
        kind="importer",
    ),
    "deepfashion": Command(
        target="fashiontools.import_data.deepfashion.options:DeepfashionOptions",
        step="fashiontools.import_data.deepfashion.step:deepfashion",
        summary="Read DeepFashion's Category and Attribute Prediction: a box and a category per photo.",
        source="Liu, Luo, Qiu, Wang and Tang 2016",
        inputs="The folder of the set as it is distributed: Img, Anno_coarse or Anno_fine (or Anno), Eval.",
        folder="deepfashion",
        kind="importer",
    ),
    "deepfashion2": Command(
        target="fashiontools.import_data.deepfashion2.options:Deepfashion2Options",
        step="fashiontools.import_data.deepfashion2.step:deepfashion2",
        summary="Read DeepFashion2: a JSON file of several garments per photo.",
        source="Ge, Zhang, Wang, Tang and Luo 2019",
        inputs="The folder of the set as it is distributed: train, validation and test, or one of them.",
        folder="deepfashion2",
        kind="importer",
    ),
    "aligned": Command(
        target="fashiontools.import_data.aligned.options:AlignedOptions",
        step="fashiontools.import_data.aligned.step:aligned",
        summary="Read pairs that lie side by side in one file: facades, edges2shoes and their like.",
        source="Isola, Zhu, Zhou and Efros 2016",
        inputs="The folder of the set as it is distributed: train, val and test.",
        folder="aligned",
        kind="importer",
    ),
    "coco": Command(
        target="fashiontools.import_data.coco.options:CocoOptions",
        step="fashiontools.import_data.coco.step:coco",
        summary="Read any COCO file of boxes, or write any manifest's boxes as one.",
        source="Lin et al. 2014",
        inputs="COCO's JSON files (instances_train2017.json), or manifests with box and label, as files or folders.",
        folder="coco",
        kind="importer",
    ),
    "celeba": Command(
        target="fashiontools.import_data.celeba.options:CelebaOptions",
        step="fashiontools.import_data.celeba.step:celeba",
        summary="Read CelebA: faces with attributes and landmarks.",
        source="Liu, Luo, Wang and Tang 2015",
        inputs="The folder of the set as it is distributed: Img, Anno and Eval, or all in one folder.",
        folder="celeba",
        kind="importer",
    ),
}
