"""The runner: owns exit codes, the two output streams and signals. Nothing else in the package exits or prints.

0 scored, and what is required held. 1 a failed verdict was computed and written. 2 command line. 3 content. 4 the
system refused. 5 undecided. 70 internal. 130, 141, 143: Ctrl-C, closed pipe, SIGTERM. Python, Click and rich would
all exit with 1 on a closed pipe or a crash; 1 is for failed verdicts only.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from xentcli.cli import shortage, signals
from xentcli.cli.commands import xent
from xentcli.cli.outcome import Outcome
from xentcli.cli.process.mapped import expect_cut_files
from xentcli.cli.process.memory import keep_freed_memory
from xentcli.cli.targets import write_file
from xentcli.errors import AccessError, Notice, UnscoredPartError, Where, XentError, is_of_memory
from xentcli.files import append_file, copy_to, make_folder, reason, write_all
from xentcli.render.json import document
from xentcli.render.text import visible
from xentcli.wording import without_secrets

INTERNAL, INTERRUPTED, PIPE_CLOSED = 70, 130, 141
_REPORT = "this is a bug in xent; please report it with the command and the lines above"


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and end the process with its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        signals.install()
        shortage.expect(arguments)
        expect_cut_files(arguments)
        keep_freed_memory()
        code = run(arguments, 1 if _reserve_streams() else None)
        with contextlib.suppress(OSError, ValueError, AttributeError):
            sys.stderr.flush()
        os._exit(code)  # all is written and flushed; a tear-down of threads and modules could only fail
    except BaseException as error:  # while an error was put into words
        if signals.exit_code() is None and is_of_memory(error):
            shortage.leave(arguments)
        os._exit(signals.exit_code() or INTERNAL)


def run(arguments: Sequence[str], stdout: int | None = 1, stderr: int = 2) -> int:
    """Run the command line on these descriptors and return its exit code; a closed standard output is None.

    Raises what comes of too little memory: only the end of the process takes none.
    """
    try:
        return _run(list(arguments), stdout, stderr)
    except BaseException as error:  # no failure may end as Python ends it, with the code of a verdict
        signals.end_at_once()
        code = signals.exit_code() or _failure(error, arguments, stderr)
        if code is None:
            raise
        return code


def _run(arguments: list[str], stdout: int | None, stderr: int) -> int:
    try:
        outcome = _invoke(arguments)
    except UnscoredPartError as error:
        if error.stream is not None:
            _deliver(Outcome("", product=error.stream), stdout)
        raise
    signals.unwind()
    signals.raise_if_lost()
    if outcome.folder is not None:
        make_folder(outcome.folder)
    for path, text in outcome.files:
        write_file(path, text.encode("utf-8", "backslashreplace"))
    unwritten = _summarize(outcome)
    _deliver(outcome, stdout)
    signals.end_at_once()
    for notice in (*outcome.notices, *unwritten):
        _say(stderr, f"xent: notice: {notice}")
    for line in outcome.verdicts:
        _say(stderr, f"xent: {line}")
    for command in outcome.commands:
        _write(stderr, command)
    return outcome.exit_code


def _failure(error: BaseException, arguments: Sequence[str], stderr: int) -> int | None:
    """Say what went wrong, and with which code to end; None, and nothing said, for want of memory."""
    as_json = shortage.wants_json(arguments)
    match error:
        case XentError():
            _complain(stderr, error, as_json)
            return error.exit_code
        case click.ClickException():
            _complain_click(stderr, error, as_json)
            return 2
        case BrokenPipeError():
            return PIPE_CLOSED
        case click.Abort() if isinstance(error.__cause__, EOFError):  # to Click the end of a prompt; there is none
            error = error.__cause__
        case KeyboardInterrupt() | click.Abort():
            return INTERRUPTED
    if is_of_memory(error):
        return None
    # The last line of defence: whatever it is, it must not look like a verdict.
    _say(stderr, *"".join(traceback.format_exception(error)).rstrip().split("\n"))
    _say(stderr, f"xent: internal error: {_REPORT}")
    return INTERNAL


def _invoke(arguments: list[str]) -> Outcome:
    """Run Click without letting it print or exit: help and version pages become an outcome too."""
    asked = os.environ.get("_XENT_COMPLETE")
    if asked is not None:
        from xentcli.cli.completion.answer import answer

        return Outcome(answer(asked), document=True)
    pages = io.StringIO()
    with contextlib.redirect_stdout(pages):
        outcome = xent.main(arguments or ["--help"], prog_name="xent", standalone_mode=False, color=True)
    return outcome if isinstance(outcome, Outcome) else Outcome(pages.getvalue())


def _summarize(outcome: Outcome) -> list[Notice]:
    """Append the summary; one that cannot be written is worth a notice, as it decides nothing."""
    if outcome.summary is None:
        return []
    path, text = outcome.summary
    try:
        append_file(path, lambda size: text(size).encode("utf-8", "backslashreplace"))
    except AccessError as error:
        return [Notice(error.code, 1, error.message, () if error.where is None else (error.where,))]
    return []


def _deliver(outcome: Outcome, stdout: int | None) -> None:
    if outcome.output is not None:
        text = outcome.text.encode("utf-8", "backslashreplace")
        write_file(outcome.output, text if outcome.data is None else outcome.data)
        if outcome.product is None:
            return
    if stdout is None:
        raise AccessError("closed", "standard output is closed")
    encoding = "utf-8" if outcome.document else getattr(sys.__stdout__, "encoding", None) or "utf-8"
    try:
        if outcome.product is not None:
            with outcome.product:
                copy_to(outcome.product, stdout)
            return
        write_all(stdout, outcome.text.encode(encoding, "backslashreplace"))
    except BrokenPipeError:
        raise
    except OSError as error:
        raise AccessError("unwritable", f"standard output: {reason(error)}") from error


def _reserve_streams() -> bool:
    """Keep files that are opened later off closed standard descriptors; tells whether stdout was open."""
    is_open = []
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
            is_open.append(True)
        except OSError:
            os.dup2(os.open(os.devnull, os.O_RDWR), descriptor)
            is_open.append(False)
    return is_open[1]


def _complain(stderr: int, error: XentError, as_json: bool) -> None:
    where = error.where or Where("")
    if as_json:
        _say_json(
            stderr, error.code, error.exit_code, error.message, error.hint,
            file=where.file or None, line=where.line, row=where.row, column=error.column,
        )  # fmt: skip
        return
    _say(stderr, f"xent: error: {error}")
    if error.hint:
        _say(stderr, f"  hint: {error.hint}")


def _complain_click(stderr: int, error: click.ClickException, as_json: bool) -> None:
    message = error.format_message()
    if as_json:
        _say_json(stderr, "usage", 2, message, None, file=None, line=None, row=None, column=None)
        return
    context = getattr(error, "ctx", None)
    if context is not None:
        _say(stderr, *context.get_usage().split("\n"))
    _say(stderr, f"xent: error: {message}")
    if context is not None:
        _say(stderr, f"  hint: {context.command_path} --help")


def _say_json(stderr: int, code: str, exit_code: int, message: str, hint: str | None, **place: Any) -> None:
    message = without_secrets(message)
    error = {"code": code, "exit_code": exit_code, "message": message, **place, "hint": hint}
    _write(stderr, document({"format": "xent.error", "format_version": 1, "error": error}).rstrip())


def _say(stderr: int, *lines: str) -> None:
    """Lines on standard error, whatever the strings of the input in them hold."""
    for line in lines:
        _write(stderr, visible(without_secrets(line)))


def _write(stderr: int, line: str) -> None:
    """A line on standard error that is a document or a command; a reader that is gone changes no verdict."""
    with contextlib.suppress(OSError):
        write_all(stderr, f"{line}\n".encode("utf-8", "backslashreplace"))
