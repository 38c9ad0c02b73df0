"""An IPython shell without sockets, which nbclient talks to as if it were a kernel's client.

It is the shell class of ipykernel, and the messages it would send over a socket go into a list
that nbclient's own code turns into outputs: so a cell's outputs are those of a stock kernel.
Interactive widgets need a real kernel (pool kind ``kernels``).
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import sys
import tempfile
from collections import deque
from contextlib import AbstractContextManager
from typing import Any, TextIO

from ipykernel.ipkernel import IPythonKernel
from IPython.core.async_helpers import _asyncio_runner
from IPython.core.error import UsageError
from jupyter_client.session import Session
from traitlets.config import Config

from kts_analysis.engine.limits import TimeLimits
from kts_analysis.engine.surroundings import no_debugger

_FLUSH_AT = 1 << 20  # characters kept of a stream before they become an output


class Recorder(Session):
    """A session that keeps messages instead of sending them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(key=b"", **options)  # nobody to sign for
        self.messages: deque[dict[str, Any]] = deque()

    def send(  # type: ignore[override]
        self,
        stream: Any,
        msg_or_type: dict[str, Any] | str,
        content: dict[str, Any] | None = None,
        parent: dict[str, Any] | None = None,
        **options: Any,
    ) -> dict[str, Any]:
        """Keep a message."""
        made: dict[str, Any] = (
            msg_or_type
            if isinstance(msg_or_type, dict)
            else self.msg(msg_or_type, content=content, parent=parent)
        )
        # As over a socket: keys become texts, dates become texts, what changes later stays as is.
        made["content"] = self.unpack(self.serialize(made)[-1])
        self.messages.append(made)
        return made


class Stream(io.TextIOBase):
    """Standard output or error of a cell: text, and what was written to the descriptor itself."""

    encoding = "UTF-8"

    def __init__(self, name: str, descriptor: int, recorder: Recorder) -> None:
        super().__init__()
        self.name = name
        self._descriptor = descriptor
        self._recorder = recorder
        self._parts: list[str] = []
        self._size = 0
        self._file = _descriptor_file(descriptor)
        self._owner = os.getpid()
        self.parent: dict[str, Any] = {}

    def writable(self) -> bool:
        """Return True."""
        return True

    def isatty(self) -> bool:
        """Return False, as a kernel's stream does."""
        return False

    def fileno(self) -> int:
        """Return the descriptor, for programs the cell starts."""
        return self._descriptor

    def set_parent(self, parent: dict[str, Any]) -> None:
        """Note the request that output belongs to."""
        self.parent = parent

    def write(self, text: str) -> int:
        """Keep text until the next flush."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        if os.getpid() != self._owner:  # a process the cell forked: its words come by descriptor
            os.write(self._descriptor, text.encode("utf-8", "replace"))
            return len(text)
        self._parts += [self._drained(), text]
        self._size += len(text)
        if self._size > _FLUSH_AT:
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Make one output of everything written since the last flush."""
        if os.getpid() != self._owner:
            return
        text = "".join(self._parts) + self._drained()
        self._parts, self._size = [], 0
        if text:
            self._recorder.send(
                None, "stream", {"name": self.name, "text": text}, parent=self.parent
            )

    def _drained(self) -> str:
        """Return what was written to the descriptor itself since the last time."""
        if self._file is None:
            return ""
        return str(self._file.read(), "utf-8", "replace")


def _descriptor_file(descriptor: int) -> Any:
    """Send a standard descriptor into a file; return the file, opened to read what comes."""
    try:
        handle, path = tempfile.mkstemp(prefix="kts-")
    except OSError:
        return None
    reader = open(path, "rb", buffering=0)  # noqa: SIM115 - lives as long as the stream
    os.dup2(handle, descriptor)
    os.close(handle)
    with contextlib.suppress(OSError):  # Windows keeps the name of a file that is open
        os.unlink(path)
    return reader


def new_shell() -> Any:
    """Return the process's shell, as ipykernel sets it up but without any thread or socket.

    Made before anything else is imported: plotly and matplotlib look for it when they are.
    """
    if "" not in sys.path:  # where IPython puts it, after the standard library
        packages = (place for place, path in enumerate(sys.path) if "-packages" in path)
        sys.path.insert(next(packages, len(sys.path)), "")
    if not IPythonKernel.initialized():
        config = Config()
        config.HistoryManager.enabled = False  # no history file, and no thread that writes it
        os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
        with no_debugger():
            IPythonKernel.instance(session=Recorder(), config=config)
    shell: Any = IPythonKernel.instance().shell
    shell.displayhook.topic = b"execute_result"
    shell.enable_gui = _enable_gui
    return shell


def _enable_gui(gui: Any = None) -> None:
    """Accept only what needs no event loop of a window system."""
    if gui not in (None, "inline", "asyncio"):
        raise UsageError(f"no window system for {gui!r} here")


class InProcessClient:
    """What nbclient calls a kernel client: cells run here, in this process.

    Parameters
    ----------
    shell
        From `new_shell`.
    time_limits : TimeLimits, optional
        Kept for each cell.
    """

    def __init__(self, shell: Any, time_limits: TimeLimits | None = None) -> None:
        self._shell = shell
        self._time_limits = time_limits
        self._session = shell.kernel.session
        self._replies: deque[dict[str, Any]] = deque()
        self.allow_stdin = False
        self.shell_channel = _Channel(self._replies)
        self.iopub_channel = _Channel(self._session.messages)

    # --- what nbclient asks of a client -----------------------------------------------------------

    def start_channels(self) -> None:
        """Take over the process's standard streams."""
        self._open()

    def stop_channels(self) -> None:
        """Give them back."""
        sys.stdout, sys.stderr = self._before

    def wait_for_ready(self, timeout: float | None = None) -> None:
        """Return at once: there is nothing to wait for."""

    def is_alive(self) -> bool:
        """Return True: this process is the kernel."""
        return True

    def kernel_info(self) -> str:
        """Answer what language runs here."""
        request = self._session.msg("kernel_info_request")
        content = {"status": "ok", "language_info": IPythonKernel.language_info}
        self._replies.append(self._session.msg("kernel_info_reply", content, parent=request))
        return str(request["header"]["msg_id"])

    async def execute(self, code: str, store_history: bool = True, **options: Any) -> str:
        """Run a cell; its messages and its reply wait in the channels."""
        request = self._session.msg("execute_request", {"code": code})
        self._shell.kernel.set_parent([], request, "shell")
        before = self._shell.execution_count
        self._session.send(
            None, "execute_input", {"code": code, "execution_count": before}, parent=request
        )
        result = await self._run(code, store_history)
        sys.stdout.flush()
        sys.stderr.flush()
        self._session.send(None, "status", {"execution_state": "idle"}, parent=request)
        content = self._reply(result)
        self._replies.append(self._session.msg("execute_reply", content, parent=request))
        return str(request["header"]["msg_id"])

    # --- inside -----------------------------------------------------------------------------------

    def _open(self) -> None:
        self._before: tuple[TextIO, TextIO] = (sys.stdout, sys.stderr)
        for stream in self._before:
            stream.flush()
        out, err = (Stream(name, n, self._session) for n, name in ((1, "stdout"), (2, "stderr")))
        sys.stdout, sys.stderr = out, err
        shell = self._shell
        shell.displayhook.session = shell.display_pub.session = self._session
        shell.displayhook.pub_socket = shell.display_pub.pub_socket = None
        _no_input(shell.kernel)

    async def _run(self, code: str, store_history: bool) -> Any:
        """Run a cell the way ipykernel does: awaiting cells on the loop that runs already."""
        shell = self._shell
        with self._limited():
            failure = None
            try:
                transformed = shell.transform_cell(code)
            except Exception:
                transformed, failure = code, sys.exc_info()
            waits = shell.loop_runner is _asyncio_runner and shell.should_run_async(
                code, transformed_cell=transformed, preprocessing_exc_tuple=failure
            )
            if not waits:
                return shell.run_cell(code, store_history=store_history)
            shell._last_traceback = None
            shell._last_traceback_during_displayhook = False
            result = None
            try:
                result = await shell.run_cell_async(
                    code,
                    store_history=store_history,
                    transformed_cell=transformed,
                    preprocessing_exc_tuple=failure,
                )
            finally:
                shell.events.trigger("post_execute")
                shell.events.trigger("post_run_cell", result)
            return result

    def _limited(self) -> AbstractContextManager[None]:
        return contextlib.nullcontext() if self._time_limits is None else self._time_limits.cell()

    def _reply(self, result: Any) -> dict[str, Any]:
        """Return an execute reply as ipykernel words it."""
        shell = self._shell
        shell.payload_manager.clear_payload()
        count = {"execution_count": shell.execution_count - 1}
        if result.success and not getattr(shell, "_last_traceback_during_displayhook", False):
            return {"status": "ok", **count}
        error = result.error_before_exec or result.error_in_exec
        return {
            "status": "error",
            "traceback": shell._last_traceback or [],
            "ename": type(error).__name__,
            "evalue": str(error),
            **count,
        }


class _Channel:
    """Messages waiting to be read."""

    def __init__(self, messages: deque[dict[str, Any]]) -> None:
        self._messages = messages

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:
        """Return the next message; those who wait for one that never comes are cancelled."""
        while not self._messages:
            await asyncio.sleep(0.01)
        return self._messages.popleft()


class InProcessManager:
    """What nbclient calls a kernel manager: the kernel is this process, and stays."""

    has_kernel = True

    def __init__(self, client: InProcessClient) -> None:
        self._client = client

    def client(self) -> InProcessClient:
        """Return the client."""
        return self._client

    def is_alive(self) -> bool:
        """Return True."""
        return True


def _no_input(kernel: Any) -> None:
    """Refuse questions to a person, in ipykernel's own words: nobody is there."""
    import builtins
    import getpass

    kernel._allow_stdin = False
    builtins.input = kernel.raw_input
    getpass.getpass = kernel.getpass
