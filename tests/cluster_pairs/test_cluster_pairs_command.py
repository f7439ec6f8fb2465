"""`cluster-pairs` through the real command line, on a lookbook that knows the pose of every photo."""

import csv
import json
import os
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from manifests import Rows, rows_of, write_manifest
from PIL import Image

SHEETS = ("clusters.png", "nearest.png", "steps.png")
ADDED = ("target", "cluster", "distance", "confidence", "runner_up", "runner_up_distance")


def real(folder: Path, path: str) -> str:
    return os.path.realpath(folder / path)


def truth(house: Path) -> dict[str, dict[str, str]]:
    return {real(house, row["path"]): row for row in rows_of(house)}


def poses(house: Path, out: Path, column: str = "target") -> list[str]:
    known = truth(house)
    return [known[real(out, row[column])]["pose"] for row in rows_of(out)]


def absolute(house: Path) -> Rows:
    return [{**row, "path": real(house, row["path"]), "garment": ""} for row in rows_of(house)]


@pytest.fixture(scope="module")
def pairs(run, house: Path) -> Path:
    """All that can be asked for, once, in a process of its own."""
    out = house.parent / "pairs"
    done = run("cluster-pairs", house, "--split", "0.6", "0.2", "0.2", "--ab", "--size", "72", "-o", out)
    assert done.returncode == 0, done.stderr
    printed = list(csv.DictReader(done.stdout.splitlines()))
    for row in printed:
        for column in ("path", "target", "garment"):
            row[column] = os.path.relpath(row[column], os.path.realpath(out))
    assert rows_of(out) == printed
    return out


def test_each_product_has_its_whole_front_photo(house: Path, pairs: Path) -> None:
    rows, known = rows_of(pairs), truth(house)
    assert tuple(rows[0]) == (*rows_of(house)[0], *ADDED, "split")
    assert [row["group"] for row in rows] == sorted({row["group"] for row in known.values()})
    for row in rows:
        assert known[real(pairs, row["path"])]["view"] == "product"
        assert known[real(pairs, row["target"])]["group"] == row["group"]
        assert row["status"] == "ok"
        assert 0 <= float(row["confidence"]) <= 1
    assert poses(house, pairs).count("front") >= 11


def test_photos_csv_ranks_every_candidate(house: Path, pairs: Path) -> None:
    photos, known = rows_of(pairs / "photos.csv"), truth(house)
    worn = [path for path, row in known.items() if row["view"] == "model"]
    assert [real(pairs, row["path"]) for row in photos] == worn
    by_product: dict[str, Rows] = {}
    for row in photos:
        by_product.setdefault(row["group"], []).append(row)
    for pair in rows_of(pairs):
        ranked = sorted(by_product[pair["group"]], key=lambda row: int(row["rank"]))
        assert [int(row["rank"]) for row in ranked] == list(range(1, len(ranked) + 1))
        assert [row["chosen"] for row in ranked] == ["yes"] + [""] * (len(ranked) - 1)
        assert real(pairs, ranked[0]["path"]) == real(pairs, pair["target"])
        assert (ranked[0]["cluster"], ranked[0]["distance"]) == (pair["cluster"], pair["distance"])
        assert real(house, pair["runner_up"]) == real(pairs, ranked[1]["path"]), "named as the input has it"
        assert pair["runner_up_distance"] == ranked[1]["distance"]
        assert float(ranked[0]["confidence"]) >= float(ranked[1]["confidence"])
    views = {real(pairs, row["path"]): row["view"] for row in photos}
    told = [(known[path]["pose"], view) for path, view in views.items() if view != "unknown"]
    assert sum(pose == view for pose, view in told) > 0.85 * len(told)
    assert len(told) > 15


def test_the_sheets_are_drawn_and_nothing_is_left_behind(pairs: Path) -> None:
    assert {path.name for path in pairs.iterdir()} == {
        "manifest.csv", "photos.csv", "rejected.csv", "run.json", "ab", *SHEETS
    }  # fmt: skip
    for name in SHEETS:
        picture = np.asarray(Image.open(pairs / name))
        assert picture.ndim == 3
        assert picture.std() > 20
    record = json.loads((pairs / "run.json").read_text())
    assert record["chosen"] == 1
    assert record["whole_body"] == sorted(record["whole_body"], reverse=True)
    assert record["totals"]["pairs"] == 12


def test_ab_is_the_two_photos_side_by_side_on_white(pairs: Path) -> None:
    files = {file.relative_to(pairs / "ab").as_posix(): file for file in (pairs / "ab").rglob("*.png")}
    assert len(files) == 12
    for row in rows_of(pairs):
        name = Path(row["path"])
        picture = np.asarray(Image.open(files[f"{row['split']}/{name.parent.name}/{name.name}.png"]))
        assert picture.shape == (72, 144, 3)
        for half, column in ((picture[:, :72], "path"), (picture[:, 72:], "target")):
            assert (half[:, :9] == 255).all() and (half[:, -9:] == 255).all()
            photo = np.asarray(Image.open(pairs / row[column]).convert("RGB")).astype(float)
            means = photo.reshape(72, 4, 54, 4, 3).mean(axis=(1, 3))
            assert np.abs(half[:, 9:-9] - means).mean() < 1


# ------------------------------------------------------------------------------------------------------------- again


def test_workers_and_a_second_run_change_nothing(in_process, house: Path, pairs: Path, tree) -> None:
    other = pairs.parent / "three"
    words = ("--split", "0.6", "0.2", "0.2", "--ab", "--size", "72")
    assert in_process("cluster-pairs", house, *words, "--workers", "3", "-o", other).returncode == 0
    before = tree(other)
    assert before == tree(pairs)
    stale = other / "ab" / "val" / "gone.png"
    stale.parent.mkdir(exist_ok=True)
    shutil.copy(other / "steps.png", stale)
    (other / ".features.part").write_bytes(b"as a killed run leaves it")
    record = json.loads((other / "run.json").read_text())
    (other / "run.json").write_text(json.dumps({**record, "complete": False}))
    done = in_process("cluster-pairs", house, *words, "-o", other)
    assert "looking at all photos again" in done.stderr
    assert tree(other) == before


def test_a_changed_option_is_refused(in_process, house: Path, pairs: Path) -> None:
    done = in_process("cluster-pairs", house, "--features", "gray", "-o", pairs)
    assert done.returncode == 2
    assert "--overwrite" in done.stderr


# ----------------------------------------------------------------------------------------------------------- choices


def test_an_override_is_always_the_photo(in_process, house: Path, tmp_path: Path) -> None:
    rows = absolute(house)
    detail = next(row for row in rows if row["pose"] == "detail")
    back = next(row for row in rows if row["pose"] == "back" and row["group"] != detail["group"])
    for row in (detail, back):
        row["override"] = "x"
    write_manifest(tmp_path, rows)
    out = tmp_path / "out"
    assert in_process("cluster-pairs", tmp_path, "--min-confidence", "1", "-o", out).returncode == 0
    chosen = rows_of(out)
    assert {real(out, row["target"]) for row in chosen} == {detail["path"], back["path"]}
    assert {row["confidence"] for row in chosen} == {"1.0000"}
    rejected = rows_of(out / "rejected.csv")
    assert len(rejected) == 10
    assert {row["reason"] for row in rejected} == {"confidence below --min-confidence"}
    assert all(0 < float(row["confidence"]) < 1 for row in rejected)


def test_min_confidence_rejects_the_least_sure(in_process, house: Path, pairs: Path, tmp_path: Path) -> None:
    all_of_them = {row["group"]: float(row["confidence"]) for row in rows_of(pairs)}
    bound = sum(sorted(all_of_them.values())[3:5]) / 2
    assert in_process("cluster-pairs", house, "--min-confidence", bound, "-o", tmp_path / "out").returncode == 0
    assert [row["group"] for row in rows_of(tmp_path / "out")] == [g for g, c in all_of_them.items() if c >= bound]
    rejected = rows_of(tmp_path / "out" / "rejected.csv")
    assert {row["group"]: float(row["confidence"]) for row in rejected} == {
        group: confidence for group, confidence in all_of_them.items() if confidence < bound
    }
    assert all(row["view"] == "product" for row in rejected)


def test_another_cluster_can_be_chosen(in_process, house: Path, tmp_path: Path) -> None:
    words = ("--view", "any", "--choose", "3", "-o", tmp_path / "out")
    assert in_process("cluster-pairs", house, *words).returncode == 0
    found = Counter(poses(house, tmp_path / "out"))
    assert found["detail"] >= 8, found
    photos = rows_of(tmp_path / "out" / "photos.csv")
    for pair in rows_of(tmp_path / "out"):
        own = [float(row["distance"]) for row in photos if row["group"] == pair["group"]]
        assert float(pair["distance"]) == min(own), "--view any: the nearest"


def test_ask_asks_on_a_terminal(start, house: Path, tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    process = start("cluster-pairs", house, "--choose", "ask", "-o", tmp_path / "out", stdin=theirs)
    os.close(theirs)
    os.write(ours, b"9\n2\n")
    _, told = process.communicate(timeout=120)
    os.close(ours)
    assert process.returncode == 0, told
    assert told.count("Which cluster shows whole bodies, 1 to 3?") == 2
    assert "clusters.png" in told
    assert json.loads((tmp_path / "out" / "run.json").read_text())["chosen"] == 2


def test_several_numbers_of_clusters_are_tried(in_process, house: Path, tmp_path: Path) -> None:
    done = in_process("cluster-pairs", house, "--k", "3,2,3", "--features", "adaptive-mask", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    scores = record["silhouettes"]
    assert list(scores) == ["2", "3"]
    assert record["clusters"] == int(max(scores, key=scores.__getitem__))
    assert len(record["whole_body"]) == record["clusters"]
    best = (tmp_path / "out" / f"clusters-{record['clusters']}.png").read_bytes()
    assert (tmp_path / "out" / "clusters.png").read_bytes() == best
    assert (tmp_path / "out" / "clusters-2.png").exists() and (tmp_path / "out" / "clusters-3.png").exists()


def test_without_product_photos_path_is_the_chosen_one(in_process, house: Path, pairs: Path, tmp_path: Path) -> None:
    worn = [row for row in absolute(house) if row["view"] == "model"]
    write_manifest(tmp_path, worn)
    out = tmp_path / "out"
    assert in_process("cluster-pairs", tmp_path, "--product", "none", "-o", out).returncode == 0
    rows = rows_of(out)
    assert "target" not in rows[0]
    assert [real(out, row["path"]) for row in rows] == [real(pairs, row["target"]) for row in rows_of(pairs)]
    assert all(row["pose"] for row in rows), "the chosen photo's own columns"


# ------------------------------------------------------------------------------------------------------ bad and none


def test_what_cannot_be_paired_is_listed_with_its_reason(in_process, house: Path, tmp_path: Path) -> None:
    rows = absolute(house)
    groups = sorted({row["group"] for row in rows})
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8 no photo")
    broken = str(tmp_path / "broken.jpg")
    kept = []
    for row in rows:
        if row["group"] == groups[0] and row["view"] == "product":
            continue
        if row["group"] == groups[1] and row["view"] == "model":
            continue
        if row["group"] == groups[2]:
            row["group"] = ""
        if row["group"] == groups[3] and row["view"] == "product":
            row["path"] = broken
        if row["group"] == groups[4] and row["view"] == "model":
            row["path"] = f"{broken}.{row['path'][-5]}.jpg"
        kept.append(row)
    kept.append({"path": "http://shop/a.jpg", "group": groups[5]})
    write_manifest(tmp_path, kept)
    out = tmp_path / "out"
    done = in_process("cluster-pairs", tmp_path, "--max-errors", "100%", "-o", out)
    assert done.returncode == 0, done.stderr
    reasons = {row["group"]: row["reason"] for row in rows_of(out / "rejected.csv")}
    assert reasons == {
        groups[0]: "no product photo",
        groups[1]: "no worn photo",
        "": "no product",
        groups[4]: "no worn photo that can be read",
    }
    found = rows_of(out)
    good, bad = [[row for row in found if (row["status"] == "ok") is ok] for ok in (True, False)]
    assert [row["group"] for row in good] == groups[5:]
    assert {row["error"] for row in bad if row["group"] == groups[4]} == {"no such file"}
    assert sum(row["group"] == groups[3] for row in bad) == 1
    assert bad[-1]["error"].startswith("path is a URL")
    assert all(not row["target"] for row in bad)
    assert in_process("cluster-pairs", tmp_path, "--max-errors", "3", "-o", out).returncode == 3


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--group", "sku"), "no column 'sku': --group COLUMN says which product"),
        (("--product", "kind=shot"), "no column 'kind': --product COLUMN=VALUE says which rows are product photos"),
        (("--product", "view=shot"), "no row has view=shot"),
        (("--product", "shot"), "expected COLUMN=VALUE, such as view=product, first or none"),
        (("--features", "edges"), "unknown feature 'edges'"),
        (("--features", "cany"), "did you mean canny"),
        (("--k", "1,3"), "from 2 on"),
        (("--k", "200"), "200 clusters need at least so many worn photos"),
        (("--choose", "4"), "expected a cluster from 1 to 3, or ask"),
        (("--choose", "ask"), "asks on a terminal"),
        (("--split", "0.8", "0.1", "0.2"), "three shares that sum to 1"),
        (("--ab", "--product", "none"), "has no product photos"),
        (("--size", "64"), "give --ab too"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(in_process, house: Path, tmp_path: Path, words, told: str) -> None:
    done = in_process("cluster-pairs", house, *words, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_too_few_photos_that_can_be_read_name_the_first_that_cannot(in_process, house: Path, tmp_path: Path) -> None:
    rows = absolute(house)
    for row in rows:
        row["path"] = row["path"].replace(".jpg", ".gone.jpg") if row["view"] == "model" else row["path"]
    write_manifest(tmp_path, rows)
    done = in_process("cluster-pairs", tmp_path, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert "and 0 are readable (" in done.stderr
    assert ".gone.jpg: no such file): --k takes fewer" in done.stderr


def test_the_first_photo_of_a_product_can_be_its_packshot(in_process, house: Path, tmp_path: Path) -> None:
    """As of shops that do not say which photo shows what: only their order is known."""
    rows = [{column: row[column] for column in ("path", "group")} for row in absolute(house)]
    write_manifest(tmp_path, rows)
    done = in_process("cluster-pairs", tmp_path, "--product", "first", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    packshots = {row["group"]: row["path"] for row in absolute(house) if row["view"] == "product"}
    found = rows_of(tmp_path / "out")
    assert len(found) == len(packshots)
    assert all(real(tmp_path / "out", row["path"]) == os.path.realpath(packshots[row["group"]]) for row in found)
    assert in_process("cluster-pairs", tmp_path, "-o", tmp_path / "other").returncode == 2


def test_rows_without_any_product_are_told(in_process, house: Path, tmp_path: Path) -> None:
    write_manifest(tmp_path, [{**row, "group": ""} for row in absolute(house)])
    done = in_process("cluster-pairs", tmp_path, "-o", tmp_path / "out")
    assert (done.returncode, "no row has a value in column 'group'" in done.stderr) == (2, True)


def test_one_product_alone(in_process, house: Path, tmp_path: Path) -> None:
    rows = absolute(house)
    one = next(group for group in sorted({row["group"] for row in rows})
               if sum(row["group"] == group for row in rows) >= 5)  # fmt: skip
    write_manifest(tmp_path, [row for row in rows if row["group"] == one])
    done = in_process("cluster-pairs", tmp_path, "--k", "2", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert [row["group"] for row in rows_of(tmp_path / "out")] == [one]
    write_manifest(tmp_path, [row for row in rows if row["group"] == one][:3])
    done = in_process("cluster-pairs", tmp_path, "-o", tmp_path / "few")
    assert done.returncode == 2
    assert "3 clusters need" in done.stderr


def test_dry_run_names_products_and_writes_nothing(in_process, house: Path, tmp_path: Path) -> None:
    done = in_process("cluster-pairs", house, "--dry-run", "-o", tmp_path / "out")
    assert done.returncode == 0
    assert done.stderr.count("would choose for p") == 12
    assert len(done.stdout.splitlines()) == 1
    assert not (tmp_path / "out").exists()


# ------------------------------------------------------------------------------------------------------------ splits


def test_products_with_copies_are_on_one_side(in_process, house: Path, tmp_path: Path) -> None:
    """Each product's photo is planted, smaller and recompressed, in the next product's, in a chain of six."""
    rows = absolute(house)
    groups = sorted({row["group"] for row in rows})
    for number in range(5):
        given = next(row for row in rows if row["group"] == groups[number] and row["view"] == "model")
        photo = Image.open(given["path"])
        file = tmp_path / f"copy{number}.jpg"
        photo.resize((photo.width * 7 // 8, photo.height * 7 // 8)).save(file, quality=80)
        rows.append({"path": str(file), "group": groups[number + 1], "view": "model"})
    write_manifest(tmp_path, rows)
    sides = []
    for seed in range(4):
        out = tmp_path / f"out{seed}"
        words = ("--split", "0.4", "0.3", "0.3", "--view", "any", "--features", "gray", "--seed", seed, "-o", out)
        done = in_process("cluster-pairs", tmp_path, *words)
        assert done.returncode == 0, done.stderr
        assert "6 products share copies" in done.stderr
        split = {row["group"]: row["split"] for row in rows_of(out)}
        assert len({split[group] for group in groups[:6]}) == 1
        sides.append(tuple(split.values()))
    assert len(set(sides)) > 1
    assert {side for drawn in sides for side in drawn} == {"train", "val", "test"}


def test_rows_come_through_a_pipe(run, house: Path, pairs: Path, tmp_path: Path) -> None:
    lines = ["path,group,view", *(f"{row['path']},{row['group']},{row['view']}" for row in absolute(house))]
    done = run("cluster-pairs", "-", "-o", tmp_path / "out", stdin="\n".join(lines) + "\n")
    assert done.returncode == 0, done.stderr
    told = list(csv.DictReader(done.stdout.splitlines()))
    assert [row["target"] for row in told] == [real(pairs, row["target"]) for row in rows_of(pairs)]


def test_a_killed_run_is_done_again(start, in_process, wait_for, house: Path, pairs: Path, tree) -> None:
    out = pairs.parent / "killed"
    words = ("cluster-pairs", house, "--split", "0.6", "0.2", "0.2", "--ab", "--size", "72", "-o", out)
    process = start(*words)
    wait_for(lambda: (out / ".features.part").exists())
    process.kill()
    process.wait()
    assert json.loads((out / "run.json").read_text())["complete"] is False
    assert not (out / "manifest.csv").exists()
    assert in_process(*words).returncode == 0
    assert tree(out) == tree(pairs)


def test_without_product_photos_a_bad_first_photo_loses_no_product(in_process, house: Path, tmp_path: Path) -> None:
    worn = [row for row in absolute(house) if row["view"] == "model"]
    (tmp_path / "broken.jpg").write_bytes(b"none")
    rows = [{**worn[0], "path": str(tmp_path / "broken.jpg")}, *worn]
    write_manifest(tmp_path, rows)
    done = in_process("cluster-pairs", tmp_path, "--product", "none", "--max-errors", 1, "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    found = rows_of(tmp_path / "out")
    assert [row["status"] for row in found] == ["failed"] + ["ok"] * len({row["group"] for row in worn})


@pytest.mark.parametrize(("cell", "counts"), [("1", True), ("yes", True), ("0", False), ("no", False)])
def test_a_column_of_zeros_and_ones_overrides_too(
    in_process, house: Path, tmp_path: Path, cell: str, counts: bool
) -> None:
    rows = absolute(house)
    last = [row for row in rows if row["view"] == "model" and row["group"] == rows[0]["group"]][-1]
    write_manifest(tmp_path, [{**row, "override": cell if row is last else ""} for row in rows])
    assert in_process("cluster-pairs", tmp_path, "-o", tmp_path / "out").returncode == 0
    pair = next(row for row in rows_of(tmp_path / "out") if row["group"] == last["group"])
    assert (float(pair["confidence"]) == 1) == counts
