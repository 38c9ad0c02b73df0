"""The shape of the package: imports run one way, nothing happens at import, no plan in the code."""

from __future__ import annotations

import ast
import io
import os
import re
import subprocess
import sys
import textwrap
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "kts_analysis"
# A module may import only those before it. A module that is not listed fails: decide its place.
# fmt: off
ORDER = [
    "engine.jobs", "engine.channel", "engine.journal", "engine.surroundings", "engine.limits",
    "engine.processes", "engine.hosts", "engine.child", "engine.template", "engine.worker",
    "engine.outcomes", "engine.pool", "engine.shell", "engine.notebook_client",
    "engine.papermill_engine",
    "periods", "vi", "i18n", "errors", "disk", "yamlfile", "stamps", "schema",
    "ratios", "economy_indicators", "society_indicators", "service_indicators", "indicators",
    "indicator_names",
    "entries", "registry", "report_names", "border_changes", "areas", "moved_plans",
    "plan_checks", "registry_files", "weights_file", "boundaries", "map_shapes",
    "ingest.words", "ingest.numerals", "ingest.number_words", "ingest.number_text",
    "ingest.quantities", "ingest.period_text", "ingest.moments", "ingest.place_words",
    "ingest.places",
    "columns", "cell_checks", "checks", "screening", "reading", "store_cache", "store", "batches",
    "figures", "border_points", "selection", "refusals", "harmonising", "moved_targets",
    "moved_registry",
    "scales", "predictive", "steps", "pooling", "drift", "trend_fit", "trends", "panel",
    "attainment", "windows", "paces", "pace_records", "joint",
    "rules.words", "rules.grade", "rules.statcan", "rules.eurostat", "rules.unsd", "rules.escap",
    "rules.sdsn", "rules.jmp", "rules.reduction", "rules.paths", "rules.evaluation",
    "rules.compare",
    "rows", "neighbours", "views", "cases", "verdicts", "assessment", "revisions",
    "trajectories", "small_charts", "rollup", "moved_views", "rollup_bounds", "dependence",
    "rollup_forecast", "rollup_beside", "reconciliation", "published_against", "hindsight",
    "scenarios.entries", "scenarios.files", "scenarios.paths", "scenarios.solving",
    "scenarios.answers", "scenarios.asking", "scenarios.digest",
    "allocation.parts", "allocation.methods", "allocation.solving", "allocation.remedies",
    "allocation.wishes", "allocation.gathering", "allocation.answer", "allocation.rows",
    "backtest.panels", "backtest.panel_files", "backtest.cases", "backtest.lines",
    "backtest.statsforecast_peers", "backtest.methods", "backtest.rolling", "backtest.scores",
    "backtest.bootstrap", "backtest.trial", "backtest.evidence", "backtest.evidence_file",
    "wording", "allocation.wording", "allocation.out_of_reach", "allocation.workbook",
    "fragments", "scenarios.words", "chart_base", "charts", "backtest.figures", "tables",
    "rollup_tables", "status_tables",
    "documents.content", "documents.chart_axes", "documents.chart_marks", "documents.chart_svg",
    "documents.phrases", "documents.verdict_tables",
    "figure_tables", "quality", "quality_findings", "pages.context",
    "pages.other_borders",
    "pages.prepare",
    "pages.borders", "pages.rules", "pages.grounds", "pages.standing", "pages.changes",
    "pages.vintages", "pages.target", "pages.scenarios", "pages.area", "pages.beside",
    "pages.area_map",
    "pages.small_multiples",
    "pages.rollup_sums", "pages.rollup_ways", "pages.sharing", "pages.province",
    "pages.quality_words", "pages.quality_tables", "pages.quality", "pages.backtest",
    "pages.hindsight", "pages.warm",
    "exploring.friendly", "exploring.drawing", "exploring.choices", "exploring.looking",
    "exploring.pictures", "exploring.comparing", "exploring.assuming", "exploring.exporting",
    "exploring.widgets", "exploring.landing",
    "on_failure", "run_log",
    "documents.frame", "documents.area_content", "documents.province_content",
    "documents.rows", "reporting.links", "reporting.units", "documents.formats", "reporting.files",
    "documents.sheets", "documents.sheet_columns", "documents.workbook", "documents.xlsx",
    "documents.verdict_book",
    "documents.building", "documents.pictures", "documents.docx_format", "documents.docx_blocks",
    "documents.docx", "documents.pdf",
    "reporting.page_names", "reporting.page",
    "reporting.parts", "reporting.table_schemas", "reporting.datapackage",
    "reporting.execute", "reporting.manifest", "reporting.warm",
    "reporting.keys", "reporting.index", "reporting.proof", "reporting.quality",
    "reporting.finish",
    "reporting.making", "reporting.chunk", "reporting.dask_task", "reporting.on_dask",
    "reporting.earlier", "reporting.run", "reporting.verify",
    "ingest.cells", "ingest.part_scan", "ingest.containers", "ingest.delimited",
    "ingest.workbooks", "ingest.grids", "ingest.template_layout", "ingest.template_rows",
    "ingest.template_lists", "ingest.template_formats", "ingest.template_guide",
    "ingest.template_sheet", "ingest.template", "ingest.template_table",
    "ingest.template_sheets", "ingest.template_reading", "ingest.marked",
    "ingest.statements", "ingest.names", "ingest.mapping", "ingest.figure_columns",
    "ingest.mapped",
    "ingest.figure_words", "ingest.figure_cells", "ingest.meaning", "ingest.columns",
    "ingest.totals", "ingest.doubts", "ingest.files", "ingest.intake",
    "tutorials.desk", "tutorials.filling",
    "scheduling.common", "scheduling.systemd", "scheduling.cron", "scheduling.windows",
    "scheduling.command",
    "commands.options", "commands.sent", "commands.look", "commands.assumed",
    "commands.assess", "commands.revisions",
    "commands.quality", "commands.allocate_asked", "commands.allocate",
    "commands.run", "commands.schedule", "commands.lab",
    "commands.backtest_tables", "commands.backtest", "commands.template", "commands.ingest",
    "cli", "__main__",
]
# fmt: on
LONGEST = 400
# Names of one country's plans, places and targets: they live in data/. "kts" names the program.
PLAN_CONSTANTS = [
    r"Nam Định", r"Nam Dinh", r"(?i)nam[-_]dinh", r"quoc-gia", r"\bKTS[\d_]?\d", r"\bXHS[\d_]?\d",
    r"^(KTS|XHS)$", r"^VN$", r"Yên Bái", r"(?i)yen[-_]bai",
]  # fmt: skip

# What may be called while a module is imported: makers of constants, types and declarations.
# fmt: off
HARMLESS = {
    "N_", "TypeVar", "NamedTuple", "MappingProxyType", "dataclass", "field", "cache", "lru_cache",
    "frozenset", "set", "dict", "list", "tuple", "str", "int", "float", "len", "range",
    "enumerate", "zip", "sorted", "Path", "PurePosixPath", "date", "timedelta", "re.compile",
    "str.maketrans", "Decimal", "threading.Lock", "ConfigDict", "Field", "field_validator",
    "model_validator", "pa.Field",
    "StatusWord", "Mm", "Pt",
    "typer.Typer", "typer.Option", "typer.Argument", "app.command", "app.callback",
    "Observations.to_schema", "Trajectories.to_schema", "Verdicts.to_schema",
    "Verdicts.to_schema().columns.items",
}
# fmt: on


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")


def imported(tree: ast.AST, known: set[str]) -> Iterator[tuple[int, str]]:
    """Yield line and name of every module of the package that is imported, at any depth."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: relative import"
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name for name in inside if name.removeprefix("kts_analysis.") in known]
            names = names or [str(node.module)]
        else:
            continue
        for name in names:
            if name.startswith("kts_analysis."):
                yield node.lineno, name.removeprefix("kts_analysis.")


def wrong_imports(name: str, source: str) -> list[str]:
    if name not in ORDER:
        return [f"{name} has no place in ORDER"]
    allowed = set(ORDER[: ORDER.index(name)])
    return [
        f"{name}:{line} imports {other}, which is not before it"
        for line, other in imported(ast.parse(source), set(ORDER))
        if other not in allowed
    ]


def calls_at_import(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and name of all that is called when the module is imported."""

    def visit(node: ast.AST) -> Iterator[tuple[int, str]]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            now = [*node.args.defaults, *(item for item in node.args.kw_defaults if item)]
            now += getattr(node, "decorator_list", [])
            for part in now:
                yield from visit(part)
            return
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)
        for child in ast.iter_child_nodes(node):
            yield from visit(child)

    for statement in tree.body:
        if isinstance(statement, ast.If) and "__name__" in ast.unparse(statement.test):
            continue
        yield from visit(statement)


def acts_at_import(name: str, source: str) -> list[str]:
    """Return what a module does at import beyond declaring."""
    tree = ast.parse(source)
    classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    found = [
        f"{name}:{line} calls {called}"
        for line, called in calls_at_import(tree)
        if called.partition("(")[0] not in HARMLESS | classes
    ]
    loops = (ast.For, ast.While, ast.With, ast.Try, ast.Delete, ast.AugAssign)
    return found + [f"{name}:{node.lineno} acts" for node in tree.body if isinstance(node, loops)]


def plan_constants(source: str) -> list[str]:
    """Return what the code holds of one plan or place; docstrings may give examples."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    tree = ast.parse(source)
    texts = [str(node.value) for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    for node in ast.walk(tree):
        if isinstance(node, documented) and ast.get_docstring(node) is not None:
            texts.remove(ast.get_docstring(node, clean=False))  # type: ignore[arg-type]
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    return [text for text in texts + names if any(re.search(p, text) for p in PLAN_CONSTANTS)]


@pytest.mark.parametrize("path", modules(), ids=module_name)
def test_module(path: Path) -> None:
    name, source = module_name(path), path.read_text(encoding="utf-8")
    assert wrong_imports(name, source) == []
    assert acts_at_import(name, source) == []
    assert len(source.splitlines()) <= LONGEST
    assert plan_constants(source) == []
    assert source.startswith('"""')


def test_order_names_each_module_once() -> None:
    assert len(ORDER) == len(set(ORDER))
    core = {
        "registry",
        "schema",
        "store",
        "trends",
        "attainment",
        "cases",
        "verdicts",
        "assessment",
    }
    assert core <= {module_name(path) for path in modules()}


def test_indicators_know_nothing_of_the_rest() -> None:
    for name in ("ratios", "economy_indicators", "society_indicators", "service_indicators"):
        tree = ast.parse((PACKAGE / f"{name}.py").read_text(encoding="utf-8"))
        assert {other for _, other in imported(tree, set(ORDER))} <= {"ratios", "vi"}


def test_importing_opens_no_data(tmp_path: Path) -> None:
    """Import the core in an empty folder: no data file is read, nothing is written or said."""
    program = """
import sys
opened = []
sys.addaudithook(lambda event, args: opened.append(args) if event == "open" else None)
import kts_analysis.trajectories, kts_analysis.rollup
for place, mode, _ in opened:
    name = str(place).replace("\\\\", "/")
    if name.endswith((".csv", ".yml")) and "kts" in name or mode and set(mode) & set("wax+"):
        if not name.endswith(".pyc") and "__pycache__" not in name:
            print(name, mode)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


# --- the checks themselves can fail ---------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "from kts_analysis.assessment import assess",
        "import kts_analysis.cli",
        "from kts_analysis import tables",
        "def late():\n    from kts_analysis.reporting.run import run",
        "from kts_analysis.trends import fit_series",  # itself
    ],
)
def test_an_upward_import_is_noticed(source: str) -> None:
    assert len(wrong_imports("trends", source)) == 1
    assert wrong_imports("brand_new", "") == ["brand_new has no place in ORDER"]
    assert wrong_imports("trends", "from kts_analysis import periods\nimport numpy") == []


@pytest.mark.parametrize(
    "source",
    [
        "TEXT = open('data/areas.csv').read()",
        "print('hello')",
        "class A:\n    table = pd.read_csv('x.csv')",
        "def f(now=datetime.now()):\n    return now",
        "@register('x')\ndef f():\n    pass",
        "for name in ():\n    pass",
    ],
)
def test_an_act_at_import_is_noticed(source: str) -> None:
    assert acts_at_import("trends", source)
    assert acts_at_import("trends", f"def later():\n{textwrap.indent(source, '    ')}") == []


@pytest.mark.parametrize(
    "text",
    ["'Nam Định'", "'KTS01'", "'XHS05'", "'nam-dinh-105'", "'VN'", "'XHS'", "f'{n} nam_dinh'"],
)
def test_a_constant_of_a_plan_is_noticed(text: str) -> None:
    assert plan_constants(f"TARGET = {text}")
    assert plan_constants(f"def f(area={text}):\n    return area")
    assert plan_constants(f'"""An example: {text}."""\nLANGUAGE = "vi-VN"') == []


SHIPPED = sorted(
    path
    for folder in ("templates", "assets", "evidence")
    for path in (PACKAGE / folder).rglob("*")
    if path.suffix in (".html", ".css", ".js", ".json")
)


@pytest.mark.parametrize("path", [*modules(), *SHIPPED], ids=lambda path: path.name)
def test_no_place_or_plan_in_comments_and_shipped_files(path: Path) -> None:
    """A comment that explains by one province tempts the next line to be written for it."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        text = "\n".join(token.string for token in tokens if token.type == tokenize.COMMENT)
    assert re.findall(r"Nam Định|nam-dinh|\b(?:KTS|XHS)\d", text) == []
