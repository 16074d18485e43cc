"""Which layer imports which, and what is not imported at all until it is needed.

The table is the design's: every import counts, at the top of a module, inside a function, and for types only.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import xentcli
from tests.cli.runner import xent

ROOT = Path(xentcli.__file__).parent
RESULTS = {
    "results",
    "result_parts",
    "column_results",
    "compare_results",
    "worst_results",
    "gradient_results",
    "gate_results",
    "verdict_results",
    "explain_results",
}
GIVEN = {"brief", "counts", "file_names", "json_text"}  # values that users give, and what messages say of them
BASE = {
    "frozen",
    "errors",
    *GIVEN,
    *RESULTS,
    "selectors",
    "units",
    "metrics",
    "explanations",
    "intervals",
    "writing",
}
GATING = {
    "changes",
    "compare_gates",
    "requirements",
    "scanner",
    "limits",
    "verdicts",
    "gate_values",
    "gates",
    "baseline",
    "gating",
}
ANSWERING = {"assembly", "core", "data", "engine"}
LAYERS: dict[str, set[str]] = {
    # layer: what it may import besides the standard library, itself and `xentcli` (the version)
    "frozen": set(),
    "errors": BASE,
    "shortage": set(),
    **dict.fromkeys(GIVEN, BASE),
    **dict.fromkeys(RESULTS, BASE),
    "selectors": BASE,
    "explanations": BASE,
    "units": BASE,
    "writing": BASE,
    "metrics": BASE,
    "intervals": set(),
    "core": {"numpy", *BASE},
    "data": {"pyarrow", "numpy", "core", "errors", "frozen", "shortage", *GIVEN},
    "engine": {"core", "data", "numpy", "errors", "frozen"},
    **{layer: {*BASE, *GATING} for layer in GATING},
    "config": {*BASE, *GATING},
    "render": {"rich", *BASE},
    "states": {"assembly", "core", "data", "engine", "numpy", *BASE},
    "state_file": {"assembly", "core", "data", "states", *BASE},
    "assembly": {"core", "data", "engine", *BASE},  # what `api` leaves to it: from sources to a result
    "requests": {*ANSWERING, *GATING, *BASE},
    "answers": {"requests", "state_file", *ANSWERING, *GATING, *BASE},
    "api": {"answers", "requests", "config", "render", "numpy", *ANSWERING, *GATING, *BASE},
    "cli": {
        "api",
        *RESULTS,
        "gates",
        "config",
        "render",
        "errors",
        "frozen",
        "units",
        "writing",
        "shortage",
        *GIVEN,
        "click",
    },
    "__main__": {"cli", "shortage"},
    "": {"api"},
}
# DataFrames come in and go out here; pandas is imported inside the functions, or for types only.
PANDAS = {"data/frames.py", "results.py"}
DASK = {"engine/dask.py", "engine/dask_cluster.py"}
RICH = {"render/table.py", "render/progress.py"}  # themselves imported where they are used
MODULES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py"))


def layer_of(module: str) -> str:
    first = module.partition("/")[0].removesuffix(".py")
    return "" if first == "__init__" else first


def imports(module: str) -> Iterator[tuple[str, bool]]:
    """(what is imported, whether when the module is): a layer, or the name of another package."""
    tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    at_once = set(_at_once(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Constant) and re.fullmatch(r"xentcli(\.\w+)+", str(node.value)):
            names = [str(node.value)]  # of a module that is imported by name
        else:
            continue
        for name in names:
            yield _layer_of_import(name), node in at_once


def _at_once(node: ast.AST) -> Iterator[ast.AST]:
    """What is run when the module is imported: neither bodies of functions nor imports for types."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        yield child
        yield from _at_once(child)


def _layer_of_import(name: str) -> str:
    package, _, rest = name.partition(".")
    if package != "xentcli":
        return package
    inside = rest.partition(".")[0]
    is_module = (ROOT / f"{inside}.py").exists() or (ROOT / inside / "__init__.py").exists()
    return inside if is_module else ""


@pytest.mark.parametrize("module", MODULES)
def test_a_layer_imports_what_its_row_allows(module: str) -> None:
    layer = layer_of(module)
    allowed = {*LAYERS[layer], layer, "", *sys.stdlib_module_names}
    allowed |= {"pandas"} if module in PANDAS else set()
    allowed |= {"dask", "distributed"} if module in DASK else set()
    assert {name for name, _ in imports(module)} - allowed == set()


@pytest.mark.parametrize("module", MODULES)
def test_heavy_modules_are_imported_where_they_are_used(module: str) -> None:
    at_once = {name for name, now in imports(module) if now}
    assert not at_once & {"pandas", "scipy", "sklearn", "dask", "distributed", "matplotlib"}
    assert "rich" not in at_once or module in RICH


def test_the_table_has_no_row_for_nothing() -> None:
    assert set(LAYERS) <= {layer_of(module) for module in MODULES}


@pytest.mark.parametrize("module", MODULES)
def test_no_class_is_made_by_the_slow_decorator(module: str) -> None:
    assert not re.search(r"^@dataclass\(.*frozen", (ROOT / module).read_text(encoding="utf-8"), re.MULTILINE)


# What a run loads

HEAVY = (
    "pandas",
    "scipy",
    "sklearn",
    "dask",
    "distributed",
    "matplotlib",
    "torch",
    "IPython",
    "hypothesis",
    "pytest",
)


def loaded(*arguments: str, cwd: Path) -> set[str]:
    """The packages that a run imports, and the modules of this one."""
    run = xent(*arguments, cwd=cwd, command=(sys.executable, "-X", "importtime", "-m", "xentcli"))
    assert run.code == 0, run.stderr
    return {name if name.startswith("xentcli.") else name.partition(".")[0] for name in imported(run.stderr)}


def imported(log: str) -> list[str]:
    return re.findall(r"^import time:\s+\d+ \|\s+\d+ \|\s+(\S+)$", log, re.MULTILINE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("imports")
    table = pa.table({"label": ["a", "b"], "p_a": [0.75, 0.375], "p_b": [0.25, 0.625]})
    pq.write_table(table, folder / "good.parquet")
    (folder / "good.csv").write_text('note,label,p_a,p_b\n"x\ny",a,0.75,0.25\n,b,1,0\n')
    return folder


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("explain", "log_loss", "--format", "json")])
def test_help_loads_none_of_the_machinery(arguments: tuple[str, ...], folder: Path) -> None:
    names = loaded(*arguments, cwd=folder)
    assert not names & {*HEAVY, "numpy", "pyarrow", "rich"}
    assert not {name for name in names if name.startswith(("xentcli.core", "xentcli.data", "xentcli.engine"))}


@pytest.mark.parametrize("format", ["json", "table", "csv", "markdown"])
@pytest.mark.parametrize("file", ["good.csv", "good.parquet"])
def test_scoring_loads_nothing_heavy(file: str, format: str, folder: Path) -> None:
    names = loaded("score", file, "--format", format, cwd=folder)
    assert not names & set(HEAVY)
    assert ("rich" in names) == (format == "table")


# What only options, faults and other formats need, and the time of a small file is not to be spent on.
ASIDE = {
    "bz2", "csv", "decimal", "difflib", "fractions", "hashlib", "lzma", "random", "shutil", "statistics",
    "tempfile",
}  # fmt: skip
ASIDE_HERE = {
    *(GATING - {"gating"}),  # what nothing required needs
    "config",
    "data.join", "data.label_file", "data.ledger", "data.ids", "data.renamed", "data.shared_columns",
    "data.compression", "data.folders", "data.partitions", "data.remote", "data.class_mix",
    "assembly.compare", "assembly.merge", "assembly.worst", "state_file", "states", "engine.dask",
}  # fmt: skip


def test_a_plain_score_loads_what_it_needs(folder: Path) -> None:
    beside = [sys.executable, "-X", "importtime", "-c", "import numpy, pyarrow.csv, click"]
    unavoidable = set(imported(subprocess.run(beside, capture_output=True, text=True, check=True).stderr))
    names = loaded("score", "good.csv", "--format", "json", cwd=folder)
    assert names & ASIDE <= unavoidable
    assert not names & {f"xentcli.{name}" for name in ASIDE_HERE}


def test_scoring_text_does_not_load_parquet(folder: Path) -> None:
    assert "xentcli.sources.parquet" not in loaded("score", "good.csv", "--format", "json", cwd=folder)
