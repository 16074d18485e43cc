"""What GitHub Actions shows: annotations of the run, and the summary of a job."""

from __future__ import annotations

from xentcli.render import markdown
from xentcli.render.page import Page
from xentcli.render.text import visible
from xentcli.results.gate import Verdicts
from xentcli.results.result import Result
from xentcli.wording import and_more

MOST_ANNOTATIONS = 10  # of a step; GitHub drops those beyond
SUMMARY_BYTES = 1024 * 1024  # of all that a step writes; of a larger summary GitHub shows nothing

_CUT = "\n*The rest of this summary is too long for GitHub: `--format json` has everything.*\n"


def workflow_commands(result: Verdicts) -> list[str]:
    """Workflow commands, one a line: a warning for each doubt, and an error for each requirement not met, or one
    notice that all are.
    """
    warnings = [_command("warning", f"xent: {notice.code}", str(notice)) for notice in result.doubts]
    return [*warnings, *_verdicts(result)]


def _verdicts(result: Verdicts) -> list[str]:
    unmet = [gate for gate in result.gates if gate.verdict != "pass"]
    if not unmet:
        count, names = len(result.gates), [source.name for source in result.inputs]
        held = "the requirement holds" if count == 1 else f"all {count} requirements hold"
        inputs = ", ".join(names) if len(names) <= 3 else f"{len(names)} files"
        return [_command("notice", "xent: pass", f"{held}: {inputs}")]
    shown = unmet if len(unmet) <= MOST_ANNOTATIONS else unmet[: MOST_ANNOTATIONS - 1]
    lines = [_command("error", f"xent: {gate.verdict}: {gate.require}", gate.message) for gate in shown]
    if left := len(unmet) - len(shown):
        lines.append(_command("error", f"xent: {result.verdict}", and_more(left, "requirements that are not met")))
    return lines


def _command(name: str, title: str, message: str) -> str:
    """`escapeProperty` and `escapeData` of GitHub's toolkit, after what would not show is written out."""
    prop = _escape(title).replace(":", "%3A").replace(",", "%2C")
    return f"::{name} title={prop}::{_escape(message)}"


def _escape(text: str) -> str:
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def summary(result: Result, room: int = SUMMARY_BYTES) -> str:
    """The Markdown report in at most `room` bytes, cut after a whole line where it is longer."""
    text = markdown.render(result, Page()) + "\n"
    data = text.encode("utf-8", "backslashreplace")
    if len(data) <= room:
        return data.decode()
    kept = data[: max(0, room - len(_CUT))]
    return kept[: kept.rfind(b"\n") + 1].decode() + _CUT if b"\n" in kept else ""
