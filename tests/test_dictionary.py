"""The data dictionary says what the tables and files are, and cannot fall behind."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path
from types import ModuleType

import pytest

from kts_analysis import schema

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("dictionary", ROOT / "tools" / "dictionary.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def root(tmp_path: Path, data_copy: Path) -> Path:
    assert data_copy.parent == tmp_path
    return tmp_path


def test_the_committed_dictionary_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "dictionary.py"), "--check"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_everything_is_in_it() -> None:
    text = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    names = [*schema.OBSERVATION_COLUMNS, *schema.TRAJECTORY_COLUMNS, *schema.VERDICT_COLUMNS]
    codes = [*schema.STATUSES, *schema.QUALIFIERS, *schema.ORIGINS, *schema.FLAGS]
    assert [name for name in names + codes if f"| `{name}` |" not in text] == []
    row = next(line for line in text.splitlines() if line.startswith("| `qualifier` |"))
    assert "`exact`, `about`, `at_least`, `at_most`, `estimate`, `preliminary`" in row
    assert unicodedata.is_normalized("NFC", text)
    assert b"\r" not in (ROOT / "data" / "README.md").read_bytes()


@pytest.mark.parametrize(
    ("old", "new"),
    [("percent 0-100", "share 0-1"), ("| `missed` |", "| `failed` |"), ("chưa đạt", "đạt")],
)
def test_a_changed_word_is_noticed(
    tool: ModuleType, root: Path, capsys: pytest.CaptureFixture[str], old: str, new: str
) -> None:
    path = root / "data" / "README.md"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")
    assert tool.main(["--check"], root) == 1
    assert new in capsys.readouterr().err
    assert tool.main([], root) == 0
    assert path.read_text(encoding="utf-8") == text
    assert tool.main(["--check"], root) == 0


def test_a_missing_dictionary_is_noticed(tool: ModuleType, root: Path) -> None:
    (root / "data" / "README.md").unlink()
    assert tool.main(["--check"], root) == 1


def test_an_undescribed_file_is_noticed(
    tool: ModuleType, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(root / "data" / "areas.csv", root / "data" / "planted.csv")
    assert tool.main(["--check"], root) == 1
    assert "data/planted.csv" in capsys.readouterr().err


def test_a_new_code_or_column_must_be_described(
    tool: ModuleType, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "FLAGS", (*schema.FLAGS, "planted"))
    with pytest.raises(tool.DictionaryError, match="planted"):
        tool.dictionary(root / "data")
    monkeypatch.undo()
    monkeypatch.setattr(schema, "STATUSES", schema.STATUSES[:-1])
    with pytest.raises(tool.DictionaryError, match="unknown"):
        tool.dictionary(root / "data")
    monkeypatch.undo()

    class Planted(schema.pa.DataFrameModel):
        silent: schema.Series[str] = schema.pa.Field()

    with pytest.raises(tool.DictionaryError, match=r"Planted\.silent"):
        tool.column_rows(Planted)
