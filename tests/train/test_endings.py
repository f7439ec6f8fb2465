"""How a training ends: by its time, or because a loss or a weight is no longer a number."""

from collections.abc import Callable
from pathlib import Path

from run_folders import checkpoints_of, record_of, steps_done

Train = Callable[..., object]


def test_the_time_limit_counts_all_sessions_and_only_stops(train: Train, lookbook: Path, tmp_path: Path) -> None:
    options = (lookbook, "--epochs", 100_000, "-o", tmp_path / "run")
    first = train(*options, "--time-limit", "0.5s")
    assert first.returncode == 0, first.stderr
    assert "time limit" in first.stderr
    steps = steps_done(tmp_path / "run")
    assert steps >= 1
    assert record_of(tmp_path / "run")["complete"] is True
    assert checkpoints_of(tmp_path / "run")[-1] == steps
    assert train(*options, "--time-limit", "0.5s").returncode == 0
    assert steps_done(tmp_path / "run") == steps
    assert train(*options, "--time-limit", "0.5s", "--time-limit", "1m", "--steps", steps + 2).returncode == 0
    assert steps_done(tmp_path / "run") == steps + 2


def test_a_loss_that_is_no_number_stops_and_keeps_the_checkpoint(train: Train, lookbook: Path, tmp_path: Path) -> None:
    done = train(lookbook, "--steps", 10, "--rate", "1e30", "--save-every", 100, "-o", tmp_path / "run")
    assert "Traceback" not in done.stderr
    assert "nan" in done.stderr
    assert "learning rate" in done.stderr
    assert checkpoints_of(tmp_path / "run") == [0]
    assert not (tmp_path / "run" / "model.safetensors").exists()
    assert done.returncode not in (0, 70), "design.md: 70 is a bug, with its traceback"
