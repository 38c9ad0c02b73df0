"""Processes that take orders: the warm template, or one worker; how they are started and heard."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Host:
    """A process that takes orders: the warm template, or one worker."""

    process: subprocess.Popen[bytes]
    warm: bool
    jobs: list[str] = field(default_factory=list)
    looks_dead: int = 0

    def order(self, order: dict[str, Any]) -> None:
        """Send an order; a process that is gone will be noticed by its silence."""
        pipe = self.process.stdin
        assert pipe is not None
        try:
            pipe.write(json.dumps(order).encode("ascii") + b"\n")
            pipe.flush()
        except OSError:
            return


Events = queue.Queue[tuple[Host, dict[str, Any] | None]]


def start_host(warm: bool, environment: Mapping[str, str], events: Events) -> Host:
    """Start a process; what it tells goes into the queue, None when it has ended.

    Parameters
    ----------
    warm : bool
        The template that forks; else a worker for one job.
    environment : mapping
        All the environment the process gets.
    events : queue
    """
    process = subprocess.Popen(
        # -P: a module that happens to lie in the current folder must not take a library's place
        [sys.executable, "-P", "-X", "utf8", "-m", f"kts_analysis.engine.{_MODULES[warm]}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**environment, **_package_path(environment)},
        **_own_group(),
    )
    host = Host(process, warm)
    threading.Thread(target=_listen, args=(host, events), daemon=True).start()
    return host


_MODULES = {True: "template", False: "worker"}


def _listen(host: Host, events: Events) -> None:
    assert host.process.stdout is not None
    with host.process.stdout as pipe:
        for line in pipe:
            try:
                events.put((host, json.loads(line)))
            except ValueError:
                continue
    events.put((host, None))


def _package_path(environment: Mapping[str, str]) -> dict[str, str]:
    """Return where this package lies, when it is found only because it is the current folder."""
    parent = str(Path(__file__).resolve().parents[2])
    if parent != os.getcwd():
        return {}
    known = environment.get("PYTHONPATH", "")
    return {"PYTHONPATH": os.pathsep.join(filter(None, [parent, known]))}


def _own_group() -> dict[str, Any]:
    """Return the options that keep an interrupt at the keyboard from the process itself."""
    if os.name == "nt":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}  # type: ignore[attr-defined,unused-ignore]
    return {"start_new_session": True}
