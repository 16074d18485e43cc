"""The connection to a Dask cluster: whose workers, with which versions, and what is said when it fails."""

from __future__ import annotations

import logging
import signal
import time
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager
from typing import Any, TypeAlias

from xentcli.engine.dask.splits import Versions, refuse_versions
from xentcli.engine.local import available_threads
from xentcli.errors import AccessError, RequestError

PATIENCE = 10  # seconds for a scheduler to answer, and for its first worker to come
_STARTING = 120  # seconds for the first process of this machine, which loads all it needs
_PAUSE = 0.02  # seconds between looks at what is done
_LOGGERS = ("distributed", "tornado", "asyncio")  # they would write on standard error, which has its own rules

Client: TypeAlias = Any
LOST = "the connection to the scheduler was lost"
_HINT = "dask scheduler starts one, dask worker tcp://HOST:PORT its workers; xentcli must be installed there"


def refuse_no_dask() -> None:
    """Raises `RequestError` where Dask is not installed."""
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        raise RequestError(
            "engine", "--engine dask needs Dask, which is not installed", hint="pip install 'xentcli[dask]'"
        ) from error


@contextmanager
def connected(scheduler: str | None, workers: int | None) -> Iterator[Client]:
    """A client of the cluster at `scheduler`, or of one begun here. Raises `AccessError` where nobody answers."""
    import distributed

    with ExitStack() as stack:
        address = scheduler or stack.enter_context(_local_cluster(workers or available_threads()))
        try:
            client = stack.enter_context(distributed.Client(address, timeout=PATIENCE, set_as_default=False))
            client.wait_for_workers(1, timeout=_STARTING if scheduler is None else PATIENCE)
        except (OSError, ValueError) as error:  # a timeout is an OSError
            raise AccessError("scheduler", f"{scheduler}: {_reason(error)}", hint=_HINT) from error
        yield client


def _reason(error: Exception) -> str:
    return str(error).partition("\n")[0] or "no answer"


@contextmanager
def _local_cluster(workers: int) -> Iterator[Any]:
    """Processes of this machine, one thread each, that nobody else can reach."""
    from distributed import LocalCluster

    with LocalCluster(
        loop=_uninterrupted_loop(),
        n_workers=0,  # they start below, where what interrupts that finds a cluster to close
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address=None,
        silence_logs=logging.CRITICAL,
    ) as cluster:
        cluster.scale(workers)
        yield cluster


def _uninterrupted_loop() -> Any:
    """An event loop in a thread that Ctrl-C does not reach, nor the processes that it starts.

    A terminal sends Ctrl-C to all of them, but only this process answers, and ends them; they would write
    tracebacks.
    """
    from multiprocessing import resource_tracker

    from distributed.utils import LoopRunner

    resource_tracker.ensure_running()  # to start it would let signals through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        runner = LoopRunner()
        runner.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return runner.loop


@contextmanager
def quiet() -> Iterator[None]:
    """Without what Dask would say of connections and versions: failures arrive as errors."""
    names = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] in _LOGGERS]
    loggers = [logger for name in names if not (logger := logging.getLogger(name)).disabled]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for logger in loggers:
                logger.disabled = True
            yield
    finally:
        for logger in loggers:
            logger.disabled = False


def refuse_workers(client: Client) -> None:
    """Refuse workers with other versions before they begin."""
    for address, found in sorted(client.run(Versions, on_error="return").items()):
        if isinstance(found, OSError):  # it was lost meanwhile, and will do no work
            continue
        if isinstance(found, Exception):
            raise RequestError(
                "versions", f"the worker on {address} cannot load xentcli: {_reason(found)}",
                hint=f"pip install xentcli=={Versions().xentcli} on all machines",
            )  # fmt: skip
        refuse_versions(Versions(), found, address)


@contextmanager
def reachable() -> Iterator[None]:
    """Turns the end of a connection into an error that says so."""
    from distributed.comm import CommClosedError

    try:
        yield
    except (CommClosedError, CancelledError) as error:
        raise AccessError("scheduler", LOST) from error


def completed(client: Client, futures: Sequence[Any]) -> Iterator[Any]:
    """The futures as they are done. Raises `AccessError` once there has been no worker for PATIENCE seconds."""
    from distributed import as_completed

    done = as_completed(futures, loop=client.loop)
    seen = time.monotonic()  # when there last was a worker
    looked = seen
    while not done.is_empty():
        if done.has_ready():
            for future in done.next_batch(block=False):
                if future.status == "lost":  # with its worker, since it was done: Dask does it again
                    done.add(future)
                else:
                    yield future
            continue
        time.sleep(_PAUSE)
        now = time.monotonic()
        if now - looked >= 1.0:
            looked = now
            seen = now if client.scheduler_info()["workers"] else seen
        if now - seen > PATIENCE:
            message = f"all workers are gone, and none came back within {PATIENCE} seconds"
            raise AccessError("workers", message, hint=_HINT)


def failure_of(future: Any) -> BaseException:
    """What ended the task of a future that has failed."""
    from distributed.scheduler import KilledWorker

    error: BaseException = future.exception()
    if isinstance(error, KilledWorker):
        return AccessError("workers", "workers die while they score this", hint="do they have enough memory?")
    return error


def result_of(client: Client, future: Any) -> Any:
    """What a future comes to, even if it must be computed again; raises its failure, and as `completed` does."""
    patience = float(PATIENCE)
    while True:
        for done in completed(client, [future]):
            if done.status == "error":
                raise failure_of(done)
        try:
            return future.result(timeout=patience)
        except TimeoutError:  # it is large, or was lost with its worker since it was done
            patience *= 2
