"""The table of importers, and the options that those of published sets share."""

from dataclasses import dataclass

from fashiontools.core.command import Command
from fashiontools.core.options import PhotoOptions, RetryOptions


@dataclass(frozen=True, kw_only=True)
class DataSetOptions(RetryOptions, PhotoOptions):
    """For importers of published sets: they read files of their own kind, not rows."""


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
        summary="Read the Clothing Co-Parsing set: street photos, descriptions, garment masks.",
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
}
