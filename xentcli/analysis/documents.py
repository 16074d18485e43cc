"""The documents of a result of tokens: what each contributes to the loss, and its own numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator

from xentcli.core.exact import ONE, ratio
from xentcli.core.kernel import exp_of
from xentcli.engine.documents import MOST_DOCUMENTS, DocumentTotals
from xentcli.errors import Notice
from xentcli.results.parts import DocumentResult
from xentcli.states.run import Run
from xentcli.units import LN2


def document_results(run: Run) -> tuple[DocumentResult, ...] | None:
    """The documents of a run, of the highest log loss first; None where there are none, or too many to list."""
    if not run.columns.documents or run.totals.documents.too_many:
        return None
    whole = ratio(run.totals.state.losses.weight, ONE)
    found = [_result(each, whole) for each in run.totals.documents.totals(run.columns.bytes is not None)]
    return tuple(sorted(found, key=lambda each: (-(each.log_loss or 0.0), each.document)))


def document_notices(run: Run) -> Iterator[Notice]:
    """That documents are too many to list; they count as clusters all the same."""
    if run.columns.documents and run.totals.documents.too_many:
        yield Notice("many_documents", 1, f"more than {MOST_DOCUMENTS:,} documents: there is no table of them")


def _result(document: DocumentTotals, whole: float) -> DocumentResult:
    total = math.inf if document.infinite else document.loss
    log_loss = total / document.weight
    bits = total / (LN2 * document.bytes) if document.bytes else None
    return DocumentResult(
        document.name, document.tokens, total / whole, log_loss, exp_of(log_loss), bits_per_byte=bits
    )
