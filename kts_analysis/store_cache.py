"""A disposable copy of a large store's table, beside the CSV files that stay the truth.

Why there is one, and why in this form: the 1.35 million rows of a national store take about ten
seconds to read and check as CSV, and about one as arrays of numbers into vocabularies, the time to
hash all files included. Parquet and Feather take about as long and would ask an offline PC for
pyarrow; sqlite3 saves little, for it hands over cell by cell (``docs/benchmarks.md``). It is made
of the whole store: after a new batch the next reading is one of CSV again.

What makes it safe:

- it lies in ``data/.kts-cache/``, which nothing reads as data, and may be deleted at any time;
- its key is a SHA-256 over every observation file, every registry file, the code that checks them
  and the libraries; one other byte anywhere, and it is not used. Times of change count for nothing;
- it begins with the SHA-256 of the rest: a damaged one is not looked into;
- it holds arrays of numbers and JSON, never pickled objects;
- it is written whole or not at all, and only for a store without any error; where the folder cannot
  be written there is none, and nothing else changes.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import platform
from collections.abc import Iterable, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kts_analysis.columns import Codes
from kts_analysis.disk import sha256, sweep_parts, write_bytes
from kts_analysis.errors import Problem
from kts_analysis.schema import OBSERVATION_COLUMNS

FOLDER, FILE = ".kts-cache", "observations.bin"
WORTH_IT = 5_000_000  # bytes of CSV; a smaller store is read faster than its files are hashed
OFF = "KTS_STORE_CACHE"  # this variable, set to "no", leaves the cache alone
NUMBERS = ("value", "numerator", "denominator", "t")
DAYS = ("period_end", "vintage_date")
TEXTS = tuple(name for name in OBSERVATION_COLUMNS if name not in NUMBERS)
_LIBRARIES = ("numpy", "pandas", "pandera")
_DIGEST = 32  # bytes of a SHA-256


def key_of(root: Path, files: Sequence[Path]) -> str:
    """Return what a table depends on, as one SHA-256 (hexadecimal).

    Parameters
    ----------
    root : Path
        Data folder.
    files : sequence of Path
        Its observation files, in the order they are read in.

    Returns
    -------
    str
        Empty where a cache would not pay, is not wanted, or a file cannot be read.
    """
    try:
        size = sum(path.stat().st_size for path in files)
        if size < WORTH_IT or os.environ.get(OFF) == "no":
            return ""
        registry = [*sorted(root.glob("*.*")), *sorted((root / "plans").glob("*.*"))]
        code = sorted(Path(__file__).resolve().parent.glob("*.py"))
        told = {
            "observations": [[path.relative_to(root).as_posix(), sha256(path)] for path in files],
            "registry": [
                [path.relative_to(root).as_posix(), sha256(path)]
                for path in registry
                if path.suffix.lower() in (".yml", ".csv")
            ],
            "code": [[path.name, sha256(path)] for path in code],
            "versions": [platform.python_version(), *map(version, _LIBRARIES)],
        }
    except OSError:
        return ""
    return hashlib.sha256(json.dumps(told).encode("utf-8")).hexdigest()


def read_cache(root: Path, key: str, today: date) -> tuple[pd.DataFrame, list[Problem]] | None:
    """Return the table and its warnings; None where there is no cache of this key.

    Parameters
    ----------
    root : Path
        Data folder.
    key : str
        From `key_of`.
    today : date
        A figure dated after this day is an error, which a cache never holds: one made on a later
        day (by a clock that has been put right since) is not used.
    """
    try:
        content = (root / FOLDER / FILE).read_bytes()
    except OSError:
        return None
    digest, body = content[:_DIGEST], memoryview(content)[_DIGEST:]
    if hashlib.sha256(body).digest() != digest:
        return None
    with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
        facts = json.loads(arrays["facts"].tobytes())
        if facts["key"] != key or facts["newest"] > today.isoformat():
            return None
        table = _table(facts, {name: arrays[name] for name in arrays.files})
    problems = [Problem(**{**one, "areas": tuple(one["areas"])}) for one in facts["problems"]]
    return table, problems


def write_cache(root: Path, key: str, table: pd.DataFrame, problems: Iterable[Problem]) -> None:
    """Keep a table and its warnings for the next reader, if that can be done.

    Parameters
    ----------
    root : Path
        Data folder.
    key : str
        From `key_of`.
    table : pandas.DataFrame
        Typed observations, all of them: the caller sees to it that nothing was left out.
    problems : iterable of Problem
        Warnings.
    """
    facts: dict[str, Any] = {"key": key, "newest": _newest(table), "words": {}}
    arrays: dict[str, Any] = {name: table[name].to_numpy(float) for name in NUMBERS}
    for name in (*TEXTS, *DAYS):
        arrays[name], words = _coded(table[name])
        facts["words"][name] = [str(word) for word in words]
    places = table["row"].str.rsplit(":", n=1)
    arrays["place"], facts["words"]["place"] = _coded(places.str[0])
    arrays["line"] = places.str[1].astype(int).to_numpy(np.int32)
    facts["problems"] = [_plain(problem) for problem in problems]
    arrays["facts"] = np.frombuffer(json.dumps(facts, default=str).encode("utf-8"), dtype=np.uint8)
    body = io.BytesIO()
    np.savez(body, **arrays)
    with contextlib.suppress(OSError):  # a folder that cannot be written is read as it is
        (root / FOLDER).mkdir(exist_ok=True)
        sweep_parts(root / FOLDER)
        digest = hashlib.sha256(body.getbuffer()).digest()
        write_bytes(root / FOLDER / FILE, digest + body.getvalue())


def _table(facts: dict[str, Any], arrays: dict[str, Any]) -> pd.DataFrame:
    """Return the table as `reading.table_of_parts` makes it."""
    words = facts["words"]
    made: dict[str, Any] = {name: arrays[name] for name in NUMBERS}
    for name in TEXTS:
        made[name] = pd.array(words[name], dtype="str").take(arrays[name])
    for name in DAYS:
        days = np.array([date.fromisoformat(text) for text in words[name]], dtype=object)
        made[name] = pd.Series(days[arrays[name]], dtype=object)
    files = [words["place"][code] for code in arrays["place"].tolist()]
    lines = arrays["line"].tolist()
    rows = [f"{file}:{line}" for file, line in zip(files, lines, strict=True)]
    made["row"] = pd.array(rows, dtype="str")
    order = [*OBSERVATION_COLUMNS, "period_end", "t", "vintage_date", "row"]
    return pd.DataFrame({name: made[name] for name in order})


def _coded(cells: pd.Series) -> tuple[Codes, list[Any]]:
    """Return cells as small numbers into a list of those that differ."""
    codes, words = pd.factorize(cells)
    return codes.astype(np.min_scalar_type(len(words))), list(words)


def _newest(table: pd.DataFrame) -> str:
    """Return the last day that `checks.future_figures` would hold against today."""
    dated = table["vintage"] != ""
    days = [*table["vintage_date"][dated].unique(), *table["period_end"][~dated].unique()]
    return max(days, default=date.min).isoformat()


def _plain(problem: Problem) -> dict[str, Any]:
    fields = ("file", "message", "row", "column", "found", "areas", "severity")
    return {name: getattr(problem, name) for name in fields} | {"params": dict(problem.params)}
