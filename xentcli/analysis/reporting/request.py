"""What `xent report` may be asked."""

from __future__ import annotations

import os
from typing import Any

from msgspec import Struct

from xentcli.analysis.request import InputRequest, ScoreRequest, refuse_two_stdins
from xentcli.errors import RequestError, Where
from xentcli.files import pipe_place
from xentcli.states.run import Run
from xentcli.wording import brief_repr


class ReportRequest(Struct, frozen=True):
    """What `xent report` is asked."""

    score: ScoreRequest
    document: dict[str, Any] | None = None  # the JSON of a score in memory, in place of inputs
    base: InputRequest | None = None  # another model on the same rows, to compare with
    on: str | None = None  # the column of ids, which matches rows with the base's and names them
    title: Any = None  # None: the names of the inputs
    state: Run | None = None  # what a state in memory holds, in place of inputs

    def __post_init__(self) -> None:
        if self.title is not None and not isinstance(self.title, str):
            raise RequestError("title", f"title= is a text, not {brief_repr(self.title)}")
        if self.base is None:
            return
        new = self.score.inputs
        read = [*self.base.paths, *new.paths, new.labels]
        refuse_two_stdins(read)
        pipe = next((os.fspath(path) for path in read if path and pipe_place(os.fspath(path))), None)
        if "-" in read or pipe:
            message = "with --base each file is read twice, and a pipe can be read once"
            where = Where(pipe or "<stdin>")
            raise RequestError("pipe", message, hint="write it to a file first", where=where)
