"""`xent`, and `python -m xentcli`.

Nothing is imported at the top that Python has not loaded itself: until the handlers below are there, a signal ends
the run with a traceback.
"""

import _signal  # type: ignore[import-not-found]  # what `signal` wraps, for 1 ms
import gc
import os
import sys

TYPE_CHECKING = False  # `typing` takes 3 ms
if TYPE_CHECKING:
    from typing import NoReturn


def main() -> "NoReturn":
    """Run the command line, whose modules are loaded without looking for garbage: they leave none.

    It takes 16 ms of a small file. `collect_again` of `xentcli.cli.process.memory` ends that before the first row.
    Nor does NumPy's linear algebra, which is not used, start a thread a core that waits in a loop, 0.1 s of the
    other core. And Arrow shares the heap of the C library with NumPy: one of its own would keep what each thread
    once took, 60 MiB of a Parquet file.
    """
    if _signal.getsignal(_signal.SIGINT) is not _signal.SIG_IGN:  # as it is in the background of a script
        _signal.signal(_signal.SIGINT, _leave)
    _signal.signal(_signal.SIGTERM, _leave)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    gc.disable()
    try:
        from xentcli.cli import shortage
        from xentcli.errors import is_of_memory
    except BaseException:
        os._exit(_INTERNAL)  # with so little memory, or so little of the package, that nothing can be said
    try:
        from xentcli.cli.run import main as run

        run()
    except BaseException as error:  # Python would exit with 1, the code of a failed verdict
        if is_of_memory(error):
            shortage.leave(sys.argv[1:])
        sys.excepthook(type(error), error, error.__traceback__)
        os._exit(_INTERNAL)


_INTERNAL = 70


def _leave(number: int, frame: object) -> None:
    """End at once, as nothing has been begun: the modules that are being loaded need not be told."""
    os._exit(128 + number)


if __name__ == "__main__":
    main()
