"""make.py and its two tools: what they install, what they start and what they report."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from kts_analysis.documents.formats import FORMATS

ROOT = Path(__file__).resolve().parent.parent
JUNIT = '<testsuites><testsuite tests="{}" failures="{}" errors="{}" skipped="{}"/></testsuites>'


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """make.py, loaded by path (nothing may run at import)."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    spec = importlib.util.spec_from_file_location("make_under_test", ROOT / "make.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checks(make: ModuleType) -> ModuleType:
    return importlib.import_module("make_checks")


@pytest.fixture
def project(make: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """tools/make_environment.py, working on an empty project folder."""
    environment = importlib.import_module("make_environment")
    for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "VENV", tmp_path / ".venv")
    return environment


@pytest.fixture
def commands(project: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The set-up commands that would have been run; the first makes a fake Python."""
    seen: list[list[str]] = []

    def record(command: list[str], problem: str) -> None:
        seen.append(command)
        project.venv_python().parent.mkdir(parents=True, exist_ok=True)
        project.venv_python().touch()

    monkeypatch.setattr(project, "run_logged", record)
    return seen


def fake_run(code: int, seen: list[dict[str, Any]]) -> Callable[..., SimpleNamespace]:
    def run(command: list[str], **options: Any) -> SimpleNamespace:
        seen.append({"command": command, **options})
        return SimpleNamespace(returncode=code, stdout="")

    return run


# --- which Python


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 6, 15), (3, 10, 9)])
def test_an_old_python_is_named(make: ModuleType, version: tuple[int, int, int]) -> None:
    text = make.python_problem(version)
    assert ".".join(map(str, version)) in text
    assert "3.11" in text


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 4), (4, 0, 0)])
def test_a_new_python_is_accepted(make: ModuleType, version: tuple[int, int, int]) -> None:
    assert make.python_problem(version) == ""


def test_an_old_python_ends_with_one_line(
    make: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(make.sys, "version_info", (3, 9, 2, "final", 0))
    assert make.main(["run"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "3.9.2 is too old" in error


def test_make_py_can_be_read_by_an_old_python() -> None:
    tree = ast.parse((ROOT / "make.py").read_text(encoding="utf-8"))
    too_new = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Match, ast.Starred)
    assert [type(node) for node in ast.walk(tree) if isinstance(node, too_new)] == []
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert all(f.returns is None and not any(a.annotation for a in f.args.args) for f in functions)


# --- the environment


def test_nothing_is_installed_twice(project: ModuleType, commands: list[list[str]]) -> None:
    project.install("run")
    assert [command[1:3] for command in commands] == [["-m", "venv"], ["-m", "pip"], ["-m", "pip"]]
    assert commands[1][-3:] == ["--require-hashes", "-r", "requirements.lock"]
    assert {"--no-deps", "--no-build-isolation", "--editable"} <= set(commands[2])
    project.install("run")
    assert len(commands) == 3


def test_test_adds_to_run_and_contains_it(project: ModuleType, commands: list[list[str]]) -> None:
    project.install("run")
    del commands[:]
    project.install("test")
    assert [command[1:3] for command in commands] == [["-m", "pip"], ["-m", "pip"]]
    assert commands[0][-1] == "requirements-dev.lock"
    project.install("run")
    project.install("test")
    assert len(commands) == 2


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "pyproject.toml"])
def test_a_changed_file_means_a_new_environment(
    project: ModuleType, commands: list[list[str]], name: str
) -> None:
    project.install("test")
    del commands[:]
    (project.ROOT / name).write_text("changed", encoding="utf-8")
    project.install("test")
    assert "--clear" in commands[0]
    assert len(commands) == 3


def test_a_lost_python_means_a_new_environment(
    project: ModuleType, commands: list[list[str]]
) -> None:
    project.install("run")
    project.venv_python().unlink()
    assert project.installed_level() == ""


def test_an_interrupted_install_is_not_complete(
    project: ModuleType, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    project.install("run")
    (project.ROOT / "requirements.lock").write_text("changed", encoding="utf-8")

    def fail(command: list[str], problem: str) -> None:
        raise project.MakeError(problem)

    monkeypatch.setattr(project, "run_logged", fail)
    with pytest.raises(project.MakeError):
        project.install("run")
    (project.ROOT / "requirements.lock").write_text("requirements.lock", encoding="utf-8")
    assert project.installed_level() == ""


def test_wheels_keep_pip_off_the_network(
    project: ModuleType, commands: list[list[str]], tmp_path: Path
) -> None:
    project.install("run", tmp_path)
    for command in commands[1:]:
        place = command.index("--no-index")
        assert command[place + 1 : place + 3] == ["--find-links", str(tmp_path)]


def test_a_failing_command_gives_its_own_last_error(project: ModuleType) -> None:
    project.VENV.mkdir()
    script = "print('ERROR: first'); print('ERROR: no such wheel'); print('note'); exit(1)"
    with pytest.raises(project.MakeError) as caught:
        project.run_logged([sys.executable, "-c", script], "pip failed")
    assert str(caught.value).startswith("pip failed (ERROR: no such wheel;")
    assert "\n" not in str(caught.value)
    assert "ERROR: first" in (project.VENV / "install.log").read_text(encoding="utf-8")


def test_split_wheels(project: ModuleType) -> None:
    (project.ROOT / "w").mkdir()
    folder = (project.ROOT / "w").resolve()
    assert project.split_wheels(["run", "--limit", "2"]) == (None, ["run", "--limit", "2"])
    assert project.split_wheels(["run", "--wheels", "w", "-x"]) == (folder, ["run", "-x"])
    assert project.split_wheels(["run", "--wheels=w"]) == (folder, ["run"])
    for wrong in (["--wheels"], ["--wheels", "nowhere"], ["--wheels="]):
        with pytest.raises(project.MakeError, match="existing folder"):
            project.split_wheels(wrong)


def test_expected_failures_end_with_one_line(
    make: ModuleType,
    project: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(level: str, wheels: Path | None) -> None:
        raise project.MakeError("pip could not: Nam Định")

    monkeypatch.setattr(project, "install", fail)
    assert make.main(["run"]) == 2
    assert make.main(["runn"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "make.py: pip could not: Nam ??nh",
        'make.py: unknown command "runn": run, test, lab, docs or clean.',
    ]


@pytest.mark.parametrize(("code", "expected"), [(0, 0), (1, 1), (2, 2), (3, 3), (-9, 137)])
def test_the_exit_code_of_kts_is_that_of_make(
    make: ModuleType,
    project: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    expected: int,
) -> None:
    seen: list[dict[str, Any]] = []
    monkeypatch.setattr(project, "install", lambda level, wheels: None)
    monkeypatch.setattr(project.subprocess, "run", fake_run(code, seen))
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    assert make.main(["run", "--limit", "1"]) == expected
    asked = ["-m", "kts_analysis", "run", "--limit", "1", "--formats", "html,xlsx"]
    assert seen[0]["command"][1:] == asked
    assert seen[0]["env"]["PYTHONUTF8"] == "1"
    assert "PYTHONPATH" not in seen[0]["env"]


@pytest.mark.parametrize(("code", "expected"), [(0, 0), (1, 1), (2, 1)])
def test_the_reference_is_built_with_complaints_as_errors(
    make: ModuleType,
    project: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    expected: int,
) -> None:
    levels: list[str] = []
    seen: list[dict[str, Any]] = []
    monkeypatch.setattr(project, "install", lambda level, wheels: levels.append(level))
    monkeypatch.setattr(project.subprocess, "run", fake_run(code, seen))
    assert make.main(["docs"]) == expected
    assert levels == ["test"]  # Sphinx is locked with what the checks need
    assert seen[0]["command"][1:4] == ["-m", "sphinx", "-W"]
    assert seen[0]["command"][-1].endswith("_build")


def test_make_run_makes_the_usual_forms_unless_some_are_named(make: ModuleType) -> None:
    usual = make.FORMATS.split(",")
    assert usual[0] == "html" and set(usual[1:]) < {each.name for each in FORMATS}
    assert make.with_formats(["run", "--force"]) == ["run", "--force", "--formats", make.FORMATS]
    for named in (["run", "--formats", "docx"], ["run", "--formats=html"], ["lab"]):
        assert make.with_formats(named) == named


# --- Chromium


def executable(folder: Path, name: str) -> str:
    path = folder / (f"{name}.exe" if os.name == "nt" else name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o755)
    return str(path)


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome", "msedge"])
def test_chromium_is_found_on_the_path(checks: ModuleType, tmp_path: Path, name: str) -> None:
    path = executable(tmp_path, name)
    found = checks.find_chromium({"PATH": str(tmp_path)}, "linux")
    assert os.path.normcase(found) == os.path.normcase(path)


def test_chromium_missing_is_said(checks: ModuleType, tmp_path: Path) -> None:
    assert checks.find_chromium({"PATH": str(tmp_path)}, "linux") == ""
    assert "KTS_CHROMIUM" in checks.CHROMIUM_MISSING
    assert "\n" not in checks.CHROMIUM_MISSING


def test_the_named_chromium_wins(checks: ModuleType, tmp_path: Path) -> None:
    executable(tmp_path, "chromium")
    own = executable(tmp_path / "own", "my-browser")
    assert checks.find_chromium({"PATH": str(tmp_path), "KTS_CHROMIUM": own}, "linux") == own
    wrong = {"PATH": str(tmp_path), "KTS_CHROMIUM": str(tmp_path / "nowhere")}
    assert checks.find_chromium(wrong, "linux") == ""


def test_chromium_is_found_in_the_windows_folders(checks: ModuleType, tmp_path: Path) -> None:
    edge = tmp_path / "Microsoft/Edge/Application/msedge.exe"
    edge.parent.mkdir(parents=True)
    edge.touch()
    found = checks.find_chromium({"PATH": "", "PROGRAMFILES(X86)": str(tmp_path)}, "win32")
    assert Path(found) == edge


# --- the checks


def test_the_steps(checks: ModuleType) -> None:
    steps = {step.name: step for step in checks.check_steps("/usr/bin/chromium", [])}
    assert list(steps) == [
        "ruff check",
        "ruff format",
        "mypy",
        "notebooks (nbval)",
        "browser",
        "tests",
    ]
    assert all(step.blocked == "" for step in steps.values())
    assert {"--nbval", "notebooks"} <= set(steps["notebooks (nbval)"].arguments)


def test_pytest_arguments_reach_the_tests_only(checks: ModuleType) -> None:
    steps = {step.name: step for step in checks.check_steps("chromium", ["-k", "vi"])}
    assert steps["tests"].arguments[-2:] == ("-k", "vi")
    assert steps["browser"].arguments[-2:] == ("-k", "vi")
    assert steps["notebooks (nbval)"].blocked != ""
    assert steps["mypy"].arguments == ("-m", "mypy")


def test_count_tests(checks: ModuleType, tmp_path: Path) -> None:
    report = tmp_path / "junit.xml"
    report.write_text(JUNIT.format(10, 2, 1, 3), encoding="utf-8")
    assert checks.count_tests(report) == (4, 3, 3)


@pytest.mark.parametrize(
    ("code", "counts", "may_be_empty", "state"),
    [
        (0, (5, 0, 0), False, "passed"),
        (0, (5, 0, 2), False, "passed"),
        (0, (0, 0, 7), False, "NOT RUN"),
        (0, (0, 0, 0), False, "NOT RUN"),
        (1, (5, 1, 0), False, "FAILED"),
        (4, (0, 0, 0), False, "FAILED"),
        (5, (0, 0, 0), False, "FAILED"),
        (5, (0, 0, 0), True, "NOT RUN"),
    ],
)
def test_judge_pytest(
    checks: ModuleType, code: int, counts: tuple[int, int, int], may_be_empty: bool, state: str
) -> None:
    step = checks.Step("browser", (), is_pytest=True, may_be_empty=may_be_empty)
    assert checks.judge_pytest(step, code, counts).state == state


def test_the_table_tells_the_three_states_apart(checks: ModuleType) -> None:
    good = checks.Result("tests", "passed", "3 passed", passed=3)
    bad = checks.Result("mypy", "FAILED", "exit code 1", failed=0)
    left = checks.Result("browser", "NOT RUN", "Chromium is missing")
    table, code = checks.summary([bad, left, good])
    lines = table.splitlines()
    assert code == 1
    assert lines[0].split() == ["mypy", "FAILED", "exit", "code", "1"]
    assert "NOT RUN" in lines[1] and "passed" not in lines[1]
    assert lines[-1] == "3 passed, 0 failed, 0 skipped"
    assert checks.summary([left, good])[1] == 0
    assert checks.summary([left])[1] == 1  # nothing ran: no success


def test_all_checks_run_after_a_failure(
    checks: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[str] = []

    def run(command: list[str], **options: Any) -> SimpleNamespace:
        seen.append(" ".join(command[1:4]))
        for text in command:
            if text.startswith("--junitxml="):
                report = Path(text.partition("=")[2])
                report.write_text(JUNIT.format(2, 0, 0, 0), encoding="utf-8")
        return SimpleNamespace(returncode=1 if "ruff" in command else 0)

    monkeypatch.setattr(checks.subprocess, "run", run)
    monkeypatch.setattr(checks, "find_chromium", lambda environment: "")
    assert checks.run_checks([]) == 1
    assert seen == [
        "-m ruff check",
        "-m ruff format",
        "-m mypy",
        "-m pytest --nbval",
        "-m pytest -n",
    ]
    output = capsys.readouterr().out
    assert output.startswith(checks.CHROMIUM_MISSING)
    rows = {line.split("  ")[0]: line for line in output.splitlines()}
    assert "FAILED" in rows["ruff check"]
    assert "NOT RUN" in rows["browser"] and "passed" not in rows["browser"]
    assert "passed" in rows["tests"]


def test_make_runs_as_a_program_and_shows_help() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "make.py"), "--help"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0
    assert "python make.py test" in done.stdout
