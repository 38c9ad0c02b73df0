"""The command line: answers, exit codes, errors that help."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from kts_analysis.cli import main
from kts_analysis.errors import KtsError
from kts_analysis.registry_files import load_registry
from kts_analysis.reporting.units import Unit, check_parameters, plan_units

ROOT = Path(__file__).resolve().parent.parent
DATA = str(ROOT / "data")

Output = pytest.CaptureFixture[str]


def rows(output: Output, *arguments: str) -> list[dict]:
    assert main(["assess", "--data", DATA, "--format", "json", *arguments]) == 0
    return json.loads(output.readouterr().out)


def one(output: Output, target: str, *arguments: str) -> dict:
    found = rows(output, "--plan", "quoc-gia-411", "--target", target, *arguments)
    assert len(found) == 1
    return found[0]


def test_national_share_missed_with_its_source(capsys: Output) -> None:
    row = one(capsys, "KTS01", "--deadline", "2025")
    assert (row["status"], row["latest"], row["threshold"]) == ("missed", 14.02, 20)
    assert row["series"] == "nso_gdp"
    assert row["source"] == "NSO" and row["source_url"].startswith("https://")


def test_what_would_have_been_said_at_the_end_of_2024(capsys: Output) -> None:
    row = one(capsys, "KTS01", "--deadline", "2025", "--as-of", "2024-12-31")
    assert row["status"] == "very_unlikely" and row["probability"] < 0.2
    assert row["latest"] == 12.33  # the vintage of that day, not the later revision to 12.87


def test_before_anything_was_published(capsys: Output) -> None:
    row = one(capsys, "KTS01", "--deadline", "2025", "--as-of", "2022-12-31")
    assert (row["status"], row["reason"], row["latest"]) == ("insufficient", "no_data", None)


def test_ecommerce_interval_of_2022_holds_what_came(capsys: Output) -> None:
    row = one(capsys, "KTS03", "--deadline", "2025", "--as-of", "2022-12-31")
    assert row["lo80"] < 10 and row["hi80"] > 12
    assert row["hi95"] < 25  # honest, not merely wide
    assert "vintage_assumed" in row["flags"]


def test_csv_has_every_district_and_target(capsys: Output) -> None:
    assert main(["assess", "--data", DATA, "--plan", "nam-dinh-105", "--format", "csv"]) == 0
    found = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    districts = [row for row in found if len(row["area_code"]) == 3]
    assert len(districts) == 170
    assert len({(row["area_code"], row["target_id"]) for row in districts}) == 170
    assert all(row["status"] for row in districts)
    assert sum(row["status"] == "not_measured" for row in districts) == 60
    assert all(row["origin"] == "synthetic" for row in districts if row["latest"])


def test_check_of_bundled_data_is_clean_and_counts(capsys: Output) -> None:
    assert main(["check", "--data", DATA]) == 0
    assert "0 lỗi" in capsys.readouterr().out


def test_list_names_what_run_takes(capsys: Output) -> None:
    assert main(["list", "--data", DATA, "--plan", "nam-dinh-105"]) == 0
    out = capsys.readouterr().out
    assert "356-thanh-pho-nam-dinh" in out and "XHS11" in out
    assert main(["run", "--data", DATA, "--only", "356-thanh-pho-nam-dinh", "--dry-run"]) == 0
    assert "356-thanh-pho-nam-dinh/area_report" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["assess", "--plan", "khong-co"], "nam-dinh-105"),
        (["assess", "--plan", "nam-dinh-105", "--target", "ABC"], "KTS01"),
        (["assess", "--as-of", "hôm qua"], "2024-12-31"),
        (["run", "--only", "999"], "356-thanh-pho-nam-dinh"),
        (["run", "--deadline", "1999", "--dry-run"], "2025"),
        (["run", "--lang", "fr", "--dry-run"], "vi"),
    ],
)
def test_wrong_input_says_what_there_is_and_exits_2(
    arguments: list[str], said: str, capsys: Output
) -> None:
    assert main([*arguments, "--data", DATA]) == 2
    shown = capsys.readouterr()
    assert said in shown.err and "Traceback" not in shown.err


def test_unknown_option_exits_2() -> None:
    assert main(["run", "--colour", "red"]) == 2


def test_no_data_folder_exits_2(tmp_path: Path, capsys: Output) -> None:
    assert main(["check", "--data", str(tmp_path)]) == 2
    assert "--data" in capsys.readouterr().err


def test_help_needs_no_heavy_library() -> None:
    script = (
        "import sys; from kts_analysis.cli import main; main(['--help']); "
        "print([n for n in ('pandas', 'statsmodels', 'plotly', 'papermill') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip().splitlines()[-1] == "[]", done.stderr


def test_a_misspelt_parameter_is_refused(tmp_path: Path) -> None:
    registry = load_registry(DATA)
    unit = plan_units(registry, ["nam-dinh-105"], only=["356"])[0]
    notebook = nbformat.read(ROOT / "notebooks" / "area_report.ipynb", as_version=4)
    nbformat.write(notebook, tmp_path / "area_report.ipynb")
    check_parameters([unit], tmp_path)
    wrong = Unit(unit.id, unit.area, unit.plan, unit.notebook, "vi", {"aera": "356"})
    with pytest.raises(KtsError, match="aera"):
        check_parameters([wrong], tmp_path)
    with pytest.raises(KtsError, match="province_report"):
        check_parameters(
            [Unit(unit.id, unit.area, unit.plan, "province_report", "vi", {})], tmp_path
        )


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (["--lang", "en"], "unknown plan"),
        (["--lang=en,vi"], "unknown plan"),
        (["--lang", "vi"], "không có kế hoạch"),
        ([], "không có kế hoạch"),
    ],
)
def test_an_error_is_said_in_the_language_asked_for(
    language: list[str], said: str, capsys: Output
) -> None:
    assert main(["run", "--plan", "no-such-plan", "--dry-run", *language]) == 2
    assert said in capsys.readouterr().err
