"""An input as a small description, from which another process, here or on another machine, opens it again."""

from __future__ import annotations

import hashlib

from msgspec import Struct

from xentcli.errors import AccessError, RequestError, Where
from xentcli.sources.byte_source import ByteSource
from xentcli.sources.open import open_source
from xentcli.sources.source import PartitionKeys, Source, TextOptions


class Description(Struct, frozen=True):
    """Where an input is, how to read it, and what it must look like."""

    content: ByteSource
    keys: PartitionKeys
    text: TextOptions
    mark: str

    @classmethod
    def of(cls, source: Source, text: TextOptions) -> Description:
        """Raises `RequestError` for what no other process can open."""
        if source.label_file is not None:
            raise RequestError(
                "engine", "--labels is joined on one machine only",
                hint="--engine local, or write the labels into the prediction files", where=Where(source.name),
            )  # fmt: skip
        if source.one_machine is not None:
            message = f"{source.one_machine} is read on one machine only"
            raise RequestError("engine", message, hint="--engine local", where=Where(source.name))
        found = source.detach()
        if found is None:
            raise RequestError(
                "engine", "cannot be read by another process",
                hint="save it where all workers can read it, or --engine local", where=Where(source.name),
            )  # fmt: skip
        return cls(*found, text, _mark(source))

    def open(self) -> Source:
        """The input. Raises `AccessError` where it is not there, or another than was described."""
        source = open_source(self.content.refresh(), self.keys, self.text)
        if _mark(source) != self.mark:
            raise another_file(source)
        return source


def another_file(source: Source) -> AccessError:
    """The error for an input that is not what was described."""
    message = "is not the file it was when the run began: its size, its rows or its columns differ"
    return AccessError("input_changed", message, where=Where(source.name))


def _mark(source: Source) -> str:
    about = repr((source.format, source.size, tuple(source.fields)))
    return hashlib.sha256(about.encode("utf-8", "surrogatepass")).hexdigest()
