"""The machine around a run: full and read-only disks, other users, locales, process numbers."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults import (
    AREAS,
    NOTE,
    left_behind,
    new_site,
    show,
    shown,
    tree,
    write_data,
    wrong_with,
)

from kts_analysis.reporting import files

pytestmark = pytest.mark.faults

ALL = ("--only", ",".join(AREAS))
CELLS = [NOTE, show("version 1")]


def test_a_locale_without_utf_8_and_a_path_of_anything(tmp_path: Path) -> None:
    site = new_site(tmp_path / "Xã Đông {x} có dấu 'nháy' $HOME" / "nơi làm", CELLS)
    plain = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    out = site.folder / "kết {quả} 100%"
    done = site.run(*ALL, env=plain, out=out)
    assert done.code == 0, done.err
    index = Path(os.fsdecode(done.out.strip().splitlines()[-1].encode("utf-8", "surrogateescape")))
    assert index.is_file() and wrong_with(index.parent) == [] and shown(index.parent) == {"1"}
    assert done.err.splitlines()[0].strip() == "3 báo cáo"
    usual = site.run(*ALL, out=site.folder / "khác")
    assert (
        tree(usual.folder).items()
        >= {name: value for name, value in tree(index.parent).items() if name != "run.json"}.items()
    )
    assert left_behind(site) == []


def test_staging_folders_of_killed_runs_are_not_in_the_way(tmp_path: Path) -> None:
    """In a container every run has the same process number."""
    used = {files.new_staging(tmp_path)}
    for _ in range(3):
        next(iter(used)).mkdir(exist_ok=True)
        fresh = files.new_staging(tmp_path)
        assert not fresh.exists() and fresh not in used
        fresh.mkdir()
        used.add(fresh)
        shutil.rmtree(min(used))  # the run after the next sweeps what it has taken over
        used.remove(min(used))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with little room."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = shutil.which("mount") and os.geteuid() == 0
    size = "size=24m"
    if (
        not mounted
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(place)],
            capture_output=True,
            check=False,
        ).returncode
    ):
        pytest.skip("NOT RUN: no disk can be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk(tmp_path: Path, small_disk: Path) -> None:
    """The last good run stands; with room again the next run goes on."""
    site = new_site(tmp_path / "site", [NOTE, show("version 1")])
    out = small_disk / "out"
    assert site.run("--only", "A1", out=out).code == 0
    good = out / (out / "latest.txt").read_text(encoding="utf-8").strip()
    filler = small_disk / "filler"
    for left in (600_000, 4096):
        filler.write_bytes(b"x" * (shutil.disk_usage(small_disk).free - left))
        done = site.run("--only", "A2,A3", out=out)
        assert done.code in (1, 2) and "No space left" in done.err, (left, done)
        assert "Traceback" not in done.err and "None" not in done.err
        assert (out / "latest.txt").read_text(encoding="utf-8").strip() == good.name
        assert wrong_with(good) == []
        assert {path.name for path in out.iterdir()} == {good.name, "latest.txt", ".kts-run.lock"}
        filler.unlink()
    done = site.run("--only", "A2,A3", out=out)
    assert done.code == 0 and wrong_with(done.folder) == []
    site.out.mkdir()
    assert left_behind(site) == []


def test_an_output_folder_that_cannot_be_written(tmp_path: Path, small_disk: Path) -> None:
    site = new_site(tmp_path / "site", CELLS)
    out = small_disk / "out"
    assert site.run("--only", "A1", out=out).code == 0
    before = tree(small_disk)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    done = site.run("--only", "A2", out=out)
    assert (done.code, done.out) == (2, "") and "Traceback" not in done.err
    assert str(out) in done.err and "Read-only file system" in done.err
    assert tree(small_disk) == before
    site.out.mkdir()
    assert left_behind(site) == []


def test_an_output_folder_of_somebody_else(tmp_path: Path) -> None:
    if os.name == "nt" or (os.geteuid() == 0 and not shutil.which("setpriv")):
        pytest.skip("NOT RUN: permissions do not bind this user")
    site = new_site(tmp_path / "site", CELLS)
    site.out.mkdir()
    site.out.chmod(0o555)
    before: tuple[str, ...] = ()
    if os.geteuid() == 0:
        before = ("setpriv", "--bounding-set=-all", "--inh-caps=-all")
        tried = [*before, "touch", str(site.out / "x")]
        if subprocess.run(tried, capture_output=True, check=False).returncode == 0:
            pytest.skip("NOT RUN: permissions do not bind this user")
    done = site.run("--only", "A1", before=before)
    assert (done.code, done.out) == (2, "") and "Permission denied" in done.err
    assert "Traceback" not in done.err and str(site.out) in done.err


def test_write_data_is_sound(tmp_path: Path) -> None:
    """The made-up data of these tests has no error, so that no test fails for that."""
    from kts_analysis.registry_files import load_registry
    from kts_analysis.store import load_observations

    write_data(tmp_path / "data")
    assert list(load_registry(tmp_path / "data").plans) == ["thu"]
    assert load_observations(tmp_path / "data").errors == []
