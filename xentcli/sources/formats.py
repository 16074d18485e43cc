"""Formats and compressions, told by the first bytes; a name that claims another is worth a notice."""

from __future__ import annotations

import os
import re

from xentcli.errors import ContentError, Notice, Where

EXTENSIONS = {
    "csv": "csv", "tsv": "csv", "jsonl": "jsonl", "ndjson": "jsonl", "parquet": "parquet", "pq": "parquet",
    "arrow": "arrow", "arrows": "arrow", "feather": "arrow", "ipc": "arrow", "npy": "npy", "npz": "npy",
}  # fmt: skip
CODEC_EXTENSIONS = {"gz": "gzip", "bgz": "gzip", "zst": "zstd", "bz2": "bzip2", "xz": "xz"}
_NAMES = {
    "csv": "delimited text",
    "jsonl": "JSON Lines",
    "json": "a JSON array",
    "parquet": "Parquet",
    "arrow": "Arrow IPC",
    "npy": "NumPy",
}
_CODECS = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"\xfd7zXZ\0": "xz"}
_MAGIC = {b"PAR1": "parquet", b"ARROW1": "arrow", b"\xff\xff\xff\xff": "arrow", b"\x93NUMPY": "npy"}
_FOREIGN = {
    b"FEA1": ("is a Feather file of version 1", "pandas.read_feather(path).to_parquet(...) converts it"),
    b"PARE": ("is an encrypted Parquet file", "decrypt it first"),
    b"PK\x03\x04": (
        "is a zip archive or a spreadsheet",
        "unzip -p FILE | xent score -; spreadsheets: save as CSV",
    ),
    b"PK\x05\x06": ("is an empty zip archive", None),
    b"\x89HDF": ("is an HDF5 file", "write Parquet or CSV"),
    b"ORC": ("is an ORC file", "write Parquet or CSV"),
    b"Obj\x01": ("is an Avro file", "write Parquet or CSV"),
    b"SQLite format 3\0": ("is an SQLite database", "sqlite3 -csv -header FILE 'select ...' | xent score -"),
    b"\x04\x22\x4d\x18": ("is compressed by lz4", "lz4 -dc FILE | xent score -"),
    b"7z\xbc\xaf": ("is a 7z archive", "7z x -so FILE | xent score -"),
    b"\x80\x02": ("looks like a Python pickle, which xent never loads", "write Parquet, CSV or .npy"),
    b"\x80\x03": ("looks like a Python pickle, which xent never loads", "write Parquet, CSV or .npy"),
    b"\x80\x04": ("looks like a Python pickle, which xent never loads", "write Parquet, CSV or .npy"),
    b"\x80\x05": ("looks like a Python pickle, which xent never loads", "write Parquet, CSV or .npy"),
}


def codec_of(head: bytes) -> str | None:
    """The compression of what begins with `head`."""
    if re.match(rb"BZh[1-9](1AY&SY|\x17\x72\x45\x38\x50\x90)", head):
        return "bzip2"
    return next((codec for magic, codec in _CODECS.items() if head.startswith(magic)), None)


def format_of(head: bytes) -> str:
    """The format of what begins with `head`: what is nothing else is delimited text."""
    if is_npz(head):
        return "npy"
    if re.match(rb'(\xef\xbb\xbf)?\s*\{\s*("|\}|$)', head):
        return "jsonl"
    if re.match(rb"(\xef\xbb\xbf)?\s*\[\s*(\{|\[\s*[{\[0-9-])", head):
        return "json"
    return next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), "csv")


def starts_array(head: bytes) -> bool:
    """Whether a text begins as a JSON array does."""
    return re.match(rb'(\xef\xbb\xbf)?\s*\[\s*[\[{"0-9tfn\]-]', head) is not None


def is_called_json(name: str) -> bool:
    """Whether a name ends as those of JSON do, compressed or not."""
    return ".json" in os.path.basename(name).lower()


def is_npz(head: bytes) -> bool:
    """Whether a zip archive begins with an array."""
    return head.startswith(b"PK\x03\x04") and head[30 : 30 + int.from_bytes(head[26:28], "little")].endswith(
        b".npy"
    )


def refuse_foreign(head: bytes, name: str) -> None:
    """Refuse formats that are known but not read, with the way out."""
    for magic, (what, hint) in _FOREIGN.items():
        if head.startswith(magic) and not is_npz(head):
            raise ContentError("format", what, hint=hint, where=Where(name))


def claims(name: str) -> tuple[str | None, str | None]:
    """The format and the compression that the end of a name claims."""
    words = os.path.basename(name).lower().split(".")[1:]
    codec = CODEC_EXTENSIONS.get(words[-1]) if words else None
    if codec is not None:
        words.pop()
    return (EXTENSIONS.get(words[-1]) if words else None), codec


def extension_notice(name: str, kind: str | None, codec: str | None) -> Notice | None:
    """A notice if the name claims another format (unless `kind` is None) or compression than the content has."""
    claimed, claimed_codec = claims(name)
    if claimed is None and claimed_codec is None:
        return None
    wrong_kind = kind is not None and claimed is not None and claimed != kind
    if not wrong_kind and claimed_codec == codec:
        return None
    packed = f"{codec}-compressed " if codec else "uncompressed " if claimed_codec else ""
    what = _NAMES[kind or claimed or "csv"]
    return Notice("extension", 1, f"the name says otherwise, but it is {packed}{what}", (Where(name),))
