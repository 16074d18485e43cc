"""Which engine scores, as asked."""

from __future__ import annotations

import re

from xentcli.engine.engine import Engine, Progress
from xentcli.engine.local import LocalEngine
from xentcli.errors import RequestError
from xentcli.sources.source import TextOptions

ENGINES = ("local", "dask")

_ADDRESS = re.compile(r"(tcp|tls|ws|wss)://.+:[0-9]{1,5}")


def refuse_engine(engine: str, scheduler: str | None, threads: int | None) -> None:
    """Refuse an engine that there is not, and options that would have no effect beside it."""
    if engine not in ENGINES:
        raise RequestError("engine", f'--engine is {" or ".join(ENGINES)}, not "{engine}"')
    if scheduler is None:
        return
    if engine != "dask":
        raise RequestError("engine", "--scheduler needs --engine dask")
    if not _ADDRESS.fullmatch(scheduler):
        raise RequestError("engine", f'--scheduler is tcp://HOST:PORT, not "{scheduler}"')
    if threads is not None:
        message = "--threads has no effect with --scheduler: its workers have been started already"
        raise RequestError("engine", message)


def engine_of(
    engine: str, scheduler: str | None, threads: int | None, text: TextOptions, progress: Progress | None
) -> Engine:
    """The engine; `text` is how its workers read what they open."""
    if engine == "local":
        return LocalEngine(threads, progress)
    from xentcli.engine.dask.engine import DaskEngine

    return DaskEngine(text, scheduler, threads, progress)
