"""The words and signs of a requirement, from left to right."""

from __future__ import annotations

import json
import re

from xentcli.errors import RequestError
from xentcli.results.selectors import PLAIN
from xentcli.wording import brief, suggest

EXAMPLE = "such as 'log_loss <= 0.35' or 'recall[cat] >= 0.9', in quotes for the shell"

_NAME = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_OPERATOR = re.compile(r"<=|>=|==|<|>")
_SIGNS = re.compile(r"[<>=!~≤≥≠]+")
_MEANT = {"=": "==", "=<": "<=", "=>": ">=", "≤": "<=", "≥": ">="}


class Scanner:
    """Takes a text to pieces; between them there may be spaces."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._at = 0
        self._skip()

    def error(self, problem: str, hint: str | None = None) -> RequestError:
        """About the requirement."""
        return RequestError("requirement", f'requirement "{brief(self.text, 200)}": {problem}', hint=hint)

    def name(self) -> str:
        """The name of a metric, which comes first."""
        if not self.text.strip():
            raise self.error("is empty", EXAMPLE)
        found = self._match(_NAME)
        if found is None:
            raise self.error("does not begin with the name of a metric", EXAMPLE)
        return found

    def accept(self, sign: str) -> bool:
        """Whether a sign comes next; then it is behind."""
        if not self.text.startswith(sign, self._at):
            return False
        self._at += len(sign)
        self._skip()
        return True

    def expect(self, sign: str, what: str) -> None:
        """Take a sign, or say that `what` was expected."""
        if not self.accept(sign):
            raise self.error(f"{what} was expected, not {self._next()}")

    def expect_end(self) -> None:
        """Take the bracket that ends a selector."""
        if self.accept("]"):
            return
        if self._at >= len(self.text):
            raise self.error('"]" is missing')
        hint = 'a name with ] = , * " or a space in it stands in double quotes, as in ["a b"]'
        raise self.error(f'"]" was expected, not {self._next()}', hint)

    def word(self, what: str) -> str:
        """A name, plain or as a JSON string."""
        found = self._string() if self.text.startswith('"', self._at) else self._match(PLAIN)
        if found is None:
            hint = "each slice has a requirement of its own by [COLUMN=*]" if self.accept("*") else None
            raise self.error(f"{what} was expected in the brackets", hint)
        return found

    def value(self) -> str | None:
        """The value of a column; nothing is a missing one."""
        if self._at >= len(self.text) or self.text[self._at] in ",]":
            return None
        return self.word("a value")

    def operator(self) -> str:
        """How number and limit compare."""
        if self._at >= len(self.text):
            raise self.error("has no limit", EXAMPLE)
        signs = _SIGNS.match(self.text, self._at)
        found = self._match(_OPERATOR) if signs and _OPERATOR.fullmatch(signs[0]) else None
        if found is None:
            meant = _MEANT.get(signs[0]) if signs else None
            hint = suggest(f'"{meant}"') if meant else "operators: <=, <, >=, >, =="
            raise self.error(f"an operator was expected, not {self._next()}", hint)
        return found

    def rest(self) -> str:
        """What is left."""
        return self.text[self._at :].rstrip()

    def _string(self) -> str:
        raw = self._match(_STRING)
        if raw is None:
            raise self.error("a quote is not closed")
        try:
            found: str = json.loads(raw, strict=False)
        except ValueError:
            hint = r"a quote within is \", a backslash \\"
            raise self.error(f"{brief(raw)} is not a JSON string", hint) from None
        return found

    def _match(self, pattern: re.Pattern[str]) -> str | None:
        found = pattern.match(self.text, self._at)
        if found is None:
            return None
        self._at = found.end()
        self._skip()
        return found[0]

    def _skip(self) -> None:
        while self._at < len(self.text) and self.text[self._at].isspace():
            self._at += 1

    def _next(self) -> str:
        rest = self.rest()
        return f'"{brief(rest)}"' if rest else "the end"
