"""The table of importers."""

from fashiontools.core.command import Command

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
}
