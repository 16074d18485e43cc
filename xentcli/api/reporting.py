"""The function that writes a page: paths, tables and arrays in, HTML out."""

from __future__ import annotations

import os
from html import escape
from types import SimpleNamespace
from typing import Any, Unpack

from msgspec import Struct

from xentcli.analysis.reporting.report import report_files
from xentcli.analysis.reporting.request import ReportRequest
from xentcli.analysis.request import InputRequest, refuse_no_path, refuse_overwriting
from xentcli.api.arguments import column_name
from xentcli.api.asking import inputs_of, pair_of, scores_of
from xentcli.api.calling import takes, values_of
from xentcli.api.parameters import ReportArguments
from xentcli.api.scoring import score_request
from xentcli.api.states import State, run_of
from xentcli.files import PAGE, refuse_other_suffix
from xentcli.render.html.page import render
from xentcli.results.gate import GateResult
from xentcli.results.report import ReportResult
from xentcli.results.result import Result
from xentcli.results.verdicts import Verdict
from xentcli.sources.targets import refuse_unwritable, write_file

_IFRAME = '<iframe srcdoc="{}" title="xent report" width="100%" height="700" style="border: 0" sandbox></iframe>'


class HtmlReport(Struct, frozen=True):
    """A page, and what it shows."""

    html: str
    result: ReportResult

    @property
    def verdict(self) -> Verdict:
        """What became of the requirements; "pass" where nothing is required."""
        return self.result.gate.verdict

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the page to a file, complete or not at all.

        Raises `AccessError`, and `RequestError` for a file that is called as one of another kind or is an input.
        """
        _refuse_other_name(path)
        refuse_overwriting(path, [name for name, _ in self.result.checksums], None, "path=")
        write_file(path, self.html.encode("utf-8", "backslashreplace"))

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {', '.join(self.result.score.headline())}>"

    def _repr_html_(self) -> str:
        return _IFRAME.format(escape(self.html))


@takes(ReportArguments)
def report(
    data: Any, path: str | os.PathLike[str] | None = None, **arguments: Unpack[ReportArguments]
) -> HtmlReport:
    """A page of HTML about the probabilities in `data`, written to `path` if it is given.

    `data` is as for `score`, or a result of `score` or `gate` or a `State`, which have no rows.

    It has what `gate` and `worst` say, with pictures; base= adds what `compare` says. `page.html` is its text,
    `page.save(path)` writes it. A requirement that is not met raises nothing. Raises as these functions do.

    >>> report([1, 0, 1], probs=[0.9, 0.2, 0.6], require="log_loss <= 0.35").verdict
    'pass'
    """
    asked = values_of(ReportArguments, arguments)
    if path is not None:
        _refuse_other_name(path)
        refuse_unwritable(path)
    result = report_files(_request(data, asked))
    page = HtmlReport(render(result), result)
    if path is not None:
        page.save(path)
    return page


def _refuse_other_name(path: str | os.PathLike[str]) -> None:
    refuse_no_path("path", path)
    refuse_other_suffix(os.fspath(path), PAGE, '"{path}"')


def _request(data: Any, asked: SimpleNamespace) -> ReportRequest:
    found = data.score if isinstance(data, GateResult) else data
    document = found.to_dict() if isinstance(found, Result) else None  # of another kind it is refused
    state = run_of(data) if isinstance(data, State) else None
    is_saved = document is not None or state is not None
    inputs, base = (InputRequest(), None) if is_saved else _inputs(data, asked)
    score = score_request(inputs, asked, changes=True)
    return ReportRequest(score, document, base, column_name("on", asked.on), asked.title, state)


def _inputs(data: Any, asked: SimpleNamespace) -> tuple[InputRequest, InputRequest | None]:
    """Those of the page, and of the base if there is one."""
    if asked.base is None and not scores_of(asked, "base_"):
        return inputs_of(data, asked, names_rows=True), None
    base, new = pair_of(data if asked.base is None else asked.base, data, asked)
    return new, base
