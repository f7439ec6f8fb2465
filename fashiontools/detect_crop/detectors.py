"""What `--model` names, opened: a detector, and in `run.json` whose weights it has."""

from collections.abc import Sequence
from pathlib import Path

from fashiontools.core.errors import UsageError, near
from fashiontools.core.output import Output
from fashiontools.core.progress import Progress
from fashiontools.core.provenance import read_run
from fashiontools.detect_crop.detection import Detector
from fashiontools.detect_crop.options import DETECTORS, TRAINED, DetectCropOptions

_WEIGHTS = "weights"


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

    detector = kind(options.weights or "mobilenet", pick_device(options.device), progress.note)
    _refuse_other(detector.sha256, "--weights", out)
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
    from fashiontools.core.weights import file_sha256
    from fashiontools.train.run_folder import BEST, MODEL, load_network, open_run

    run = open_run(folder)
    if run.get("recipe") not in TRAINED:
        raise UsageError(f"{folder} is a run of {run.get('recipe')!r}; detect-crop takes those of {', '.join(TRAINED)}")
    device = pick_device(options.device)
    file = BEST if (folder / BEST).exists() else MODEL
    _refuse_other(file_sha256(folder / file), str(folder), out)
    out.describe(detector_run=str(folder.resolve()), detector_weights=file)
    network = load_network(folder, run, "detector", device, file)
    _check_classes(options.kept, network.classes)
    sides = run["options"]["size"], run["options"]["max_size"]
    return TRAINED[run["recipe"]].load()(network, *sides, device)


def _refuse_other(sha256: str, whose: str, out: Output) -> None:
    """Record the weights, and refuse to go on with others: rows know only what the model is called.

    Raises:
        UsageError: The output folder was made with other weights.
    """
    before = None if out.options.overwrite else read_run(out.path(""))
    if before is not None and before.get(_WEIGHTS, sha256) != sha256:
        other = f"{out.path('')} was made with other weights than {whose} has now"
        raise UsageError(f"{other}: name another output folder, or --overwrite")
    out.describe(**{_WEIGHTS: sha256})
