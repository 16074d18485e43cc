"""JUnit XML, which GitLab, Jenkins and most other CI systems show: a test case for each requirement.

There is no one standard; this is the structure of `junit-10.xsd` of the Jenkins xUnit plugin, which gives
properties to test suites only: the numbers of a requirement stand there, and again as the output of its test case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count
from xml.etree import ElementTree

from xentcli.render.inputs import MOST_INPUTS
from xentcli.render.reports.report import input_names
from xentcli.render.text import visible, visible_lines
from xentcli.results.gate import Verdicts
from xentcli.results.selectors import quoted, selector
from xentcli.results.verdicts import NUMBERS, Gate

CLASS_NAME = "xent.gate"  # Jenkins takes what is before the dot for a package


def junit(result: Verdicts) -> str:
    """An XML document that ends with a newline, whatever the names of classes hold."""
    names = test_names(result.gates)
    failures = sum(gate.verdict != "pass" for gate in result.gates)
    counts = {"tests": str(len(names)), "failures": str(failures), "errors": "0"}
    root = ElementTree.Element("testsuites", {"name": "xent", **counts})
    suite = ElementTree.SubElement(root, "testsuite", {"name": CLASS_NAME, **counts, "skipped": "0"})
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in _properties(result, names):
        ElementTree.SubElement(properties, "property", name=name, value=value)
    for name, gate in zip(names, result.gates, strict=True):
        _add_case(suite, name, gate, result.unit.value)
    for element in root.iter():  # write out what would not show, or what XML has no way to say
        element.attrib.update({name: visible(value) for name, value in element.attrib.items()})
        element.text = element.text and visible_lines(element.text)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def test_names(gates: Sequence[Gate]) -> list[str]:
    """A name for each requirement: its text, with the slice where it is about each of many; never twice the same.

    CI systems tell by the name which test of the last run this is, so no name depends on a number that was found.
    """
    written = Counter(gate.require for gate in gates)
    names: dict[str, None] = {}
    for gate in gates:
        each_slice = bool(gate.by) and "*" in gate.require  # named by its slice, however many there are today
        about = selector(gate.by) if gate.class_name is None else quoted(gate.class_name)
        named = about and (each_slice or written[gate.require] > 1)
        name = visible(f"{gate.require} ({about})" if named else gate.require)
        numbered = (f"{name} #{number}" for number in count(2))
        names[name if name not in names else next(each for each in numbered if each not in names)] = None
    return list(names)


def _properties(result: Verdicts, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The numbers, unrounded; what is not available is left out, as zero would be wrong and "" no number."""
    yield "verdict", result.verdict
    yield from ((f"doubt: {notice.code}", str(notice)) for notice in result.doubts)
    yield "rows", str(result.rows)
    yield "unit", result.unit.value
    files = [source.name for source in result.inputs]
    yield "inputs", ", ".join(files) if len(files) <= MOST_INPUTS else input_names(files)
    if result.baseline is not None:
        yield "baseline", result.baseline
    for name, gate in zip(names, result.gates, strict=True):
        yield f"{name}: verdict", gate.verdict
        for number, value in _numbers(gate):
            yield f"{name}: {number}", value


def _numbers(gate: Gate) -> Iterator[tuple[str, str]]:
    for name in (*NUMBERS, "confidence"):
        value = getattr(gate, name)
        if value is not None:
            yield name, repr(value)


def _add_case(suite: ElementTree.Element, name: str, gate: Gate, unit: str) -> None:
    case = ElementTree.SubElement(suite, "testcase", classname=CLASS_NAME, name=name)
    message = visible(gate.message)
    if gate.verdict != "pass":
        kind = "failed" if gate.verdict == "fail" else gate.verdict
        ElementTree.SubElement(case, "failure", type=kind, message=message).text = message
    lines = [f"{number} = {value}" for number, value in _numbers(gate)]
    ElementTree.SubElement(case, "system-out").text = "\n".join([message, *lines, f"unit = {unit}"])
