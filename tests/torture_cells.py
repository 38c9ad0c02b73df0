"""Cells that do to a notebook's engine what notebooks do: order, streams, displays, errors, state.

The list is run as one notebook by stock papermill and by our engine; the outputs must be the same.
A cell that writes past Python (descriptors, other programs) waits a moment, because a stock kernel
reads those from a pipe and would otherwise give them to whichever cell runs next.
"""

from __future__ import annotations

from dataclasses import dataclass

MOMENT = "import time; time.sleep(0.4)"  # for a stock kernel's pipe reader


@dataclass(frozen=True)
class Cell:
    """One cell of the torture notebook.

    Attributes
    ----------
    name : str
        What it tries; the cell's tag, so that a difference can be named.
    raises : bool
        Whether it ends with an error, which must not stop the notebook.
    needs : str
        Module without which the cell is left out.
    posix : bool
        Whether it needs a shell or ``fork``.
    """

    name: str
    source: str
    raises: bool = False
    needs: str = ""
    posix: bool = False


CELLS = [
    # --- streams ----------------------------------------------------------------------------------
    Cell("empty", ""),
    Cell("comment", "# nothing but a comment"),
    Cell(
        "stream-order",
        """
        import sys
        for number in range(5):
            print("out", number, flush=True)
            print("err", number, file=sys.stderr, flush=True)
        """,
    ),
    Cell(
        "streams-unflushed",
        """
        print("first out"); sys.stderr.write("then err\\n"); print("out again", end="")
        """,
    ),
    Cell("many-prints", "for number in range(3000):\n    print(number)"),
    Cell("big-output", "print('x' * 1_000_000)"),
    Cell(
        "unicode",
        r"""
        print("Nam Định · tỷ lệ ≥ 80 % · 你好 · 🌾 · é (NFD) · \x00 nul · a\rb\b")
        "Huyện Nghĩa Hưng"
        """,
    ),
    Cell("ansi", r"print('\x1b[31mred\x1b[0m and \x1b[1mbold\x1b[0m')"),
    Cell("descriptor", f"import os\nos.write(1, b'past Python\\n'); {MOMENT}"),
    Cell(
        "descriptors-in-order",
        f"""
        print("before", flush=True)
        os.write(1, b"from the descriptor\\n")
        {MOMENT}
        print("after")
        """,
    ),
    Cell(
        "the-first-streams", f"sys.__stdout__.write('old out\\n'); sys.__stdout__.flush()\n{MOMENT}"
    ),
    Cell(
        "subprocess",
        f"""
        import subprocess
        program = "import sys; print('child out'); print('child err', file=sys.stderr)"
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        print(done.stdout, done.stderr)
        subprocess.run([sys.executable, "-c", "print('straight to the descriptor')"])
        {MOMENT}
        """,
    ),
    Cell("shell", "!echo from the shell; echo and its error 1>&2", posix=True),
    Cell("shell-lines", "lines = !printf 'a\\nb\\n'\nlines", posix=True),
    Cell("bash", "%%bash\necho $((6 * 7))\necho bad >&2", posix=True),
    Cell("bash-fails", "%%bash\nexit 3", raises=True, posix=True),
    Cell(
        "capture",
        """
        %%capture kept
        print("kept out"); print("kept err", file=sys.stderr); display("kept object")
        """,
    ),
    Cell("captured", "kept.show(); kept.stdout, kept.stderr, len(kept.outputs)"),
    Cell(
        "redirect",
        """
        import contextlib, io
        with contextlib.redirect_stdout(io.StringIO()) as text:
            print("not seen")
        text.getvalue(), sys.stdout.encoding, sys.stdout.isatty(), sys.stdout.writable()
        """,
    ),
    Cell(
        "threads",
        """
        import threading
        def speak(number):
            print("thread", number, flush=True)
        for number in range(4):
            thread = threading.Thread(target=speak, args=(number,))
            thread.start(); thread.join()
        """,
    ),
    Cell(
        "fork-pool",
        """
        import multiprocessing
        with multiprocessing.get_context("fork").Pool(2) as pool:
            print(pool.map(abs, [-1, -2, -3]))
        """,
        posix=True,
    ),
    Cell(
        "fork-prints",
        f"""
        child = os.fork()
        if child == 0:
            print("from the child", flush=True)
            os._exit(0)
        os.waitpid(child, 0)[1]
        {MOMENT}
        """,
        posix=True,
    ),
    Cell(
        "logging",
        """
        import logging
        logging.warning("a warning through logging")
        logging.getLogger("other").error("an error")
        logging.info("not shown")
        """,
    ),
    # --- displays ---------------------------------------------------------------------------------
    Cell(
        "displays",
        """
        from IPython.display import HTML, JSON, Javascript, Latex, Markdown, SVG, Image, display
        display(HTML("<b>bold</b>"), Markdown("*leaning*"), Latex("$x^2$"))
        display(JSON({"a": [1, 2, None]}), Javascript("1 + 1"))
        display(SVG("<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'></svg>"))
        """,
    ),
    Cell(
        "picture",
        """
        import base64
        dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
        data = base64.b64decode(dot + "awAAAABJRU5ErkJggg==")
        Image(data=data, metadata={"alt": "a dot"}, width=5)
        """,
    ),
    Cell("display-id", "handle = display('first', display_id='mine'); display('between')"),
    Cell("display-update", "handle.update('second'); handle.display('a third')"),
    Cell(
        "clear-output",
        """
        from IPython.display import clear_output
        print("gone"); display(HTML("gone too")); clear_output(); print("stays")
        """,
    ),
    Cell(
        "clear-output-wait",
        """
        for number in range(3):
            clear_output(wait=True)
            print("only the last:", number)
        """,
    ),
    Cell(
        "raw-mime",
        """
        import datetime
        odd = {1: (2, 3), "day": datetime.date(2025, 12, 31), "text": "ạ", "none": None, "x": 0.1}
        display({"application/json": odd, "text/plain": "odd"}, raw=True, metadata={"k": {"a": 1}})
        """,
    ),
    Cell(
        "raw-mime-nan",
        """
        display({"application/json": {"x": float("nan"), "y": float("inf")}}, raw=True)
        """,
    ),
    Cell(
        "changed-after-display",
        """
        inner = [1]
        display({"application/json": {"a": inner}, "text/plain": "as it was"}, raw=True)
        inner.append(2)
        """,
    ),
    Cell(
        "mime-bundle",
        """
        class Both:
            def _repr_mimebundle_(self, include=None, exclude=None):
                return {"text/plain": "plain", "text/html": "<i>rich</i>"}, {"text/html": {"i": 1}}
        Both()
        """,
    ),
    Cell(
        "broken-repr",
        """
        class Broken:
            def __repr__(self):
                raise ValueError("no words")
            def _repr_html_(self):
                raise RuntimeError("no page")
        Broken()
        """,
        raises=True,
    ),
    Cell(
        "table",
        """
        import pandas as pd
        pd.DataFrame({"a": [1.5, None], "b": ["x", "ạ"]}, index=pd.Index(["00165", "02"]))
        """,
        needs="pandas",
    ),
    Cell(
        "plotly",
        """
        import plotly.graph_objects as go
        figure = go.Figure(go.Scatter(x=[1, 2], y=[3.0, None], name="Số liệu"))
        figure.show()
        figure
        """,
        needs="plotly",
    ),
    Cell(
        "matplotlib",
        """
        %matplotlib inline
        import matplotlib.pyplot as plt
        plt.plot([1, 2, 3]); plt.title("a line")
        """,
        needs="matplotlib",
    ),
    Cell(
        "matplotlib-show",
        """
        for number in range(2):
            plt.figure(figsize=(1, 1)); plt.plot([number, 1]); plt.show()
        print(plt.get_backend())
        """,
        needs="matplotlib",
    ),
    Cell("html-magic", "%%html\n<p>from a magic</p>"),
    Cell("latex-magic", "%%latex\n$a$"),
    Cell("javascript-magic", "%%javascript\nelement.append('x')"),
    Cell("svg-magic", "%%svg\n<svg xmlns='http://www.w3.org/2000/svg'></svg>"),
    # --- the shell --------------------------------------------------------------------------------
    Cell("history", "6 * 7"),
    Cell("history-again", "_, __, Out[max(Out)], len(In) == get_ipython().execution_count + 1"),
    Cell("silent", "6 * 7;"),
    Cell("several-values", "1\n2\n[3]"),
    Cell("no-value", "None"),
    Cell("pager", "len?"),
    Cell("pager-source", "def documented():\n    'Say something.'\n    return 1\ndocumented??"),
    Cell("run-cell", "get_ipython().run_cell('print(\"inside\"); 5'); 6"),
    Cell("set-next-input", "get_ipython().set_next_input('print(1)'); 'set'"),
    Cell("load-magic", "%load_ext autoreload\n%autoreload 2\n%who_ls function"),
    Cell("writefile", "%%writefile torture_module.py\nVALUE = 1\nprint('running')"),
    Cell("run-file", "%run torture_module.py\nVALUE"),
    Cell(
        "import-file",
        """
        import importlib, torture_module
        torture_module.VALUE, torture_module.__name__, __name__, "__file__" in globals()
        """,
    ),
    Cell("autoreload", "%%writefile torture_module.py\nVALUE = 20000"),
    Cell("autoreloaded", "torture_module.VALUE"),
    Cell("await", "import asyncio\nawait asyncio.sleep(0, 'awaited')"),
    Cell(
        "async-tasks",
        """
        async def count(number):
            await asyncio.sleep(0.01 * number)
            print("task", number)
            return number
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(count(number)) for number in (2, 1)]
        [task.result() for task in tasks]
        """,
    ),
    Cell(
        "await-fails",
        """
        async def fail():
            await asyncio.sleep(0)
            raise OSError("later")
        await fail()
        """,
        raises=True,
    ),
    Cell("environment", "os.environ['TORTURED'] = 'yes'\n!echo $TORTURED", posix=True),
    Cell(
        "chdir",
        """
        os.makedirs("below", exist_ok=True); os.chdir("below"); print(os.path.basename(os.getcwd()))
        os.chdir("..")
        """,
    ),
    Cell("atexit", "import atexit\natexit.register(print, 'at the very end');"),
    Cell("precision", "%precision 2\n3.14159"),
    Cell("reset", "kept_name = 1\n%reset_selective -f kept_name\n'kept_name' in globals()"),
    Cell(
        "the-shell",
        "type(get_ipython()).__name__, get_ipython().colors, get_ipython().user_ns is globals()",
    ),
    # --- warnings and errors ----------------------------------------------------------------------
    Cell(
        "warning",
        """
        import warnings
        def old():
            warnings.warn("this is old", DeprecationWarning)
            warnings.warn("take care")
        for _ in range(3):
            old()
        """,
    ),
    Cell(
        "warnings-once",
        """
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            for _ in range(2):
                warnings.warn("each time", UserWarning, stacklevel=2)
        """,
    ),
    Cell("syntax-error", "def broken(:\n    pass", raises=True),
    Cell("syntax-error-later", "good = 1\nif good\n    print()", raises=True),
    Cell("indentation-error", "if True:\nprint(1)", raises=True),
    Cell("error", "print('before'); 1 / 0; print('never')", raises=True),
    Cell("error-in-a-function", "def inner(x):\n    return outer_of(x)\ninner(3)", raises=True),
    Cell("error-in-an-older-cell", "inner('text')", raises=True),
    Cell(
        "nested-errors",
        """
        def step(depth):
            if depth == 0:
                raise KeyError("ạ")
            try:
                step(depth - 1)
            except KeyError as error:
                raise ValueError(f"depth {depth}") from error
        step(2)
        """,
        raises=True,
    ),
    Cell(
        "error-while-handling",
        """
        try:
            {}["missing"]
        except KeyError:
            undefined_name
        """,
        raises=True,
    ),
    Cell("error-group", "raise ExceptionGroup('both', [ValueError(1), TypeError(2)])", raises=True),
    Cell("error-in-a-library", "import json\njson.loads('{')", raises=True),
    Cell("assertion", "assert 1 == 2, 'sums'", raises=True),
    Cell(
        "deep-error",
        """
        def down(depth):
            return 1 / depth + down(depth - 1)
        down(50)
        """,
        raises=True,
    ),
    Cell("interrupt", "raise KeyboardInterrupt", raises=True),
    Cell("system-exit", "raise SystemExit('leaving')", raises=True),
    Cell("sys-exit", "import sys\nsys.exit(4)", raises=True),
    Cell("input", "input('name? ')", raises=True),
    Cell("getpass", "import getpass\ngetpass.getpass()", raises=True),
    Cell("unknown-magic", "%no_such_magic", raises=True),
    Cell("still-alive", "print('still here', sys.exc_info()[0]); _"),
    # --- what other parts of a kernel there are ---------------------------------------------------
    Cell("kernel", "get_ipython().kernel.__class__.__name__"),
    Cell("arguments", "sys.argv[1:2]"),
    Cell(
        "widgets",
        """
        import ipywidgets
        ipywidgets.IntSlider(value=3)
        """,
        needs="ipywidgets",
    ),
]
