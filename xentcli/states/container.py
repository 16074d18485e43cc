"""The container of a state: what says that it is one, its content in few bytes, and a checksum.

    MAGIC | version | kind | bytes of all of this | bytes of the content | the content, deflated | SHA-256

Integers are little-endian. The checksum is of all before it, so a file is read as it was written or not at all.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib

from xentcli.errors import ContentError, Where
from xentcli.states.arrays import Malformed

FORMAT_VERSION = 16
KINDS = ("score", "compare", "rank", "divergence", "no rows")
HEAD = struct.Struct("<12sIIQQ")
LENGTH = 8  # bytes that a content begins with: how long its text is, after which there are arrays

_MAGIC = b"\x89xent.state\n"  # no text starts so
_JSON = re.compile(rb'\{"format": "xent\.state", "format_version": (\d{1,9}), ')  # of version 11 and before
# Of zlib. In arrays only runs are sought: other repetitions are mostly chance, and cost more bytes than they save
# (3 % fewer bytes in half the time). Little memory makes short blocks, each with a code of its own.
_TEXT = (6, zlib.DEFLATED, -zlib.MAX_WBITS, 8)
_ARRAYS = (4, zlib.DEFLATED, -zlib.MAX_WBITS, 4, zlib.Z_RLE)
_CHECKSUM = 32
_MOST_BYTES, _MOST_TIMES = 1 << 30, 64  # of a content, and of its packed size: beyond both, it is no state


def is_state(head: bytes) -> bool:
    """Whether a file that starts so is a state, of whatever version, or one that was cut."""
    return _is_binary(head) or _JSON.match(head) is not None


def _is_binary(head: bytes) -> bool:
    """Likewise but for those of version 11 and before."""
    return head.startswith(_MAGIC) or (head != b"" and _MAGIC.startswith(head))


def seal(content: bytes, kind: str) -> bytes:
    """The state of this kind that has this content."""
    end = LENGTH + int.from_bytes(content[:LENGTH], "little")
    text, arrays = zlib.compressobj(*_TEXT), zlib.compressobj(*_ARRAYS)
    packed = text.compress(content[:end]) + text.flush(zlib.Z_FULL_FLUSH)
    packed += arrays.compress(content[end:]) + arrays.flush()  # one stream, which goes on
    size = HEAD.size + len(packed) + _CHECKSUM
    data = HEAD.pack(_MAGIC, FORMAT_VERSION, KINDS.index(kind), size, len(content)) + packed
    return data + hashlib.sha256(data).digest()


def unseal(data: bytes, file: str) -> tuple[str, bytes]:
    """(The kind, the content) of a state; `file` names it in errors.

    Raises `ContentError` for what is no state, of another version or damaged, and `Malformed` for what no xent
    has written.
    """
    _refuse_other(data, file)
    if len(data) < HEAD.size:
        raise refusal(file, "has no end: it was cut", "copy it again, or score again")
    _, _, kind, size, unpacked = HEAD.unpack_from(data)
    if len(data) < size:
        message = f"has no end: it was cut to {len(data):,} of {size:,} bytes"
        raise refusal(file, message, "copy it again, or score again")
    if hashlib.sha256(data[:-_CHECKSUM]).digest() != data[-_CHECKSUM:]:
        message = "is damaged: its checksum is not that of its content"
        raise refusal(file, message, "copy it again, or score again")
    if kind >= len(KINDS) or unpacked > max(_MOST_BYTES, _MOST_TIMES * size):
        raise Malformed("head", "is of no kind, or too large")
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = stream.decompress(data[HEAD.size : -_CHECKSUM], unpacked + 1)
    except zlib.error as fault:
        raise Malformed("content", f"cannot be unpacked ({fault})") from None
    if len(content) != unpacked or not stream.eof or stream.unused_data:
        raise Malformed("content", f"is of other than {unpacked:,} bytes")
    return KINDS[kind], content


def _refuse_other(data: bytes, file: str) -> None:
    """Raise for what is no state of this version."""
    old = _JSON.match(data[:80])
    if not old and not _is_binary(data):
        message = "is not a state of xent" if data else "is empty"
        raise refusal(file, message, "xent score FILE --save-state STATE writes one")
    if not old and len(data) < len(_MAGIC) + 4:
        return  # it was cut
    version = int(old[1]) if old else int.from_bytes(data[len(_MAGIC) : len(_MAGIC) + 4], "little")
    if version != FORMAT_VERSION:
        message = f"is of version {version} of the format; this xent reads version {FORMAT_VERSION}"
        raise refusal(file, message, "merge with the xent that scored, or score again")


def refusal(file: str, message: str, hint: str | None = None) -> ContentError:
    """That a file cannot be read as a state."""
    return ContentError("state", message, hint=hint, where=Where(file))
