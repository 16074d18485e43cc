"""States in memory: what parts of a whole are scored to, wherever that is, and merged from, to the last bit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Unpack

from xentcli.analysis.gating.baseline import baseline_of_state
from xentcli.analysis.gating.states import StateGating
from xentcli.analysis.inputs import open_sources
from xentcli.analysis.merge import result_of_state
from xentcli.analysis.merging.parts import with_rows
from xentcli.analysis.score import part_of
from xentcli.api.arguments import texts
from xentcli.api.asking import inputs_of
from xentcli.api.calling import takes, values_of
from xentcli.api.error_words import in_arguments
from xentcli.api.parameters import PartArguments, ResultArguments, arguments_in
from xentcli.api.scoring import part_request
from xentcli.errors import ContentError, RequestError, Where, XentError
from xentcli.results.result import InputInfo
from xentcli.results.score import ScoreResult
from xentcli.states.file import parse_state, state_text, with_shard
from xentcli.states.merge import SavedRun, merge_scores
from xentcli.states.run import NoRows, Run
from xentcli.units import Unit
from xentcli.wording import brief_repr, plural

if TYPE_CHECKING:
    _OfTheClass = staticmethod
else:

    class _OfTheClass(staticmethod):
        """A function that is not called on an instance, which it would leave out."""

        def __get__(self, instance: object, owner: type | None = None) -> Any:
            if instance is not None:
                raise TypeError("State.merge([a, b, ...]) merges the states that it is given, and no other")
            return super().__get__(instance, owner)


class State:
    """What the score of some rows is computed from: a value that can be sent, stored, and merged with others.

    `score_state` makes one of a part of the rows, `State.merge` one of several. `bytes(state)` is what
    `score(..., save_state=FILE)` writes, so `xent merge` reads it from a file; it can be pickled. States are equal
    if they are of the same parts in the same order, which is that of the inputs in a result; its numbers are the
    same in every order.
    """

    __slots__ = ("_run",)

    def __init__(self, run: Run | NoRows) -> None:
        self._run = run if isinstance(run, NoRows) else with_shard(run)

    @staticmethod
    def from_bytes(data: bytes | bytearray | memoryview, /) -> State:
        """The state of these bytes; raises `ContentError` for what is none, is damaged or of another version."""
        if not isinstance(data, bytes | bytearray | memoryview):
            raise RequestError("state", f"a state is read from bytes, not from {brief_repr(data)}")
        with _in_words_of_python():
            run = parse_state(bytes(data), "state")
        if not isinstance(run, Run | NoRows) or run.command != "score":
            message = f"is a state of xent {run.command}; those of xent score are merged in memory"
            hint = "write the bytes to a file: merge(FILE) and xent merge FILE read it"
            raise ContentError("states_differ", message, hint=hint, where=Where("state"))
        return State(run)

    @_OfTheClass
    def merge(states: Iterable[State], /) -> State:
        """All as one, as if their rows had been scored at once: any number, in any order, merged before or not.

        Parts without rows to score add nothing; the result counts them in a notice. Tables in memory without a
        name count as one input. Raises `ContentError` where states were not scored alike, or where rows of one
        name or number would count twice.

        >>> parts = [score_state([1, 0], probs=[0.9, 0.2]), score_state([1], probs=[0.6])]
        >>> State.merge(parts).result().metrics.accuracy
        1.0
        """
        if isinstance(states, State):
            hint = "State.merge([a, b, ...])"
            raise RequestError("state", f"State.merge merges several states, not {states!r}", hint=hint)
        with _in_words_of_python():
            return State(merge_scores(SavedRun(f"states[{at}]", _run(state)) for at, state in enumerate(states)))

    @takes(ResultArguments)
    def result(self, **arguments: Unpack[ResultArguments]) -> ScoreResult:
        """What `score` gives of all rows together, with what became of require= as its `gates`.

        Raises `ContentError` if no row was scored, or for what only all rows together can tell to be wrong, and
        `RequestError` for requirements on slices that the parts were scored without.
        """
        asked = values_of(ResultArguments, arguments)
        with _in_words_of_python():
            required = texts("require", asked.require)
            file, read = asked.baseline, None
            if isinstance(asked.baseline, State):
                file, read = "baseline", baseline_of_state(asked.baseline._run, "baseline")
            gating = StateGating.of(SavedRun("state", self._run), required, asked.confidence, file, read)
            result = result_of_state(gating.with_what_it_takes(self._run), reliability=asked.reliability)
            found: ScoreResult = gating.check(result, Unit(asked.unit))[0]
            return found

    def __bytes__(self) -> bytes:
        return state_text(self._run)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, State) and bytes(self) == bytes(other)

    def __hash__(self) -> int:
        return hash(bytes(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return State.from_bytes, (bytes(self),)

    def __repr__(self) -> str:
        rows = 0 if isinstance(self._run, NoRows) else self._run.totals.state.losses.rows
        return f"<State: {plural(rows, 'row')} scored of {plural(len(self._run.inputs), 'input')}>"


@contextmanager
def _in_words_of_python() -> Iterator[None]:
    """Let errors speak of the arguments of `score_state`."""
    try:
        yield
    except XentError as error:
        in_arguments(error, arguments_in(PartArguments))
        raise


def _run(state: Any) -> Run | NoRows:
    if not isinstance(state, State):
        hint = "State.from_bytes(b) reads one from bytes"
        raise RequestError("state", f"State.merge merges states, not {brief_repr(state)}", hint=hint)
    return state._run


def run_of(state: State) -> Run:
    """What a state holds; raises a `ContentError` if no row of it was scored."""
    return with_rows(state._run)


@takes(PartArguments)
def score_state(data: Any, **arguments: Unpack[PartArguments]) -> State:
    """The state of a part of the rows that are to be scored as one; `data` is as for `score`.

    A part may have no row to score: none at all, only weights of 0, or only labels that are missing or left out.
    What is refused is what `score` refuses, but for what only all rows together can tell.

    >>> score_state([1, 0, 1], probs=[0.9, 0.2, 0.6])
    <State: 3 rows scored of 1 input>
    """
    asked = values_of(PartArguments, arguments)
    try:
        request = part_request(inputs_of(data, asked), asked)
    except ContentError as error:
        if error.code != "no_rows":  # of a DataFrame whose columns have no types
            raise
        shard = () if asked.shard is None else (asked.shard,)
        info = InputInfo(asked.name or "dataframe", "dataframe", 0, None)
        return State(NoRows((info,), shard or (0,), bool(shard), empty_parts=1))
    return State(part_of(request, open_sources(request.inputs)))
