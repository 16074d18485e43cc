"""Values in messages: as they are where they are short, cut where a screen could not hold them."""

from __future__ import annotations

from typing import Any


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


def is_unicode(text: str) -> bool:
    """Whether a text can be written at all: half a surrogate pair, which JSON and Python allow, cannot."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
