"""``kts lab``: JupyterLab on the first page, with nothing that asks the network."""

from __future__ import annotations

import os
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
SETTINGS = Path(__file__).resolve().parent.parent / "assets" / "jupyter"


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
    others: Annotated[
        list[str] | None,
        typer.Argument(help="Sau --: tùy chọn khác cho JupyterLab / after --: its own options."),
    ] = None,
) -> None:
    """Mở JupyterLab / open JupyterLab: explore, reports, tutorials; no network needed."""
    messages_in(lang)
    registry = registry_of(data)
    folder = (notebooks or notebook_folder(registry)).resolve()
    if not (folder / START).is_file():
        message = N_("there is no {name} in {folder}; name the folder with --notebooks")
        raise KtsError(message, name=START, folder=folder.name)
    arguments = [*lab_arguments(folder, port=port, browser=browser), *(others or ())]
    start(arguments, lab_environment(os.environ, registry.root, lang))


def start(arguments: list[str], environment: Mapping[str, str]) -> None:
    """Run JupyterLab in this very process: whoever ends it leaves no server behind."""
    os.environ.update(environment)
    from jupyterlab.labapp import LabApp  # looks at the environment when imported

    LabApp.launch_instance(arguments)


def lab_arguments(folder: Path, *, port: int, browser: bool) -> list[str]:
    """Return what JupyterLab is told.

    Parameters
    ----------
    folder : Path
        Of the notebooks; nothing outside of it is shown.
    port : int
        0: any that is free.
    browser : bool
        Whether a browser is opened.
    """
    found = [*OFFLINE, f"--ServerApp.root_dir={folder}"]
    found += [f"--LabApp.default_url=/lab/tree/{START}"]
    found += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"]
    return found if browser else [*found, "--no-browser"]


def lab_environment(around: Mapping[str, str], data: Path, lang: str) -> dict[str, str]:
    """Return the environment of JupyterLab and of its kernels: data folder, language, UTF-8.

    A folder of settings comes first, by which JupyterLab does not even ask whether it may fetch
    news.
    """
    folders = [str(SETTINGS), around.get("JUPYTER_CONFIG_PATH", "")]
    found = {"JUPYTER_CONFIG_PATH": os.pathsep.join(each for each in folders if each)}
    found |= {"KTS_DATA": str(data), "KTS_LANG": lang, "PYTHONUTF8": "1"}
    return {**around, **found}
