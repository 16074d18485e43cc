"""The reports of CI systems: JUnit XML by a second parser, workflow commands as the runner reads them."""

from __future__ import annotations

import io
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from markdown_it import MarkdownIt

from tests.properties.strategies import law
from tests.values import replace
from xentcli import score
from xentcli.render.github import MOST_ANNOTATIONS, SUMMARY_BYTES, summary, workflow_commands
from xentcli.render.junit import junit, test_names
from xentcli.results.gate import BaselineChange, GateResult
from xentcli.results.verdicts import Gate, overall_verdict

test_names.__test__ = False  # type: ignore[attr-defined]  # its name is for a reader of the report

# The structure that junit-10.xsd of the Jenkins xUnit plugin allows, as a DTD: elements, their order, attributes.
JUNIT = etree.DTD(
    io.StringIO(
        """
        <!ELEMENT testsuites (testsuite*)>
        <!ATTLIST testsuites name CDATA #IMPLIED time CDATA #IMPLIED tests CDATA #IMPLIED
                             failures CDATA #IMPLIED errors CDATA #IMPLIED>
        <!ELEMENT testsuite (testsuite | properties | testcase | system-out | system-err)*>
        <!ATTLIST testsuite name CDATA #REQUIRED tests CDATA #REQUIRED failures CDATA #REQUIRED
                            errors CDATA #REQUIRED skipped CDATA #IMPLIED>
        <!ELEMENT properties (property*)>
        <!ELEMENT property EMPTY>
        <!ATTLIST property name CDATA #REQUIRED value CDATA #REQUIRED>
        <!ELEMENT testcase (skipped | error | failure | system-out | system-err)*>
        <!ATTLIST testcase name CDATA #REQUIRED time CDATA #IMPLIED classname CDATA #IMPLIED>
        <!ELEMENT failure (#PCDATA)> <!ATTLIST failure type CDATA #IMPLIED message CDATA #IMPLIED>
        <!ELEMENT system-out (#PCDATA)>
        <!ELEMENT system-err (#PCDATA)>
        <!ELEMENT skipped (#PCDATA)>
        <!ELEMENT error (#PCDATA)>
        """
    )
)
HOSTILE = [
    "::error::",
    "]]>",
    "\x1b[31m",
    "<script>",
    "a\nb",
    "\x00",
    "\ufffe",
    "\ud800",
    "&amp;",
    "##[error]x",
    "%0A::x",
]

gate = Gate(
    require="log_loss <= 0.35", metric="log_loss", class_name=None, by=(), op="<=", value=0.5, se=None, low=None,
    high=None, limit=0.35, margin=-0.15, confidence=None, verdict="fail", message="log loss 0.5 is above 0.35",
)  # fmt: skip
SCORE = score([1, 0, 1], probs=[0.9, 0.2, 0.6])


def result(*gates: Gate, **more: Any) -> GateResult:
    return GateResult(gates, SCORE, **more)


def named(name: str, **more: Any) -> Gate:
    """A requirement on a class of that name."""
    require = f"recall[{name}] >= 0.9"
    return replace(gate, require=require, class_name=name, message=f'recall of "{name}" is 0.5', **more)


def parsed(text: str) -> Any:
    """By libxml2, against the structure; and by expat, which must read the same."""
    tree = etree.fromstring(text.encode())
    JUNIT.assertValid(tree)
    expat = ElementTree.fromstring(text)
    assert [(x.tag, dict(x.attrib), x.text) for x in tree.iter()] == [
        (x.tag, x.attrib, x.text) for x in expat.iter()
    ]
    return tree


# Verdicts


def test_a_fail_fails_all_and_undecided_leaves_undecided() -> None:
    good, unsure = replace(gate, verdict="pass"), replace(gate, verdict="undecided")
    assert overall_verdict([good, unsure, gate]) == "fail"
    assert overall_verdict([good, unsure]) == "undecided"
    assert overall_verdict([good]) == "pass"


def test_a_change_that_says_nothing_has_no_difference() -> None:
    inf = float("inf")
    pairs = ((1.0, 1.5), (1.0, inf), (inf, 1.0), (inf, inf))
    assert [BaselineChange("log_loss", *pair).difference for pair in pairs] == [0.5, inf, None, None]
    assert BaselineChange("skill", None, 1.0).difference is None


# JUnit


def test_a_test_case_for_each_requirement() -> None:
    passed = replace(
        gate, require="rows >= 3", metric="rows", value=3, limit=3.0, margin=0.0, verdict="pass", message="ok"
    )
    unsure = replace(gate, require="accuracy >= 0.9", confidence=0.95, verdict="undecided", message="too few rows")
    tree = parsed(junit(result(gate, unsure, passed, baseline="main.json")))
    assert tree.find("testsuite").attrib == {
        "name": "xent.gate", "tests": "3", "failures": "2", "errors": "0", "skipped": "0",
    }  # fmt: skip
    cases = tree.findall("testsuite/testcase")
    assert [(case.get("classname"), case.get("name")) for case in cases] == [
        ("xent.gate", "log_loss <= 0.35"),
        ("xent.gate", "accuracy >= 0.9"),
        ("xent.gate", "rows >= 3"),
    ]
    failures = [(x.get("type"), x.get("message"), x.text) for case in cases for x in case.findall("failure")]
    assert failures == [
        ("failed", gate.message, gate.message),
        ("undecided", "too few rows", "too few rows"),
    ]
    assert cases[0].findtext("system-out") == (
        "log loss 0.5 is above 0.35\nvalue = 0.5\nlimit = 0.35\nmargin = -0.15\nunit = nats"
    )
    properties = {x.get("name"): x.get("value") for x in tree.findall("testsuite/properties/property")}
    assert properties["verdict"] == "fail"
    assert properties["baseline"] == "main.json"
    assert properties["log_loss <= 0.35: margin"] == "-0.15"
    assert properties["accuracy >= 0.9: confidence"] == "0.95"
    assert "log_loss <= 0.35: se" not in properties  # not available is not zero


def test_requirements_on_many_slices_have_names_of_their_own() -> None:
    each = replace(gate, require="log_loss[site=*] <= 0.6")
    gates = [replace(each, by=(("site", value),)) for value in ("DE", None, "a b")]
    assert test_names([*gates, gates[0], gate]) == [
        "log_loss[site=*] <= 0.6 (site=DE)",
        "log_loss[site=*] <= 0.6 (site=)",
        'log_loss[site=*] <= 0.6 (site="a b")',
        "log_loss[site=*] <= 0.6 (site=DE) #2",
        "log_loss <= 0.35",
    ]


@law
@given(st.lists(st.text(max_size=5) | st.sampled_from(HOSTILE), min_size=1, max_size=5), st.booleans())
def test_junit_is_valid_and_its_names_unique_for_any_class_name(names: list[str], same: bool) -> None:
    gates = [replace(named(name), require="recall >= 0.9" if same else named(name).require) for name in names]
    tree = parsed(junit(result(*gates)))
    found = [case.get("name") for case in tree.iter("testcase")]
    assert len(set(found)) == len(names)


# Annotations of GitHub


def obeyed(line: str) -> tuple[str, dict[str, str], str]:
    """What the runner takes a line for: `TryParseV2` of ActionCommand.cs in actions/runner."""
    assert line.startswith("::")
    info, _, data = line[2:].partition("::")
    name, _, properties = info.partition(" ")
    pairs = dict(pair.split("=", 1) for pair in properties.split(","))
    return name, {key: _unescaped(value, ":,") for key, value in pairs.items()}, _unescaped(data)


def _unescaped(text: str, more: str = "") -> str:
    for sign in f"\r\n{more}%":
        text = text.replace(f"%{ord(sign):02X}", sign)
    return text


def test_annotations_say_which_requirement_and_why() -> None:
    unsure = replace(gate, require="recall[a:b,c] >= 0.9", verdict="undecided", message="50 % is: too few, rows")
    assert [obeyed(line) for line in workflow_commands(result(gate, unsure, replace(gate, verdict="pass")))] == [
        ("error", {"title": "xent: fail: log_loss <= 0.35"}, "log loss 0.5 is above 0.35"),
        ("error", {"title": "xent: undecided: recall[a:b,c] >= 0.9"}, "50 % is: too few, rows"),
    ]


def test_one_notice_when_all_hold() -> None:
    good = replace(gate, verdict="pass")
    assert [obeyed(line) for line in workflow_commands(result(good))] == [
        ("notice", {"title": "xent: pass"}, "the requirement holds: arrays"),
    ]
    assert obeyed(workflow_commands(result(good, good))[0])[2] == "all 2 requirements hold: arrays"


@pytest.mark.parametrize("count", [1, 9, 10, 11, 500])
def test_no_more_annotations_than_github_shows(count: int) -> None:
    lines = workflow_commands(result(*[gate] * count))
    assert len(lines) == min(count, MOST_ANNOTATIONS)
    if count > MOST_ANNOTATIONS:
        assert obeyed(lines[-1])[2] == f"and {count - 9} more requirements that are not met"


@law
@given(st.text(max_size=8) | st.sampled_from(HOSTILE))
def test_a_name_makes_no_command_of_its_own(name: str) -> None:
    [line] = workflow_commands(result(named(name)))
    assert len(line.splitlines()) == 1
    kind, properties, message = obeyed(line)
    assert (kind, set(properties)) == ("error", {"title"})
    assert message.startswith('recall of "')
    assert "##[" not in line
    assert not re.search(r"[\x00-\x1f\x7f]", line)


# The summary of GitHub


def test_a_summary_that_is_too_long_is_cut_after_a_line() -> None:
    many = result(*(named(f"class{k}") for k in range(200)))
    whole = summary(many)
    size = len(whole.encode())
    assert summary(many, size) == whole
    for room in (size - 1, 2000, 500):
        cut = summary(many, room)
        assert len(cut.encode()) <= room
        *lines, note = cut.rstrip("\n").split("\n")
        assert note == "*The rest of this summary is too long for GitHub: `--format json` has everything.*"
        assert whole.startswith("\n".join(lines).rstrip("\n"))
    assert summary(many, 10) == ""


@law
@given(
    st.text(max_size=8) | st.sampled_from([*HOSTILE, "|a|b|", "`x`", "[x](javascript:x)", "<img src=x>", "@all"])
)
def test_a_name_is_only_text_in_the_summary_as_rendered(name: str) -> None:
    """As a Markdown reader makes HTML of it: the same elements as for a plain name."""
    reader = MarkdownIt("commonmark", {"html": True}).enable("table")
    plain, odd = (reader.render(summary(result(named(each)))) for each in ("cat", name))
    assert re.findall(r"<[^>]*>", odd) == re.findall(r"<[^>]*>", plain)


def test_a_summary_of_very_long_names_stays_below_the_limit() -> None:
    big = result(*(named("é" * 30_000 + str(k)) for k in range(50)))
    assert SUMMARY_BYTES * 0.9 < len(summary(big).encode()) <= SUMMARY_BYTES
