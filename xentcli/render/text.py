"""Making strings and numbers fit to be read.

A string of a file or an argument reaches a person through `visible` only: reports do it when they are made, every
other output where it is put together, and the runner for all that it says.
"""

from __future__ import annotations

import math
import re
import unicodedata

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # controls, bidi and other format characters, surrogates

# What a build log obeys: GitHub Actions `::` at the start of a line and `##[` anywhere in it, Azure `##vso[`.
_COMMAND = re.compile(r"\A(\s*):(?=:)|#(?=#(?:\[|vso\[))")

# What steers a terminal, turns the direction of text or hides in it, of what JSON does not escape itself; and the
# first sign of a command.
_STEERS = re.compile(
    r"[\x7f-\x9f\xad\u0600-\u0605\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
    r"|#(?=#(?:\[|vso\[))"
)


def visible(text: str) -> str:
    r"""`text` with every character that would not show as itself written out: ESC as `\x1b`.

    The first character of a workflow command too, as a build log would obey it.
    """
    text = _COMMAND.sub(lambda sign: f"{sign[1] or ''}\\x{ord(sign[0][-1]):02x}", text)
    if text.isprintable():  # also false for the odd spaces, which stay
        return text
    return "".join(_escape(char) if unicodedata.category(char) in _UNSEEN else char for char in text)


def escape_in_string(text: str) -> str:
    r"""The inside of a JSON or TOML string, or a whole JSON document, with what would not show as `\u` escapes.

    Any parser reads it as it was: neither a terminal nor a build log obeys what a string holds.
    """
    return _STEERS.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text)


def visible_lines(text: str) -> str:
    """Text of several lines, each of them made visible."""
    return "\n".join(map(visible, text.split("\n")))


def _escape(char: str) -> str:
    code = ord(char)
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(char)
    return named or (
        f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    )


def number(value: float | None, digits: int = 4) -> str:
    """A number for a table: 4 decimals, 3 significant digits where those would not show, "-" for None."""
    if value is None:
        return "-"
    if isinstance(value, int):
        return f"{value:,}"
    if not math.isfinite(value):
        return "inf" if value > 0 else "-inf" if value < 0 else "nan"
    if value != 0 and not 1e-3 <= abs(value) < 1e7:
        return f"{value:.{max(3, digits - 1)}g}"
    return f"{value:,.{digits}f}"


def signed(value: float | None, digits: int = 4) -> str:
    """A difference with its sign."""
    return f"+{number(value, digits)}" if value is not None and value > 0 else number(value, digits)


def p_value(p: float) -> str:
    """A p-value to two digits; below what anybody decides by, that it is."""
    return f"{p:.2g}" if p >= 0.0001 else "< 0.0001"
