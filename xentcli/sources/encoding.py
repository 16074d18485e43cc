"""The encoding of text: UTF-8, with or without a byte order mark."""

from __future__ import annotations

import re

from xentcli.errors import ContentError, Where
from xentcli.sources.records import lines_in

BOM = b"\xef\xbb\xbf"
# By their marks, or by the NUL bytes beside the first characters, which no text in UTF-8 has so regularly.
_OTHERS = {
    "UTF-32": rb"\xff\xfe\0\0|\0\0\xfe\xff",
    "UTF-16": rb"\xff\xfe|\xfe\xff",
    "UTF-32LE": rb"[^\0]\0\0\0",
    "UTF-32BE": rb"\0\0\0[^\0]",
    "UTF-16LE": rb"(?:[^\0]\0){2}",
    "UTF-16BE": rb"(?:\0[^\0]){2}",
}


def refuse_other_encodings(data: bytes, name: str) -> None:
    """Refuse text whose first four bytes are those of UTF-16 or UTF-32."""
    for encoding, beginning in _OTHERS.items():
        if re.match(beginning, data):
            raise ContentError(
                "encoding", f"is {encoding} text", hint=f"iconv -f {encoding} -t UTF-8", where=Where(name)
            )


def check_text(data: bytes, path: str, line: int) -> None:
    """Refuse what is not UTF-8, naming the first byte that is not."""
    if data.isascii():
        return
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        start = max(data.rfind(b"\n", 0, error.start), data.rfind(b"\r", 0, error.start)) + 1
        raise ContentError(
            "encoding",
            f"byte {error.start - start + 1} of the line, 0x{data[error.start]:02x}, is not UTF-8",
            hint="convert the file, for example with: iconv -f LATIN1 -t UTF-8",
            where=Where(path, line=line + lines_in(data, 0, start)),
        ) from None
