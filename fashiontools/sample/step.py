"""The step of `sample`: images from a trained generator, of noise or of photos."""

from pathlib import Path
from typing import Any

from fashiontools.core.errors import UsageError
from fashiontools.core.manifest import Table
from fashiontools.core.output import Output
from fashiontools.core.progress import Progress
from fashiontools.sample.generation import generate
from fashiontools.sample.options import TRANSLATORS, SampleOptions
from fashiontools.sample.translation import translate
from fashiontools.train.run_folder import MODEL, best_file, open_run, refuse_other_weights

_OF_NOISE = ("interpolate", "truncation")
_OF_PHOTOS = ("where", "limit", "retry_failed")


def sample(names: list[str], options: SampleOptions, out: Output, progress: Progress) -> Table:
    """Make images with the generator of a run.

    Args:
        names: The run folder.
        options: How many, which, and of which photos.
        out: Where.
        progress: Where progress goes.

    Returns:
        A row for each image; see `generate` and `translate`.

    Raises:
        UsageError: Not one finished run folder with a generator, options that mean nothing to it, or its weights are
            others than those that made the images that are there.
    """
    if len(names) != 1:
        raise UsageError("name one run folder: fashiontools sample runs/dcgan")
    folder = Path(names[0])
    run = open_run(folder)
    translates = run.get("recipe") in TRANSLATORS
    _refuse_meaningless(folder, run, options, translates=translates)
    refuse_other_weights(folder, out, best_file(folder) if translates else MODEL)
    return (translate if translates else generate)(folder, run, options, out, progress)


def _refuse_meaningless(folder: Path, run: dict[str, Any], options: SampleOptions, *, translates: bool) -> None:
    recipe = run.get("recipe")
    if translates and options.input is None:
        raise UsageError(f"{folder} makes images of photos: name them with --input")
    if not translates and options.input is not None:
        others = ", ".join(TRANSLATORS)
        raise UsageError(f"--input has no meaning for {folder}, a run of {recipe!r}; it is for those of {others}")
    for name in _OF_NOISE if translates else _OF_PHOTOS:
        if getattr(options, name):
            word = name.replace("_", "-")
            made = "makes images of photos" if translates else "makes images from noise and reads no photos"
            raise UsageError(f"--{word} has no meaning for {folder}, which {made}")
