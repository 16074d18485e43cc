"""Strings that would steer a terminal, a build log or a page, were they printed as they are."""

from __future__ import annotations

import re
import unicodedata

HOSTILE = {
    "unseen": "\x1b[2J\x1b]0;title\x07\x9b2J\x00\x08\x7f\u202e\u2066\u200f\u2028\u2029\x85\u200b\ufeff\U000e0001",
    "command": "::error::",
    "commands": "x\n::error::y\r\n::error::z ##[error]##vso[task.complete]",
    "markup": "[/bold][red][link=http://a.b]<script>alert(1)</script>&lt;]]><!--",
    "markdown": "|a|`b`**c**![d](e)``",
    "page": "# x\n- y\n\n```\n@all ~~z~~ http://a.b ",
    "quotes": '"\\"\'\t\\x1b,#',
}


def refuse_hostile(text: str) -> None:
    """No character that does not show as itself, but for ends of lines, and no command of a build log."""
    unseen = {char for char in text if unicodedata.category(char)[0] == "C" or char in "\u2028\u2029"} - {"\n"}
    assert unseen == set()
    assert [line for line in text.splitlines() if line.lstrip().startswith("::")] == []
    assert re.findall(r"##(?:\[|vso\[)", text) == []
