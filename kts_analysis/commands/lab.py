"""``kts lab``: JupyterLab on the first page, with nothing that asks the network."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from kts_analysis.commands.options import Data, Lang, Notebooks, messages_in, registry_of
from kts_analysis.commands.run import notebook_folder
from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_

START = "start.ipynb"
OFFLINE = (
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
    "--LanguageServerManager.autodetect=False",  # it looks for servers that nobody needs here
)
STOPPED = 130  # Ctrl-C: the usual way to end a server


def lab(
    data: Data = None,
    notebooks: Notebooks = None,
    lang: Lang = "vi",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Cổng / port (0: bất kỳ / any).")
    ] = 8888,
    browser: Annotated[
        bool,
        typer.Option("--browser/--no-browser", help="Mở trình duyệt / open the browser."),
    ] = True,
) -> None:
    """Mở JupyterLab / open JupyterLab: explore, reports, tutorials; no network needed."""
    messages_in(lang)
    registry = registry_of(data)
    folder = (notebooks or notebook_folder(registry)).resolve()
    if not (folder / START).is_file():
        message = N_("there is no {name} in {folder}; name the folder with --notebooks")
        raise KtsError(message, name=START, folder=folder.name)
    command = lab_command(folder, port=port, browser=browser)
    try:
        code = subprocess.run(
            command, env=lab_environment(os.environ, registry.root, lang), check=False
        ).returncode
    except KeyboardInterrupt:  # the server, in the same console, has been told as well
        code = STOPPED
    if code:
        raise typer.Exit(code if code > 0 else 128 - code)


def lab_command(folder: Path, *, port: int, browser: bool) -> list[str]:
    """Return the command line of JupyterLab.

    Parameters
    ----------
    folder : Path
        Of the notebooks; nothing outside of it is shown.
    port : int
        0: any that is free.
    browser : bool
        Whether a browser is opened.
    """
    command = [sys.executable, "-m", "jupyterlab", *OFFLINE]
    command += [f"--ServerApp.root_dir={folder}", f"--LabApp.default_url=/lab/tree/{START}"]
    command += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"]
    return command if browser else [*command, "--no-browser"]


def lab_environment(around: Mapping[str, str], data: Path, lang: str) -> dict[str, str]:
    """Return the environment of JupyterLab and of its kernels: data folder, language, UTF-8."""
    return {**around, "KTS_DATA": str(data), "KTS_LANG": lang, "PYTHONUTF8": "1"}
