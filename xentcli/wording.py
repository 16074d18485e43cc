"""Words of messages: long values and lists cut short; plurals; shares; "did you mean"; what to type."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any

_COMPARED = 200  # characters of names that are compared letter by letter, which takes quadratic time


def brief(text: str, most: int = 60) -> str:
    """The text, or its beginning."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def brief_middle(text: str, most: int) -> str:
    """The text without its middle: what a message says of a value often follows it."""
    half = (most - 5) // 2
    return text if len(text) <= most else f"{text[:half]} ... {text[-half:]}"


def brief_repr(value: Any) -> str:
    """How Python writes a value, unless it will not."""
    try:
        return brief(repr(value))
    except ValueError:  # more digits than `sys.get_int_max_str_digits`
        return "a number of thousands of digits"


def plural(count: int, what: str, thousands: str = ",") -> str:
    """`1 row`, `5,000 rows`; without a separator of thousands if that is ""."""
    return f"{count:{thousands}} {what}{'' if count == 1 else 's'}"


def few(names: Iterable[str], most: int, rest: str = ", ...") -> str:
    """The first names, then `rest` if there are more: `{left}` in it says how many, `{count}` how many in all."""
    names = list(names)
    left = len(names) - most
    return ", ".join(names[:most]) + (rest.format(left=left, count=len(names)) if left > 0 else "")


def first_and_last(names: Sequence[str], most: int) -> str:
    """The names; of more than `most` the first, the last and their number."""
    return ", ".join(names) if len(names) <= most else f"{names[0]}, ... {names[-1]} ({len(names)})"


def first_of(examples: Collection[str], count: int) -> str:
    """The examples, and that they are not all if there are `count`."""
    return ", ".join(examples) + (", ..." if count > len(examples) else "")


def and_more(count: int, what: str = "", thousands: str = "") -> str:
    """`and 3 more rows`, behind what is shown of them."""
    return f"and {count:{thousands}} more {what}".rstrip()


def nearest(name: str, known: Iterable[str], any_case: bool = True) -> str | None:
    """The known name that was probably meant; one that differs in case only before any other if `any_case`."""
    known = list(known)
    folded = [other for other in known if any_case and other.casefold() == name.casefold()]
    return next(iter(folded or similar(name, known, 1)), None)


def similar(name: str, known: Iterable[str], most: int) -> list[str]:
    """The known names that are written much like this one, the most alike first."""
    import difflib

    short = [other for other in known if len(other) <= _COMPARED] if len(name) <= _COMPARED else []
    return difflib.get_close_matches(name, short, n=most)


def suggest(what: str) -> str:
    """A hint that is a question: `did you mean x?`."""
    return f"did you mean {what}?"


def did_you_mean(name: str, known: Iterable[str], option: str = "", any_case: bool = True) -> str:
    """`did you mean "x"? `, to stand before the rest of a hint; nothing where no known name is near."""
    close = nearest(name, known, any_case)
    return "" if close is None else suggest(f'{option}"{close}"') + " "


def did_you_mean_one_of(name: str, known: Iterable[str], most: int) -> str:
    """`did you mean x or y? `, likewise, of several names that are near."""
    close = similar(name, known, most)
    return suggest(" or ".join(close)) + " " if close else ""


def typed(option: str, *values: str) -> str:
    """An option once for each value, as a shell takes it, to stand in a hint: `--prob 'a b'`."""
    from shlex import quote  # only errors need it

    return " ".join(f"{option} {quote(value)}" for value in values)


# User information: all up to the last @, if a slash that should have been escaped stands in a secret.
_USER = re.compile(r"\b([A-Za-z][A-Za-z0-9+.-]*)://([^/?#\s]*|[^/?#\s:@]*:(?!\d+(?:/|$))[^\s'\"]*)@")
_CONTAINERS = ("abfs", "abfss", "wasb", "wasbs")  # where a name stands before the @
_OPTION = re.compile(r"([?&;][^=&#?;\s]*+=)([^&#\s'\"]++)")
# An option is secret if its name says so, or its value looks so: long, and of letters and digits.
_SECRET_NAMES = (
    "key", "secret", "token", "sig", "passw", "pwd", "credential", "auth", "sas", "session", "policy", "code"
)  # fmt: skip
_LONG_VALUE = re.compile(r"(?=\D*+\d)[A-Za-z0-9+/=%_-]{20,}")


def without_secrets(text: str) -> str:
    """The text with the secrets of its URIs as `***`: user information, keys and signatures among the options."""
    if "://" not in text:
        return text
    text = _USER.sub(lambda uri: uri[0] if _is_container(uri[1], uri[2]) else f"{uri[1]}://***@", text)
    return _OPTION.sub(_mask, text)


def _mask(option: re.Match[str]) -> str:
    name, value = option[1], option[2].rstrip("):,")  # which may end the sentence
    secret = any(word in name.lower() for word in _SECRET_NAMES) or _LONG_VALUE.fullmatch(value)
    return f"{name}***{option[2][len(value) :]}" if secret else option[0]


def _is_container(scheme: str, user: str) -> bool:
    return scheme.lower() in _CONTAINERS and ":" not in user


def is_unicode(text: str) -> bool:
    """Whether a text can be written at all: half a surrogate pair, which JSON and Python allow, cannot."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


# What programs write for a missing value, in small letters.
_MISSING = frozenset(
    {"na", "n/a", "#n/a", "null", "#null!", "none", "nil", "nan", "nat", "<na>", "(null)", "missing", "\\n"}
    | {".", "-", "--", "?", "*", "#div/0!", "#value!"}
)


def takes_as_missing(text: str) -> str | None:
    """`--na NA takes it as missing`, if a text is what programs write for a missing value."""
    word = text.strip()
    return f"{typed('--na', word)} takes it as missing" if word.casefold() in _MISSING else None


def percent(share: float | None) -> str:
    """A share as a percentage: 0.0 % is none, 100.0 % all of them."""
    if share is None:
        return "-"
    if 0 < share < 0.0005:
        return f"{100 * share:.1g} %" if share >= 1e-5 else "< 0.001 %"
    if 0.9995 <= share < 1:
        return f"{math.floor(1e6 * share) / 1e4:.6g} %"
    return f"{100 * share + 0.0 if abs(share) >= 0.0005 else 0.0:.1f} %"


def times(count: int) -> str:
    """`once`, `twice`, `3 times`."""
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")
