"""`sample` through the real command line: images by number, walks, grids, resumption and refusals."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest
from manifests import rows_of
from PIL import Image

from fashiontools.core.errors import UsageError
from fashiontools.train.run_folder import load_network, open_run

Run = Callable[..., "CompletedProcess[str]"]
Tree = Callable[[Path], dict[str, bytes]]
SIDE = 16


@pytest.fixture(scope="module")
def trained(run: Run, lookbook: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of twelve steps at a high rate: its batch norms have left their first statistics."""
    folder = tmp_path_factory.mktemp("trained") / "run"
    widths = ("--generator-width", "8", "--discriminator-width", "8", "--batch", "8", "--rate", "0.01")
    done = run("train", "dcgan", lookbook, "--size", SIDE, *widths, "--steps", "12", "-o", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def twenty(run: Run, trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("twenty") / "samples"
    done = run("sample", trained, "-n", "20", "-o", folder)
    assert done.returncode == 0, done.stderr
    return folder


def images_of(folder: Path) -> list[bytes]:
    return [(folder / row["path"]).read_bytes() for row in rows_of(folder)]


def pixels_of(file: Path) -> np.ndarray:
    return np.asarray(Image.open(file)).astype(int)


def test_images_rows_and_grid(twenty: Path, trained: Path) -> None:
    rows = rows_of(twenty)
    assert [row["id"] for row in rows] == [str(number) for number in range(20)]
    assert [row["path"] for row in rows] == [f"{number:06d}.png" for number in range(20)]
    assert {row["source"] for row in rows} == {str(trained)}
    for row in rows:
        assert pixels_of(twenty / row["path"]).shape == (SIDE, SIDE, 3)
    assert len(set(images_of(twenty))) == 20
    assert Image.open(twenty / "grid.png").size == (4 * (SIDE + 2) + 2, 5 * (SIDE + 2) + 2)
    assert np.array_equal(pixels_of(twenty / "grid.png")[2 : 2 + SIDE, 2 : 2 + SIDE], pixels_of(twenty / "000000.png"))


def test_more_images_begin_with_the_same_ones(
    in_process: Run, trained: Path, twenty: Path, tmp_path: Path, tree: Tree
) -> None:
    assert in_process("sample", trained, "-n", "37", "-o", tmp_path / "once").returncode == 0
    assert images_of(tmp_path / "once")[:20] == images_of(twenty)
    shutil.copytree(twenty, tmp_path / "grown")
    assert in_process("sample", trained, "-n", "37", "-o", tmp_path / "grown").returncode == 0
    assert tree(tmp_path / "grown") == tree(tmp_path / "once")


def test_another_seed_makes_other_images(in_process: Run, trained: Path, twenty: Path, tmp_path: Path) -> None:
    assert in_process("sample", trained, "-n", "5", "--seed", "1", "-o", tmp_path / "other").returncode == 0
    assert not set(images_of(tmp_path / "other")) & set(images_of(twenty))


def test_images_are_the_generators(twenty: Path, trained: Path) -> None:
    """Built here by hand from the run folder: weights, latents by number, running statistics, rounding."""
    import torch
    from safetensors.torch import load_file

    from fashiontools.models.gan.dcgan import Generator
    from fashiontools.sample.latents import latent_of

    generator = Generator(SIDE, width=8).eval()
    tensors = load_file(trained / "model.safetensors")
    generator.load_state_dict({k[len("generator.") :]: v for k, v in tensors.items() if k.startswith("generator.")})
    with torch.no_grad():
        images = generator(torch.stack([latent_of(0, number, 100, None) for number in range(20)]))
    expected = ((images.permute(0, 2, 3, 1).numpy() + 1) * 127.5).round()
    for number in range(20):
        assert np.abs(pixels_of(twenty / f"{number:06d}.png") - expected[number]).max() <= 1


def test_truncation_draws_nearer_images(in_process: Run, trained: Path, twenty: Path, tmp_path: Path) -> None:
    assert in_process("sample", trained, "-n", "16", "--truncation", "0.05", "-o", tmp_path / "cut").returncode == 0

    def spread(folder: Path) -> float:
        return float(np.stack([pixels_of(folder / f"{number:06d}.png") for number in range(16)]).std(axis=0).mean())

    assert spread(tmp_path / "cut") < 0.3 * spread(twenty)


def test_a_walk_passes_through_the_images_of_its_keys(
    in_process: Run, trained: Path, twenty: Path, tmp_path: Path
) -> None:
    assert in_process("sample", trained, "-n", "11", "--interpolate", "5", "-o", tmp_path / "walk").returncode == 0
    for key in range(3):
        difference = pixels_of(tmp_path / "walk" / f"{5 * key:06d}.png") - pixels_of(twenty / f"{key:06d}.png")
        assert np.abs(difference).max() <= 1  # a convolution's last bit may hang on the place in the batch
    first, second, last = (pixels_of(tmp_path / "walk" / f"{number:06d}.png") for number in (0, 1, 5))
    assert 0 < np.abs(second - first).mean() < np.abs(last - first).mean()
    assert Image.open(tmp_path / "walk" / "grid.png").size == (5 * (SIDE + 2) + 2, 3 * (SIDE + 2) + 2)


def test_killed_and_run_again_is_byte_for_byte_an_unbroken_run(
    run: Run, environment: dict[str, str], trained: Path, tmp_path: Path, tree: Tree
) -> None:
    words = ["sample", str(trained), "-n", "300", "-o"]
    command = [sys.executable, "-m", "fashiontools", *words, str(tmp_path / "killed")]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        end = time.monotonic() + 60
        while not (tmp_path / "killed" / "000040.png").exists():
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.002)
        os.kill(process.pid, signal.SIGKILL)
    assert not (tmp_path / "killed" / "manifest.csv").exists()
    for folder in ("killed", "unbroken"):
        assert run(*words, tmp_path / folder).returncode == 0
    assert tree(tmp_path / "killed") == tree(tmp_path / "unbroken")


def test_a_changed_option_is_refused(in_process: Run, trained: Path, twenty: Path) -> None:
    done = in_process("sample", trained, "-n", "20", "--seed", "5", "-o", twenty)
    assert done.returncode == 2
    assert "--seed" in done.stderr


def test_images_of_other_weights_are_refused_and_made_anew_with_overwrite(
    in_process: Run, lookbook: Path, trained: Path, tmp_path: Path, tree: Tree
) -> None:
    """The run was trained on since then, or another one stands under its name: rows alone cannot tell."""
    moving, out = Path(shutil.copytree(trained, tmp_path / "run")), tmp_path / "out"
    assert in_process("sample", moving, "-n", "4", "-o", out).returncode == 0
    earlier = tree(out)
    widths = ("--generator-width", "8", "--discriminator-width", "8", "--batch", "8", "--rate", "0.01")
    done = in_process("train", "dcgan", lookbook, "--size", SIDE, *widths, "--steps", "16", "-o", moving)
    assert done.returncode == 0, done.stderr
    for words in ([], ["--dry-run"]):
        done = in_process("sample", moving, "-n", "8", "-o", out, *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert len(done.stderr.splitlines()) == 1
        assert "other weights" in done.stderr
        assert "--overwrite" in done.stderr
        assert tree(out) == earlier
    assert in_process("sample", moving, "-n", "4", "-o", out, "--overwrite").returncode == 0
    assert in_process("sample", moving, "-n", "4", "-o", tmp_path / "fresh").returncode == 0
    assert tree(out) == tree(tmp_path / "fresh")
    assert not set(images_of(out)) & {earlier[f"{number:06d}.png"] for number in range(4)}
    digest = hashlib.sha256((moving / "model.safetensors").read_bytes()).hexdigest()
    assert json.loads((out / "run.json").read_text())["weights"] == digest


@pytest.fixture
def copied(trained: Path, tmp_path: Path) -> Path:
    """A copy of the run to spoil."""
    return Path(shutil.copytree(trained, tmp_path / "run"))


def test_a_run_without_its_weights_is_unfinished(copied: Path) -> None:
    assert open_run(copied)["recipe"] == "dcgan"
    (copied / "model.safetensors").unlink()
    with pytest.raises(UsageError, match="unfinished"):
        open_run(copied)


@pytest.mark.parametrize("damage", [b"", b"junk" * 50])
def test_damaged_weights_are_told(copied: Path, damage: bytes) -> None:
    import torch

    (copied / "model.safetensors").write_bytes(damage)
    with pytest.raises(UsageError, match="damaged"):
        load_network(copied, open_run(copied), "generator", torch.device("cpu"))


def test_an_unknown_network_is_told(trained: Path) -> None:
    import torch

    with pytest.raises(UsageError, match="painter"):
        load_network(trained, open_run(trained), "painter", torch.device("cpu"))


@pytest.mark.parametrize("case", ["photos", "unfinished", "two"])
def test_what_is_no_finished_run_is_refused_in_one_line(
    in_process: Run, lookbook: Path, trained: Path, copied: Path, tmp_path: Path, case: str
) -> None:
    record = json.loads((copied / "run.json").read_text())
    (copied / "run.json").write_text(json.dumps(record | {"complete": False}))
    inputs, said = {
        "photos": ([lookbook], "training run"),
        "unfinished": ([copied], "unfinished"),
        "two": ([trained, trained], "one run"),
    }[case]
    done = in_process("sample", *inputs, "-n", "2", "-o", tmp_path / "out")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert said in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_huge_seed_is_taken_or_refused(in_process: Run, trained: Path, tmp_path: Path) -> None:
    done = in_process("sample", trained, "-n", "2", "--seed", str(2**32), "-o", tmp_path / "out")
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 2)
