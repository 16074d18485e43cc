"""Which room imports which: the table of the design, held against every import, and no circle among modules.

An import counts wherever it stands: at the top of a module, inside a function, for types, or by a module's name.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import xentcli

PACKAGE = Path(xentcli.__file__).parent
ROOT = {"errors", "units", "files", "wording", "intervals"}  # what every room may import, one another included
MODULES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in PACKAGE.rglob("*.py")
    if path.parent.name != "native"  # sources of the kernel, and what builds it: no part of the program
}

READING = {"sources", "columns", "decoding", "joining"}
ANALYSIS = {"results", "gates", "core", *READING, "engine", "states"}
ROOMS: dict[str, set[str]] = {
    "results": set(),
    "gates": {"results"},
    "core": {"results"},
    "sources": {"core"},  # types
    "columns": {"sources", "core"},
    "decoding": {"columns", "sources", "core"},
    "joining": {"decoding", "columns", "sources", "core"},
    "engine": {"results", "core", *READING},
    "states": {"engine", "core", "results", *READING},  # results and readings: the types of what is saved
    "analysis": ANALYSIS,
    "api": {*ANALYSIS, "analysis", "render"},
    "render": {"results", "gates"},
    "docs": set(),
    "cli": {"api", "docs", "gates", "render", "results"},
    "__main__": {"cli"},
    "": {"api"},  # `from xentcli import score`; how results show themselves
}
# Packages beyond the standard library that a room may import, and where they may be imported at once.
PACKAGES = {
    "core": {"numpy"},
    "sources": {"numpy", "pyarrow", "fsspec", "boto3", "botocore"},
    "columns": {"numpy", "pyarrow"},
    "decoding": {"numpy", "pyarrow"},
    "joining": {"numpy", "pyarrow"},
    "engine": {"numpy", "pyarrow", "dask", "distributed"},
    "states": {"numpy"},
    "analysis": {"numpy", "pyarrow"},
    "api": {"numpy", "pyarrow", "pandas"},
    "results": {"pandas"},
    "render": {"rich", "resvg_py"},
    "cli": {"click"},
}
ANYWHERE = {*sys.stdlib_module_names, "msgspec"}
LAZY = {"pandas", "dask", "distributed", "fsspec", "boto3", "botocore", "resvg_py"}  # inside functions only
RICH = {
    "render.pages",
    "render.styled",
    "render.table",
    "render.progress",
}  # modules that are themselves imported where they are used
DASK = {"engine.dask.engine", "engine.dask.cluster"}


def room_of(module: str) -> str:
    """The first part of a module's name; of modules at the root itself, their own."""
    return module.partition(".")[0]


def imports(module: str) -> Iterator[tuple[str, bool]]:
    """(full name of what is imported, whether it is when the module is)."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    at_once = set(at_import(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Constant) and re.fullmatch(r"xentcli(\.\w+)+", str(node.value)):
            names = [str(node.value)]
        else:
            continue
        yield from ((name, node in at_once) for name in names)


def at_import(node: ast.AST) -> Iterator[ast.AST]:
    """What runs when a module is imported: neither bodies of functions nor what is for types."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.Lambda) or (
            isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test)
        ):
            continue
        yield child
        yield from at_import(child)


def module_of(name: str) -> str | None:
    """The module of this package that a full name is, or is something of; None for other packages."""
    package, _, rest = name.partition(".")
    if package != "xentcli":
        return None
    while rest and rest not in MODULES:
        rest = rest.rpartition(".")[0]
    return rest


def test_a_room_imports_what_its_row_names() -> None:
    wrong = []
    for module in MODULES:
        room = "" if module == "__init__" else room_of(module)
        allowed = ROOT if room in ROOT else ROOMS[room] | ROOT | {room, ""}
        for name, _ in imports(module):
            inner = module_of(name)
            if inner is None:
                package = name.partition(".")[0]
                if package not in PACKAGES.get(room, set()) and package not in ANYWHERE:
                    wrong.append(f"{module} imports {package}")
            elif room_of(inner) not in allowed:
                wrong.append(f"{module} imports {inner}")
    assert sorted(set(wrong)) == []


def test_heavy_packages_are_imported_where_they_are_used() -> None:
    packages = {(module, name.partition(".")[0], now) for module in MODULES for name, now in imports(module)}
    at_once = {
        f"{module} imports {package} at once"
        for module, package, now in packages
        if now and (package in LAZY or (package == "rich" and module not in RICH))
    }
    dask = {module for module, package, _ in packages if package in ("dask", "distributed")}
    assert (at_once, dask - DASK) == (set(), set())


def test_no_circle() -> None:
    """What is imported for types, or when something is called, counts as well."""
    arrows = {
        module: {inner for name, _ in imports(module) if (inner := module_of(name)) and inner != module}
        for module in MODULES
        if module != "__init__"  # whose `score` is loaded when it is asked for
    }
    assert circles(arrows) == []


def circles(arrows: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules each of which leads to every other (Tarjan 1972)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found = []

    def visit(module: str) -> None:
        number[module] = low[module] = len(number)
        stack.append(module)
        for other in sorted(arrows.get(module, ())):
            if other not in number:
                visit(other)
                low[module] = min(low[module], low[other])
            elif other in stack:
                low[module] = min(low[module], number[other])
        if low[module] == number[module]:
            at = stack.index(module)
            group = stack[at:]
            del stack[at:]
            if len(group) > 1:
                found.append(sorted(group))

    for module in sorted(arrows):
        if module not in number:
            visit(module)
    return found


def test_the_root_holds_what_every_room_needs() -> None:
    loose = {path.stem for path in PACKAGE.glob("*.py")}
    assert loose == ROOT | {"__init__", "__main__"}


def test_the_compiled_kernel_is_loaded_in_one_place() -> None:
    assert [name for name, path in MODULES.items() if "libxent" in path.read_text("utf-8")] == ["core.kernel"]


def test_no_room_is_crowded() -> None:
    files = {path: len(list(path.glob("*.py"))) for path in PACKAGE.rglob("*") if path.is_dir()}
    assert {path.name: count for path, count in files.items() if count > 23} == {}
