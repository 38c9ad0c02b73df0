"""``datapackage.json``: the tables of a run described so that any program can read and check them.

It follows Data Package (datapackage.org) and validates with frictionless.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

from kts_analysis import __version__
from kts_analysis.entries import Plan
from kts_analysis.figure_tables import safe_url
from kts_analysis.reporting.page_names import (
    OBSERVATIONS,
    ROLLUP,
    TRAJECTORIES,
    VERDICTS,
    VERDICTS_JSON,
)
from kts_analysis.reporting.table_schemas import (
    observation_fields,
    trajectory_fields,
    verdict_fields,
)

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
VERDICT = ["plan_id", "area_code", "target_id"]  # with the deadline: what a verdict is about
MEANINGS = {
    VERDICTS: (
        "Kết luận: mỗi địa bàn, mỗi chỉ tiêu, mỗi hạn một dòng",
        "Verdicts: one row an area, target and deadline",
    ),
    ROLLUP: (
        "Kết luận cho địa bàn chung, trên số cộng dồn của các địa bàn",
        "Verdicts of the home area on what its areas add up to",
    ),
    TRAJECTORIES: (
        "Quỹ đạo: số liệu, đường xu hướng, dự báo kèm khoảng 80% và 95%",
        "Trajectories: figures, trend line, projection with 80% and 95% intervals",
    ),
    OBSERVATIONS: (
        "Số liệu mà kết luận dựa vào hoặc đặt cạnh, kèm nguồn và ngày công bố",
        "The figures verdicts rest on or that stand beside, with source and publication date",
    ),
    VERDICTS_JSON: (
        "Kết luận, như verdicts.csv, dạng JSON; chưa biết là null",
        "Verdicts as in verdicts.csv, as JSON; unknown is null",
    ),
}
SYNTHETIC = (
    "CÓ SỐ LIỆU GIẢ LẬP (cột origin = synthetic): do một chương trình tạo ra, không mô tả địa "
    "phương nào, không được trích dẫn. / HOLDS SYNTHETIC DATA (origin = synthetic): made by a "
    "script, they describe no real place and must not be quoted."
)


def package_text(tables: Mapping[str, str], plans: Iterable[Plan], as_of: str) -> str:
    """Return the text of ``datapackage.json``.

    Parameters
    ----------
    tables : mapping
        Text of each table of the run by its file name.
    plans : iterable of Plan
        Plans of the run.
    as_of : str
        ISO date the run stands on; empty without any verdict.
    """
    shown = list(plans)
    resources = [_resource(name, text) for name, text in tables.items()]
    synthetic = any(resource["synthetic"] for resource in resources)
    package = {
        "$schema": PROFILE,
        "name": "-".join(["kts-analysis", *(plan.id.lower() for plan in shown)]),
        "title": " · ".join(plan.name.get("vi") for plan in shown),
        "description": " ".join(
            [
                *([SYNTHETIC] if synthetic else []),
                "Các bảng của một lần chạy kts_analysis; phần trăm 0–100, khả năng 0–1, ô trống "
                "là chưa biết. / The tables of a run of kts_analysis; percent 0-100, chances 0-1, "
                "an empty cell is unknown.",
            ]
        ),
        "synthetic": synthetic,
        "as_of": as_of,
        "plans": [_plan(plan) for plan in shown],
        "generator": f"kts_analysis {__version__}",
        "licenses": [
            {
                "name": "MIT",
                "path": "https://opensource.org/license/mit",
                "title": "MIT; số liệu thuộc về nơi công bố hoặc báo cáo / the figures belong to "
                "those who published or reported them",
            }
        ],
        "sources": _sources(tables[OBSERVATIONS]),
        "resources": resources,
    }
    return json.dumps(package, ensure_ascii=False, indent=1) + "\n"


def _plan(plan: Plan) -> dict[str, Any]:
    names = {lang: plan.document.get(lang) for lang in ("vi", "en")}
    return {"id": plan.id, "document": names, "sources": list(plan.document_sources)}


def _resource(path: str, text: str) -> dict[str, Any]:
    content = text.encode("utf-8")
    name, _, form = path.rpartition(".")
    mark = [SYNTHETIC] if "synthetic" in _origins(path, text) else []
    described = {
        "name": name if form == "csv" else f"{name}-{form}",
        "type": "table",
        "path": path,
        "format": form,
        "mediatype": "text/csv" if form == "csv" else "application/json",
        "encoding": "utf-8",
        "description": " ".join([*mark, " / ".join(MEANINGS[path])]),
        "synthetic": bool(mark),
        "schema": _schema(path),
    }
    if form == "json":  # frictionless does not count its bytes, and would say that they differ
        return described
    digest = hashlib.sha256(content).hexdigest()
    return described | {"bytes": len(content), "hash": f"sha256:{digest}"}


def _schema(path: str) -> dict[str, Any]:
    """Return the schema of a table: its fields, what a row is known by, what it belongs to."""
    if path in (VERDICTS, ROLLUP, VERDICTS_JSON):
        key: dict[str, Any] = {"primaryKey": [*VERDICT, "deadline"]}
        fields = verdict_fields()
    else:
        key = {}
        fields = trajectory_fields() if path == TRAJECTORIES else observation_fields()
    if path in (ROLLUP, TRAJECTORIES):
        key["foreignKeys"] = [_belongs(VERDICT)]
    if path == OBSERVATIONS:
        key["foreignKeys"] = [_belongs(["area_code"])]
    return {"fields": fields, "missingValues": [""], **key}


def _belongs(names: list[str]) -> dict[str, Any]:
    return {"fields": names, "reference": {"resource": "verdicts", "fields": names}}


def _origins(path: str, text: str) -> set[str]:
    if path.endswith(".json"):
        return {row["origin"] for row in json.loads(text)}
    return {row["origin"] for row in csv.DictReader(io.StringIO(text))}


def _sources(observations: str) -> list[dict[str, str]]:
    """Return who published or reported the figures, each once, with the address if there is one."""
    rows = csv.DictReader(io.StringIO(observations))
    found = dict.fromkeys((row["source"], row["source_url"]) for row in rows)
    return [
        {"title": title} | ({"path": safe_url(path)} if safe_url(path) else {})
        for title, path in found
    ]
