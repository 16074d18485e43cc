"""Ctrl-C and SIGTERM end a run in silence: at once, or once what is open has been left in order.

While modules are loaded nothing is open, and what a handler raises can get lost in them: the process just ends.
From the first row on, files may be half written, a cluster be at work, a bar stand on the terminal: the signal is
raised as `Stopped`. Should that get lost too, `raise_if_lost` finds it before anything is printed.
"""

from __future__ import annotations

import os
import signal
import sys

_SOON = 0.05  # seconds


class Stopped(BaseException):
    """A signal came that ends the run."""


class _State:
    code: int | None = None  # to exit with, once a signal came
    unwinding = False


def install() -> None:
    """Handle both signals; a Ctrl-C that is ignored, as in the background of a script, stays so."""
    _State.unwinding = False
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _on_signal)
    signal.signal(signal.SIGTERM, _on_signal)
    sys.unraisablehook = _come_again


def unwind() -> None:
    """From now on there is something to leave in order: a signal raises `Stopped`, once."""
    _State.unwinding = True


def end_at_once() -> None:
    """From now on there is nothing left that a signal could spoil."""
    _State.unwinding = False


def exit_code() -> int | None:
    """What a signal that came wants the run to end with: 130 for Ctrl-C, 143 for SIGTERM."""
    return _State.code


def raise_if_lost() -> None:
    """Raise `Stopped` if a signal came and something has swallowed what it raised."""
    if _State.code is not None:
        raise Stopped


def _on_signal(number: int, frame: object) -> None:
    _State.code = 128 + number
    if not _State.unwinding:
        os._exit(_State.code)
    _State.unwinding = False  # a second signal does not wait until all is in order
    raise Stopped


def _come_again(lost: sys.UnraisableHookArgs) -> None:
    """What a signal raises where nothing can be raised, as in a destructor, Python drops: it comes again."""
    code = _State.code
    if code is None or not issubclass(lost.exc_type, Stopped):
        sys.__unraisablehook__(lost)
        return
    _State.unwinding = True
    signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(code - 128))
    signal.setitimer(signal.ITIMER_REAL, _SOON)
