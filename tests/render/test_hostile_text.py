"""Every string of every result, as what would steer a terminal, a build log or a page, through every renderer.

A string reaches a person with what would not show written out, and no line that is printed begins a command of a
build log. Programs get it exact. A field that is added, or a renderer, is tried here by itself.
"""

from __future__ import annotations

import csv
import io
import json
import pkgutil
import re
import tomllib
from enum import Enum
from typing import Any

import msgspec
import pytest
from lxml import etree, html
from markdown_it import MarkdownIt

import xentcli.render
from tests.cli.runner import ANSI
from tests.hostile import HOSTILE, refuse_hostile
from tests.values import fields, replace
from xentcli import api
from xentcli.render import notebook
from xentcli.render.formats import FORMATS, render
from xentcli.render.github import summary, workflow_commands
from xentcli.render.html import page
from xentcli.render.junit import junit
from xentcli.render.page import Page
from xentcli.render.reports.kinds import REPORTS
from xentcli.render.starting_config import starting_config
from xentcli.results.explain import explain
from xentcli.results.gate import GateResult
from xentcli.results.report import ReportResult

PLAIN = "cat "  # in front of every string, as the hostile ones are: they stay as different as they were

# Words of ours by which a renderer looks something up; and dictionaries whose keys are such words.
LOOKED_UP = {"BaselineChange.name", "Gate.metric", "Gate.verdict", "ScoreResult.input_kind"}
KEYS = {
    "CompareResult.metrics", "RankedModel.differences", "SliceDifference.metrics", "CompareResult.unavailable",
    "DivergenceResult.columns", "DivergenceResult.input_kind", "DivergenceResult.unavailable",
    "ScoreResult.unavailable",
}  # fmt: skip


def hostile(value: Any, prefix: str, field: str = "") -> Any:
    """The same with `prefix` in front of every string, wherever it stands."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return value if field in LOOKED_UP else prefix + value
    if isinstance(value, tuple):
        return tuple(hostile(each, prefix, field) for each in value)
    if isinstance(value, dict):
        names = {name: name if field in KEYS else hostile(name, prefix) for name in value}
        return {names[name]: hostile(each, prefix) for name, each in value.items()}
    if isinstance(value, msgspec.Struct):
        kind = type(value).__name__
        return replace(
            value,
            **{each: hostile(getattr(value, each), prefix, f"{kind}.{each}") for each in fields(value)},
        )
    return value


# What is shown: one result of each kind, with something in every part

Results = dict[str, Any]
ROWS = [
    "r0,a,0.6,0.3,0.1,0.3,0.4,0.3,x,u",
    "r1,b,0.2,0.5,0.3,0.3,0.4,0.3,y,u",
    "r2,c,0.1,0.3,0.6,0.3,0.4,0.3,,v",
    "r3,a,0.2,0.5,0.3,0.3,0.4,0.3,x,v",
    "r4,b,0,1,0,0.3,0.4,0.3,y,w",
    "r5,c,1,0,0,0.3,0.4,0.3,x,w",
    "r6,d,0.2,0.5,0.3,0.3,0.4,0.3,y,w",
    "r7,a,0.6,0.3,0.1,0.3,0.4,0.3,x,w",
]
REQUIRED = (
    "log_loss <= 0.01", "recall[a] >= 0.9", "accuracy[site=*] >= 0.9", "brier >= 0", "accuracy[site=x] >= 0.2",
)  # fmt: skip


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """By the format of its JSON: slices with a missing value, ids, an infinite row, an ignored class, gates."""
    folder = tmp_path_factory.mktemp("shown")
    path = folder / "preds.csv"
    path.write_text("\n".join(["id,label,p_a,p_b,p_c,o_a,o_b,o_c,site,user", *ROWS, ""]))
    (folder / "old.csv").write_text("\n".join(["id,label,o_a,o_b,o_c,p_a,p_b,p_c,site,user", *ROWS, ""]))
    (folder / "soft.csv").write_text("t_a,t_b,p_a,p_b\n0.5,0.5,0.25,0.75\n1,0,0.5,0.5\n")
    spec = api.ColumnSpec(label="label", prob=("p_*",), by=("site", "label,site"), cluster="user")
    policy = api.policy(None, False, 0.01, "skip", ["d"], {"a": 2.0}, 0.0)
    mix = (("a", 0.5), ("b", 0.25), ("c", 0.25))
    inputs, plain = api.InputRequest((path,), spec), replace(spec, by=(), cluster=None)
    request = api.ScoreRequest(inputs, policy, prior=mix, gating=api.parse_gating(REQUIRED), reliability=True)
    gated = replace(api.gate_of(request), baseline="main.json")
    base = api.InputRequest((folder / "old.csv",), plain)
    paired = api.parse_gating(["log_loss <= baseline"], paired=True)
    ranks = ["may_be_best[old]", "brier[preds, site=*] <= baseline"]
    shown = replace(plain, show=("id", "site"), cluster="user")
    found: Results = {
        "xent.score": gated.score,
        "xent.gate": gated,
        "xent.compare": api.compare_files(api.CompareRequest(base, inputs, "id", policy, gating=paired)),
        "xent.rank": api.rank_files(
            api.RankRequest(
                api.models_of_files(replace(inputs, paths=(path, folder / "old.csv"))),
                on="id",
                base="old",
                policy=policy,
                gating=api.parse_gating(ranks, paired=True, ranked=True),
            )
        ),
        "xent.divergence": api.diverge_files(
            api.DivergenceRequest(
                replace(base, spec=replace(plain, label=None)),
                replace(inputs, spec=replace(spec, label=None)),
                "id",
                gating=api.parse_divergence_gating(["kl <= 0.01", "kl[site=*] <= 1"]),
            )
        ),
        "xent.worst": api.worst_of(api.WorstRequest(api.InputRequest((path,), shown), policy=policy)),
        "xent.gradients": api.gradients_of(api.GradientsRequest(api.InputRequest((path,), plain), policy)),
        "xent.calibrate": api.calibrate_files(
            api.CalibrateRequest(
                api.InputRequest((path,), plain), policy=policy, gating=api.parse_gains(["gain >= 0.1"])
            )
        ),
        "xent.columns": api.columns_of(api.InputRequest((path,), api.ColumnSpec(label="lable"))),
        "xent.columns, clear": api.columns_of(inputs),
        "xent.score, soft": api.score_files(
            api.ScoreRequest(api.InputRequest((folder / "soft.csv",), api.ColumnSpec(target=("t_*",))))
        ),
        "xent.explain": explain("log_loss"),
    }
    assert found["xent.columns"].problem is not None
    assert {name.partition(",")[0] for name in found} == set(REPORTS)
    return found


PAGES = [Page(reliability=True, ascii=True), Page(width=20, color=True)]


def settings(prefix: str) -> dict[str, Any]:
    """What `xent gate --init` was called with."""
    return {"label": f"{prefix}label", "files": [f"{prefix}a.csv", f"{prefix}b.csv"], "normalize": True}


# What every output must be


def tags(markdown: str) -> list[str]:
    """What a reader of Markdown makes of it."""
    return re.findall(
        r"<[^>]*>", MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(markdown)
    )


def links(markdown: str) -> list[str]:
    """What GitHub makes a link of, or a mention, outside of code."""
    prose = re.sub(r"(`+).*?(?<!`)\1(?!`)", "", markdown)
    return re.findall(r"https?://|www\.|@\w", prose.replace("\\:", "").replace("\\.", ""))


EVERY = pytest.mark.parametrize("prefix", HOSTILE.values(), ids=HOSTILE)


@EVERY
@pytest.mark.parametrize("shown", PAGES)
def test_a_table_obeys_no_string(shown: Page, prefix: str, results: Results) -> None:
    for result in results.values():
        text = render(hostile(result, prefix), "table", shown)
        refuse_hostile(ANSI.sub("", text) if shown.color else text)


@EVERY
def test_markdown_obeys_no_string(prefix: str, results: Results) -> None:
    for result in results.values():
        text = render(hostile(result, prefix), "markdown", Page())
        refuse_hostile(text)
        assert tags(text) == tags(render(hostile(result, PLAIN), "markdown", Page()))
        assert links(text) == []


@EVERY
def test_a_notebook_obeys_no_string(prefix: str, results: Results) -> None:
    for result in results.values():
        text = notebook.render(hostile(result, prefix), Page())
        refuse_hostile(text)
        shapes = (
            [(each.tag, each.get("style")) for each in html.fragment_fromstring(part).iter()]
            for part in (text, notebook.render(hostile(result, PLAIN), Page()))
        )
        assert next(shapes) == next(shapes)


@EVERY
@pytest.mark.parametrize("format", sorted(set(FORMATS) - {"table", "markdown", "json"}))
def test_flat_formats_obey_no_string(format: str, prefix: str, results: Results) -> None:
    for result in results.values():
        text = render(hostile(result, prefix), format, Page())
        refuse_hostile(text)
        plain = render(hostile(result, PLAIN), format, Page())
        lengths = [[len(row) for row in csv.reader(io.StringIO(each))] for each in (text, plain)]
        assert lengths[0] == lengths[1]


@EVERY
def test_json_is_exact_but_obeyed_by_nothing(prefix: str, results: Results) -> None:
    for result in results.values():
        odd = hostile(result, prefix)
        text = render(odd, "json", Page())
        assert json.loads(text) == odd.to_dict()
        refuse_hostile(text.replace("\U000e0001", ""))  # a tag, which no terminal obeys


@EVERY
def test_reports_of_ci_systems_obey_no_string(prefix: str, results: Results) -> None:
    for result in (results["xent.gate"], GateResult(results["xent.compare"].gates, results["xent.score"], "x")):
        odd, plain = hostile(result, prefix), hostile(result, PLAIN)
        refuse_hostile(junit(odd))
        shapes = (
            [(x.tag, sorted(x.attrib)) for x in etree.fromstring(junit(each).encode()).iter()]
            for each in (odd, plain)
        )
        assert next(shapes) == next(shapes)
        refuse_hostile(summary(odd))
        assert tags(summary(odd)) == tags(summary(plain))
        lines = workflow_commands(odd)
        assert [re.findall("^::error title=", line) for line in lines] == [["::error title="]] * len(
            workflow_commands(plain)
        )
        refuse_hostile("\n".join(line[2:] for line in lines))
        passed = replace(odd, gates=tuple(replace(gate, verdict="pass") for gate in odd.gates))
        [line] = workflow_commands(passed)
        refuse_hostile(line[2:])


@EVERY
def test_a_starting_configuration_holds_strings_exact_and_obeys_none(prefix: str, results: Results) -> None:
    text = starting_config(hostile(results["xent.score"], prefix), settings(prefix))
    refuse_hostile(text)
    gate = tomllib.loads(text)["tool"]["xent"]["gate"]
    assert {name: gate[name] for name in settings(prefix)} == settings(prefix)
    assert set(gate) == {*settings(prefix), "require"}


@EVERY
def test_a_page_of_html_obeys_no_string(prefix: str, results: Results) -> None:
    """But for its pictures, which fold their captions; `test_pictures` tries those."""
    plain = ReportResult(
        results["xent.gate"],
        "title",
        results["xent.worst"],
        results["xent.compare"],
        (),
        (("a.csv", "0"),),
        ("x",),
    )
    text = page.render(hostile(plain, prefix))
    refuse_hostile(text)
    shapes = (
        [(each.tag, sorted(each.attrib), each.get("class")) for each in html.document_fromstring(part).iter()]
        for part in (text, page.render(hostile(plain, PLAIN)))
    )
    assert next(shapes) == next(shapes)


PARTS_OF_REPORTS = (
    "advice", "breakdown", "curve", "documents", "headline", "kinds", "metrics", "report", "requirements",
)  # fmt: skip


def test_every_renderer_is_tried_here() -> None:
    """A module that is added is one of those above, or is reached by one of them."""
    tried = {
        junit.__module__,
        workflow_commands.__module__,
        starting_config.__module__,
        notebook.__name__,
        page.__name__,
        *FORMATS.values(),
        *REPORTS.values(),
    }
    parts = {
        "diagram",
        "formats",
        "inputs",
        "page",
        "pages",
        "progress",
        "reports",
        "styled",
        "text",
    }  # pages: our own texts
    parts |= {f"reports.{name}" for name in PARTS_OF_REPORTS}
    parts |= {f"html{name}" for name in ("", ".chapters", ".elements", ".numbers", ".origin", ".script", ".style")}
    names = {module.name for module in pkgutil.walk_packages(xentcli.render.__path__, "xentcli.render.")}
    names -= {
        name for name in names if name.startswith("xentcli.render.pictures")
    }  # whose kinds test_pictures tries
    assert names == tried | {f"xentcli.render.{name}" for name in parts}
