"""The command line: what ``kts`` can do, and how it ends.

Results go to stdout, the log to stderr. Exit codes: 0 done, 1 some reports failed, 2 bad input or
usage, 3 another run holds the output folder. Heavy modules are imported by the command that needs
them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from kts_analysis import __version__
from kts_analysis.commands.allocate import allocate
from kts_analysis.commands.assess import assess
from kts_analysis.commands.backtest import backtest
from kts_analysis.commands.ingest import ingest
from kts_analysis.commands.lab import lab
from kts_analysis.commands.look import check, list_
from kts_analysis.commands.options import BAD_INPUT, DONE
from kts_analysis.commands.quality import quality
from kts_analysis.commands.revisions import revisions
from kts_analysis.commands.run import run, verify
from kts_analysis.commands.schedule import schedule
from kts_analysis.commands.template import template
from kts_analysis.engine.surroundings import restart_in_utf_8
from kts_analysis.errors import KtsError
from kts_analysis.i18n import LANGUAGES, Messages

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Mục tiêu, hạn chót, khả năng đạt / Targets, deadlines, chances.",
)
app.command("list")(list_)
app.command()(check)
app.command()(assess)
app.command()(revisions)
app.command()(quality)
app.command()(allocate)
app.command()(run)
app.command()(verify)
app.command()(schedule)
app.command()(backtest)
app.command()(template)
app.command()(ingest)
app.command()(lab)


def version_callback(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        print(__version__)
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=version_callback, is_eager=True)
    ] = False,
) -> None:
    """Options of every command."""


def language_asked(arguments: Sequence[str]) -> str:
    """Return the first language a command line asks for, to say what is wrong with it."""
    for place, argument in enumerate(arguments):
        name, _, value = argument.partition("=")
        if name == "--lang":
            asked = value or "".join(arguments[place + 1 : place + 2])
            first = asked.partition(",")[0].strip()
            return first if first in LANGUAGES else LANGUAGES[0]
    return LANGUAGES[0]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; an error a user can act on is one message."""
    restart_in_utf_8()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")  # Vietnamese, whatever the console's code page
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        code = app(args=given, standalone_mode=False)
    except KtsError as error:
        print(error.text(Messages(language_asked(given))), file=sys.stderr)
        return error.exit_code
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return BAD_INPUT
    except typer.Exit as stop:
        return stop.exit_code
    except (typer.Abort, KeyboardInterrupt):
        return 130
    except Exception as error:
        if hasattr(error, "show"):  # click's own usage errors
            error.show()
            return BAD_INPUT
        raise
    return int(code or DONE)
