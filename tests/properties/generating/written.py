"""What a draft has become."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.reference.layout import Record


@dataclass(frozen=True)
class Written:
    """A file of this name and content; or data for the Python function, and its further arguments."""

    header: tuple[str, ...]
    name: str = ""
    data: bytes = b""
    rows: tuple[Record, ...] = ()  # what a store that is not text really holds
    delimiter: str | None = None
    decimal: str = "."
    mutations: tuple[str, ...] = ()
    table: Any = None
    keywords: Mapping[str, Any] = field(default_factory=dict)
