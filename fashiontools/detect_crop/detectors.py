"""What `--model` names, opened: a detector, and in `run.json` whose weights it has."""

from collections.abc import Sequence
from pathlib import Path

from fashiontools.core.errors import UsageError, near
from fashiontools.core.files import write_atomically
from fashiontools.core.output import Output
from fashiontools.core.progress import Progress
from fashiontools.core.provenance import TRAINED_ON
from fashiontools.detect_crop.detection import Detector
from fashiontools.detect_crop.options import DETECTORS, TRAINED, DetectCropOptions


def open_detector(options: DetectCropOptions, out: Output, progress: Progress) -> Detector:
    """Open the detector of `--model`.

    Args:
        options: Of the command.
        out: Is told whose boxes these are.
        progress: Is told what is fetched.

    Raises:
        UsageError: It is no run that detects, `--keep` names a class that it does not know, or the output folder was
            made with other weights.
        Unavailable: Its weights cannot be had.
    """
    if options.is_run:
        return _trained(Path(options.model), options, out)
    kind = DETECTORS[options.model].load()
    _check_classes(options.kept, kind.classes)
    if options.model != "person":
        return kind()
    from fashiontools.core.device import pick_device
    from fashiontools.train.run_folder import refuse_other_weights

    detector = kind(options.weights or "mobilenet", pick_device(options.device), progress.note)
    refuse_other_weights(detector.file, out)
    return detector


def _check_classes(kept: Sequence[str], classes: Sequence[str]) -> None:
    """Refuse classes that a detector does not give; one without classes takes any, since the rows may have them.

    Raises:
        UsageError: There is one; the message names the near ones.
    """
    for label in kept if classes else ():
        if label not in classes:
            raise UsageError(f"--keep: the model has no class {label!r}: {near(label, classes)}")


def _trained(folder: Path, options: DetectCropOptions, out: Output) -> Detector:
    from fashiontools.core.device import pick_device
    from fashiontools.train.run_folder import best_file, load_network, open_run, refuse_other_weights

    run = open_run(folder)
    if run.get("recipe") not in TRAINED:
        raise UsageError(f"{folder} is a run of {run.get('recipe')!r}; detect-crop takes those of {', '.join(TRAINED)}")
    device = pick_device(options.device)
    file = best_file(folder)
    refuse_other_weights(folder, out, file)
    out.describe(detector_run=str(folder.resolve()), detector_weights=file)
    network = load_network(folder, run, "detector", device, file)
    _check_classes(options.kept, network.classes)
    return TRAINED[run["recipe"]].load()(network, device)


def keep_trained_on(options: DetectCropOptions, out: Output) -> None:
    """Write beside the boxes which photos their detector was trained on: its run folder may be moved or renamed.

    Args:
        options: Of the command.
        out: What is made with the detector.
    """
    known = Path(options.model, TRAINED_ON)
    if options.is_run and known.is_file():
        write_atomically(out.path(TRAINED_ON), known.read_bytes())
    elif options.overwrite:
        out.path(TRAINED_ON).unlink(missing_ok=True)
