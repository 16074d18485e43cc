"""`xent`, and `python -m xentcli`."""

from __future__ import annotations

import gc
import os
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line, whose modules are loaded without looking for garbage: they leave none.

    It takes 16 ms of a small file. `xentcli.cli.memory.collect_again` ends that before the first row is read.
    Nor does NumPy's linear algebra start a thread a core that waits in a loop, 0.1 s of another core: all that is
    ever solved are equations in at most 30 unknowns.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.disable()
    from xentcli.cli.run import main as run

    run()


if __name__ == "__main__":
    main()
