"""State files: everything that a score is computed from, as one JSON document with a checksum.

    {"format": "xent.state", "format_version": 11, "xent": VERSION,
     "of": "compare" or "rank", if not of a score,
     "signature": {...}, "inputs": [...], "rows": N,
     "state": {...},
     "sha256": CHECKSUM}

CHECKSUM is over all bytes before the last line, so a file is read as it was written or not at all. What `state`
holds is told by the types of `StoredRun`, or of those in `stored_comparison`, and of what is in them.

Versions: 1, the first; 2, totals by cluster in arrays, and of each slice; 3, all totals side by side; 4, all sums
in one array, and all counts.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from msgspec.structs import asdict, replace

from xentcli import __version__
from xentcli.errors import ContentError, Where
from xentcli.files import NotJson, parse_json
from xentcli.results.result import InputInfo
from xentcli.sources.byte_source import ByteSource
from xentcli.sources.open import find_files
from xentcli.sources.source import unless_changed
from xentcli.states.arrays import Malformed
from xentcli.states.checks import check
from xentcli.states.merge import SavedRun
from xentcli.states.run import NoRows, Run, Shard
from xentcli.states.stored import StoredRun, from_json, to_json

if TYPE_CHECKING:
    from xentcli.states.comparison import AnyRun

FORMAT = "xent.state"
FORMAT_VERSION = 11
_HEAD = re.compile(rb'\{"format": "xent\.state", "format_version": (\d{1,9}), ')
_TAIL = re.compile(rb'"sha256": "([0-9a-f]{64})"\}\n')
_TAIL_SIZE = len(b'"sha256": ""}\n') + 64
_ENOUGH_ROWS = 20  # which hardly have the totals of others by chance


def state_text(state: AnyRun) -> bytes:
    """The file that holds this."""
    if isinstance(state, NoRows):
        return _text(
            {"signature": None, "inputs": [asdict(each) for each in state.inputs], "rows": 0}, to_json(state)
        )
    if isinstance(state, Run):
        run = with_shard(state)
        return _document(run, run.inputs, {}, to_json(StoredRun.of(run)))
    from xentcli.states.stored_comparison import comparison_json  # which a score need not load

    runs = tuple(map(with_shard, state.runs))
    inputs = [each for run in runs for each in run.inputs]
    return _document(runs[0], inputs, {"of": state.command}, comparison_json(replace(state, runs=runs)))


def _document(run: Run, inputs: Sequence[InputInfo], kind: dict[str, str], state: Any) -> bytes:
    lines = {
        **kind,
        "signature": run.signature().to_dict(),
        "inputs": [asdict(each) for each in inputs],
        "rows": run.totals.state.losses.rows,
    }
    return _text(lines, state)


def _text(lines: dict[str, Any], state: Any) -> bytes:
    head = {"format": FORMAT, "format_version": FORMAT_VERSION, "xent": __version__}
    body = "".join(f'"{name}": {_json(value)},\n' for name, value in {**lines, "state": state}.items())
    data = f"{_json(head)[:-1]},\n{body}".encode()
    return data + f'"sha256": "{hashlib.sha256(data).hexdigest()}"}}\n'.encode()


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
    for done, (content, _) in enumerate(files, 1):
        run = read_state(content)
        yield SavedRun(content.name, run)
        if progress is not None:
            first = run if isinstance(run, Run | NoRows) else run.runs[0]
            rows += sum(each.rows for each in first.inputs)
            progress(rows, done / len(files))


def read_state(content: ByteSource) -> AnyRun:
    """The state that these bytes hold. Raises as `read_states` does."""
    with content.open() as stream:
        data = b"".join(iter(lambda: stream.read(1 << 24), b""))
    with unless_changed(content):
        return parse_state(data, content.name)


def parse_state(data: bytes, file: str) -> AnyRun:
    """The state in the bytes of a `file`; raises `ContentError`."""
    try:
        return _run(data, file)
    except Malformed as fault:
        raise _refusal(file, f"is not a state that xent can have written: {fault}") from None


def _run(data: bytes, file: str) -> AnyRun:
    head, tail, body = _HEAD.match(data), _TAIL.fullmatch(data[-_TAIL_SIZE:]), data[:-_TAIL_SIZE]
    if head is None:
        message = "is not a state of xent" if data else "is empty"
        raise _refusal(file, message, "xent score FILE --save-state STATE writes one")
    if (version := int(head[1])) != FORMAT_VERSION:
        message = f"is of version {version} of the format; this xent reads version {FORMAT_VERSION}"
        raise _refusal(file, message, "merge with the xent that scored, or score again")
    if tail is None:
        raise _refusal(file, "has no end: it was cut, or changed since it was written", "score again")
    if hashlib.sha256(body).hexdigest().encode() != tail[1]:
        message = "is damaged: its checksum is not that of its content"
        raise _refusal(file, message, "copy it again, or score again")
    try:
        document = parse_json(data)
    except NotJson as fault:
        raise Malformed("file", f"is not JSON: {fault}") from None
    if not isinstance(document, dict) or not {"signature", "state"} <= document.keys():
        raise Malformed("file", "has no signature or state")
    state = _state(document)
    if isinstance(state, NoRows):
        return state
    run = state if isinstance(state, Run) else state.runs[0]
    if json.loads(_json(run.signature().to_dict())) != document["signature"]:
        message = "was computed by other definitions of the numbers than this xent has"
        raise _refusal(file, message, "score again, with one version of xent")
    return state


def _state(document: dict[str, Any]) -> AnyRun:
    """What a document holds, whose parts fit one another; raises `Malformed`."""
    kind = document.get("of")
    if document["signature"] is None:
        empty = from_json(document["state"], NoRows)
        check(empty)
        return empty
    if kind is None:
        run = from_json(document["state"], StoredRun).run()
        check(run)
        return run
    from xentcli.states.stored_comparison import comparison_of  # which a score need not load

    return comparison_of(kind, document["state"])


def _refusal(file: str, message: str, hint: str | None = None) -> ContentError:
    return ContentError("state", message, hint=hint, where=Where(file))


def with_shard(run: Run) -> Run:
    """With what tells these rows from others: a digest of their losses and of what is counted by class.

    Parts that are scored in memory may be of a few rows, and few rows may well add up to the same.
    """
    unnamed, rows = run.inputs[0].is_unnamed, run.totals.state.losses.rows
    if run.shards or rows < (_ENOUGH_ROWS if unnamed else 1):
        return run
    totals = to_json([run.totals.state.losses, run.totals.state.classes])
    digest = hashlib.sha256(_json(totals).encode()).hexdigest()
    return replace(run, shards=(Shard("" if unnamed else run.inputs[0].name, digest),))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, allow_nan=False)
