"""Some reports of a run on a machine of a cluster: a program that stays warm between orders.

Started by `dask_task` as ``python -m kts_analysis.reporting.chunk FOLDER``. Each line on standard
input names the folder of an order; the answer appears there as one archive. The program ends when
no order comes for a while, and at once, with all it started, when the process that gives the
orders is gone.
"""

from __future__ import annotations

import io
import json
import os
import platform
import queue
import signal
import sys
import threading
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from kts_analysis.engine.jobs import Limits
from kts_analysis.engine.pool import Pool
from kts_analysis.engine.processes import kill_tree
from kts_analysis.registry_files import load_registry
from kts_analysis.reporting import files, manifest
from kts_analysis.reporting.execute import Result
from kts_analysis.reporting.making import Site, make_units, open_pool
from kts_analysis.reporting.units import unit_from

INPUTS, SETTING = "inputs.zip", "setting.json"  # in the program's own folder
ORDER, MADE = "order.json", "made.zip"  # in the folder of an order
RESULTS = "results.json"  # in MADE, beside the files of each unit
LIBRARY = "kts_analysis/"  # how the library's own files begin in `manifest.input_hashes`
IDLE = 5.0  # seconds without an order until the program ends


def pack(contents: Iterable[tuple[str, bytes]]) -> bytes:
    """Return files as the bytes of one compressed archive: equal files, equal bytes."""
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w") as archive:
        for name, content in contents:
            # A plain ZipInfo holds no clock time, so that none can be wrong.
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return box.getvalue()


def code_facts(hashes: Mapping[str, str], formats: Iterable[str] = ()) -> dict[str, str]:
    """Return what must be the same on every machine for the same bytes: library and versions.

    Parameters
    ----------
    hashes : mapping
        From `manifest.input_hashes`; data and notebooks are sent along and left out here.
    formats : iterable of str
        Forms the reports are written in.
    """
    library = {name: value for name, value in hashes.items() if name.startswith(LIBRARY)}
    return library | manifest.versions(formats)


def differences(there: Mapping[str, str], here: Mapping[str, str]) -> list[str]:
    """Return in words what differs between two `code_facts`; versions first."""
    names = [name for name in there.keys() | here.keys() if there.get(name) != here.get(name)]
    return [
        name
        if name.startswith(LIBRARY)
        else f"{name} {there.get(name, '—')} ≠ {here.get(name, '—')}"
        for name in sorted(names, key=lambda name: (name.startswith(LIBRARY), name))
    ]


def main(folder: Path) -> None:
    """Carry out orders until none comes any more."""
    orders: queue.Queue[Path] = queue.Queue()
    threading.Thread(target=_listen, args=(orders,), daemon=True).start()
    setting = json.loads((folder / SETTING).read_text(encoding="utf-8"))
    with zipfile.ZipFile(folder / INPUTS) as archive:
        archive.extractall(folder / "inputs")
    site = Site(folder / "inputs", folder, folder / "jobs", Limits(**setting["limits"]))
    site.scratch.mkdir()
    how = (setting["jobs"], setting["engine"], setting["pass_on"])
    with open_pool(site, *how, formats=setting["formats"]) as pool:
        pool.prepare("kts_analysis.reporting.warm:load", setting["where"])
        while True:
            try:
                place = orders.get(timeout=IDLE)
            except queue.Empty:
                break
            fresh = place / f".{MADE}"
            fresh.write_bytes(_carry_out(place, site, pool, setting))
            os.replace(fresh, place / MADE)
    files.remove(folder)


def _listen(orders: queue.Queue[Path]) -> None:
    """Take in orders; when their giver is gone, end this program and all it started."""
    # Unbuffered: a thread that waits inside a buffer would keep the program from ending in order.
    with open(0, "rb", buffering=0, closefd=False) as lines:
        for line in lines:
            orders.put(Path(line.decode("utf-8").rstrip("\r\n")))
    kill_tree(os.getpid())
    os._exit(1)


def _carry_out(place: Path, site: Site, pool: Pool, setting: dict[str, Any]) -> bytes:
    """Return an order's results and files as one archive."""
    data = site.inputs / "data"
    # Looked at each time: somebody may install another version while the program is warm.
    hashes = manifest.input_hashes(data, site.inputs / "notebooks")
    found = differences(code_facts(hashes, setting["formats"]), setting["code"])
    if found:
        facts = {"refused": found, "host": platform.node()}
        return pack([(RESULTS, json.dumps(facts).encode("utf-8"))])
    own = replace(site, staging=place / "made", scratch=place / "jobs")
    for folder in (own.staging, own.scratch):
        folder.mkdir()
    order = json.loads((place / ORDER).read_text(encoding="utf-8"))
    registry = load_registry(data)
    units = [unit_from(facts, registry) for facts in order]
    return _packed(list(make_units(units, own, pool)), own)


def _packed(results: list[Result], site: Site) -> bytes:
    facts: dict[str, Any] = {}
    contents: dict[str, bytes] = {}
    for result in results:
        unit = result.unit
        # Of a killed notebook there is at most what could be saved of it.
        for name in result.files or (f"{unit.stem}.ipynb",):
            path = site.staging / unit.id / name
            if path.is_file():
                contents[f"{unit.label}/{name}"] = path.read_bytes()
        facts[unit.label] = {
            "ok": result.ok,
            "seconds": result.seconds,
            "cell": result.cell,
            "message": result.message,
            "files": result.files,
        }
    summary = json.dumps({"units": facts}, ensure_ascii=False).encode("utf-8")
    return pack([(RESULTS, summary), *contents.items()])


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who gives the orders decides what it means
    main(Path(sys.argv[1]))
