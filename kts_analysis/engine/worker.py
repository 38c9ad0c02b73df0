"""A process that imports what is heavy, takes one job, and ends: where forking is not to be had.

Started by the pool as ``python -m kts_analysis.engine.worker``, ahead of its job.
"""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterable

from kts_analysis.engine import channel
from kts_analysis.engine.child import run_job
from kts_analysis.engine.processes import kill_tree
from kts_analysis.engine.surroundings import preload, skip_slow_grammar


def main() -> None:
    """Be a worker."""
    skip_slow_grammar()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    orders = os.fdopen(os.dup(0), "rb")
    descriptor = os.dup(1)
    os.dup2(2, 1)
    channel.open_line(descriptor)
    for line in orders:
        order = json.loads(line)
        if "preload" in order:
            preload(order["preload"])
            channel.tell({"event": "ready"})
        elif "function" in order:
            threading.Thread(target=_end_with_parent, args=(orders,), daemon=True).start()
            signal.signal(signal.SIGINT, signal.default_int_handler)
            run_job(order, descriptor)
        elif "stop" in order:
            return


def _end_with_parent(orders: Iterable[bytes]) -> None:
    """Wait until the parent's end of the line closes, then end this process and all it started."""
    for _ in orders:
        pass
    kill_tree(os.getpid())
    os._exit(1)


if __name__ == "__main__":
    main()
