#!/usr/bin/env python3
"""Set up and run kts_analysis with nothing but Python 3.11 or newer.

    python make.py run  [--wheels DIR] [options of "kts run"]   the reports, on the bundled data,
                                        as pages and Excel unless --formats says otherwise
    python make.py test [--wheels DIR] [options of pytest]      every check
    python make.py lab  [--wheels DIR]                          JupyterLab on the notebooks
    python make.py docs [--wheels DIR]                          the library reference
    python make.py clean                                        removes .venv

The first call makes .venv and installs the exact versions of requirements.lock (for "test" and
"docs": requirements-dev.lock); later calls install nothing. --wheels DIR installs from a folder
of wheels, for a PC without internet. Relative paths are taken from the project folder.
"""

# This file stays readable for very old Pythons, so that they can say that they are too old;
# the work is done by tools/make_environment.py and tools/make_checks.py.
import os
import sys

MINIMUM_PYTHON = (3, 11)
FORMATS = "html,xlsx"  # Word and PDF only where asked for: they triple the size of a run
TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tools")


def python_problem(version):
    """Return why a Python of this version cannot be used, or an empty text."""
    if tuple(version)[:2] >= MINIMUM_PYTHON:
        return ""
    found = ".".join(str(part) for part in tuple(version)[:3])
    return "Python " + found + " is too old: install Python 3.11 or newer, run make.py with it."


def complain(text):
    """Write one line to stderr; ASCII, because any console can show that."""
    sys.stderr.write("make.py: " + text.encode("ascii", "replace").decode("ascii") + "\n")


def with_formats(arguments):
    """Return the arguments of kts with the usual forms of a report, unless some are named."""
    named = any(text.partition("=")[0] == "--formats" for text in arguments)
    chosen = list(arguments)
    if chosen[0] == "run" and not named:
        chosen.extend(["--formats", FORMATS])
    return chosen


def run_command(arguments):
    """Carry out one command and return its exit code; MakeError tells an expected failure."""
    import make_checks
    import make_docs
    import make_environment as environment

    name = arguments[0] if arguments else "help"
    if name in ("help", "-h", "--help"):
        environment.say((__doc__ or "").strip())
        return 0 if arguments else 2
    if name == "clean":
        environment.remove()
        return 0
    if name not in ("run", "test", "lab", "docs"):
        known = "run, test, lab, docs or clean."
        raise environment.MakeError('unknown command "' + name + '": ' + known)
    wheels, rest = environment.split_wheels(arguments)
    environment.install("test" if name in ("test", "docs") else "run", wheels)
    if name == "test":
        return make_checks.run_checks(rest[1:])
    if name == "docs":
        return make_docs.build_docs()
    return environment.run_kts(with_formats(rest))


def main(arguments=None):
    """Run make.py; return its exit code (2 for wrong usage or a failed set-up)."""
    problem = python_problem(sys.version_info)
    if problem:
        complain(problem)
        return 2
    sys.path.insert(0, TOOLS)
    from make_environment import MakeError

    try:
        return run_command(sys.argv[1:] if arguments is None else arguments)
    except (MakeError, OSError) as error:
        complain(str(error))
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
