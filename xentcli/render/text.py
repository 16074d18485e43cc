"""Making strings and numbers fit to be read."""

from __future__ import annotations

import math
import re
import unicodedata

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # controls, bidi and other format characters, surrogates


# What a build log obeys: GitHub Actions `::` at the start of a line and `##[` anywhere in it, Azure `##vso[`.
_COMMAND = re.compile(r"\A(\s*):(?=:)|#(?=#(?:\[|vso\[))")


def visible(text: str) -> str:
    r"""`text` with every character that would not show as itself written out: ESC as `\x1b`.

    The first character of a workflow command too, as a build log would obey it.
    """
    text = _COMMAND.sub(lambda sign: f"{sign[1] or ''}\\x{ord(sign[0][-1]):02x}", text)
    if text.isprintable():  # also false for the odd spaces, which stay
        return text
    return "".join(_escape(char) if unicodedata.category(char) in _UNSEEN else char for char in text)


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


def percent(share: float | None) -> str:
    """A share as a percentage."""
    if share is None:
        return "-"
    if 0 < share < 0.0005:
        return f"{100 * share:.1g} %"
    if 0.9995 <= share < 1:  # 100 % is all of them
        return f"{math.floor(1e6 * share) / 1e4:.6g} %"
    return f"{100 * share + 0.0 if abs(share) >= 0.0005 else 0.0:.1f} %"
