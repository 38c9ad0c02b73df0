"""What earlier runs left in the folder: reports to take over, runs to retire."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from kts_analysis.reporting import files, manifest


def retire_runs(out: Path, place: Path, keep: int | None) -> None:
    """Remove the runs beyond the number to keep, never the newest whole one nor this one."""
    if keep is None:
        return
    runs = manifest.earlier_runs(out)
    good = next((run.folder.name for run in runs if run.whole), "")
    kept = {place.name, files.latest(out), good}
    for run in runs[keep:]:
        if run.folder.name not in kept:
            files.retire(run.folder)


def copied(folder: Path, made: dict[str, str], target: Path) -> bool:
    """Copy a unit's files if each is still what it was; say whether it is so."""
    target.mkdir(parents=True, exist_ok=True)
    for name, expected in made.items():
        try:
            shutil.copyfile(folder / name, target / f".{name}.part")
        except OSError:
            return False
        if files.sha256(target / f".{name}.part") != expected:
            files.remove(target / f".{name}.part")
            return False
    for name in made:
        os.replace(target / f".{name}.part", target / name)
    return True
