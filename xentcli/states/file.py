"""State files: everything that a score, a comparison or a ranking is computed from, in a checksummed container.

The content is a head of JSON and arrays: the version of xent, the signature, and the run or the comparison as the
types of their fields say. `container` says what is around it, `packing` how values lie in it.

Versions: 1, the first; 2, totals by cluster in arrays, and of each slice; 3, all totals side by side; 4, all sums
in one array, and all counts; 11, parts without rows; 12, arrays as bytes, where those before are JSON;
13, errors of classes; 14, rows of the largest loss; 15, the clusters of all rows from those of slices;
16, losses and Brier scores as what log-odds and losses do not say of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from xentcli import __version__
from xentcli.core.state import ClassTotals, LossTotals
from xentcli.sources.byte_source import ByteSource
from xentcli.sources.open import ahead, find_files, read_bytes
from xentcli.sources.source import unless_changed
from xentcli.states.arrays import Malformed
from xentcli.states.checks import check
from xentcli.states.container import refusal, seal, unseal
from xentcli.states.merge import SavedRun
from xentcli.states.run import NoRows, Run, Shard
from xentcli.states.stored import from_bytes, head_of, to_bytes

if TYPE_CHECKING:
    from xentcli.states.comparison import AnyRun

_OF_SCORES: dict[str, Any] = {"score": Run, "no rows": NoRows}  # by kind of state
_ENOUGH_ROWS = 20  # which hardly have the totals of others by chance


def state_text(state: AnyRun) -> bytes:
    """The file that holds this: equal states have equal ones."""
    if isinstance(state, NoRows):
        return seal(to_bytes(state, NoRows, xent=__version__), "no rows")
    if isinstance(state, Run):
        run = with_shard(state)
        return seal(to_bytes(run, Run, **_head(run)), "score")
    from xentcli.states.comparison import KINDS  # which a score need not load

    runs = tuple(map(with_shard, state.runs))
    stored = replace(state.compact(), runs=runs)
    return seal(to_bytes(stored, KINDS[state.command], **_head(runs[0])), state.command)


def _head(run: Run) -> dict[str, Any]:
    return {"xent": __version__, "signature": run.signature().to_dict()}


def read_states(
    paths: Sequence[str], progress: Callable[[int, float], None] | None = None
) -> Iterator[SavedRun[AnyRun]]:
    """The states in the files that these paths, patterns, folders, URIs and "-" name, one after the other.

    `progress` is told of the rows and the share of the files that are done, when the next one is asked for. Raises
    `AccessError` for what cannot be read (what is not there, before any is read), `ContentError` for what is no
    state, or is no more.
    """
    files = list(find_files(paths))
    rows = 0
    for done, (content, _) in enumerate(ahead(files), 1):
        run = read_state(content)
        yield SavedRun(content.name, run)
        if progress is not None:
            first = run if isinstance(run, Run | NoRows) else run.runs[0]
            rows += sum(each.rows for each in first.inputs)
            progress(rows, done / len(files))


def read_state(content: ByteSource) -> AnyRun:
    """The state in a file; raises as `read_states` does."""
    data = read_bytes(content)
    with unless_changed(content):
        return parse_state(data, content.name)


def parse_state(data: bytes, file: str) -> AnyRun:
    """The state that these bytes are of; `file` names it in errors. Raises `ContentError`."""
    try:
        return _parse(data, file)
    except Malformed as fault:
        raise refusal(file, f"is not a state that xent can have written: {fault}") from None


def _parse(data: bytes, file: str) -> AnyRun:
    kind, content = unseal(data, file)
    head, arrays = head_of(content)
    state: Any
    if kind in _OF_SCORES:
        state = from_bytes(_OF_SCORES[kind], head, arrays)
        check(state)
    else:
        from xentcli.states.comparison import KINDS  # which a score need not load
        from xentcli.states.comparison_checks import check_comparison

        state = from_bytes(KINDS[kind], head, arrays)
        check_comparison(state)
    found: AnyRun = state
    if isinstance(found, NoRows):
        return found
    run = found if isinstance(found, Run) else found.runs[0]
    if json.loads(json.dumps(run.signature().to_dict())) != head.get("signature"):
        message = "was computed by other definitions of the numbers than this xent has"
        raise refusal(file, message, "score again, with one version of xent")
    return found


def with_shard(run: Run) -> Run:
    """The run with what tells its rows from others: a digest of their losses and of what is counted by class.

    Parts that are scored in memory may be of a few rows, and few rows may well add up to the same.
    """
    state, unnamed = run.totals.state, run.inputs[0].is_unnamed
    if run.shards or state.losses.rows < (_ENOUGH_ROWS if unnamed else 1):
        return run
    totals = to_bytes(state.losses, LossTotals) + to_bytes(state.classes, ClassTotals)
    digest = hashlib.sha256(totals).hexdigest()
    return replace(run, shards=(Shard("" if unnamed else run.inputs[0].name, digest),))
