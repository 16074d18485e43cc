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
_A_PICKLE = "looks like a Python pickle, which xent never loads"
_R, _TO_CSV = "is a file of R's own (.rds, .RData)", "in R, write.csv(table, path, row.names = FALSE) writes CSV"
_FOREIGN = {
    b"FEA1": ("is a Feather file of version 1", "pandas.read_feather(path).to_parquet(...) converts it"),
    b"PARE": ("is an encrypted Parquet file", "decrypt it first"),
    b"$FL2": ("is an SPSS file", "pandas.read_spss(path).to_parquet(...) converts it"),
    b"$FL3": ("is an SPSS file", "pandas.read_spss(path).to_parquet(...) converts it"),
    b"<stata_dta>": ("is a Stata file", "pandas.read_stata(path).to_parquet(...) converts it"),
    b"HEADER RECORD*******": ("is a SAS transport file", "pandas.read_sas(path).to_parquet(...) converts it"),
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": ("is an old Excel workbook (.xls)", "save it as CSV"),
    b"RDX2\n": (_R, _TO_CSV),
    b"RDX3\n": (_R, _TO_CSV),
    b"X\n\0\0\0": (_R, _TO_CSV),
    b"MATLAB 5.0 MAT-file": ("is a MATLAB file", "scipy.io.loadmat(path) reads it: write .npy or CSV"),
    b"%PDF-": ("is a PDF", "write the table as CSV"),
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
    b"\x80\x02": (_A_PICKLE, "write Parquet, CSV or .npy"),
    b"\x80\x03": (_A_PICKLE, "write Parquet, CSV or .npy"),
    b"\x80\x04": (_A_PICKLE, "write Parquet, CSV or .npy"),
    b"\x80\x05": (_A_PICKLE, "write Parquet, CSV or .npy"),
}


_SAS = b"\xc2\xea\x81\x60\xb3\x14\x11\xcf"
_STATA = re.compile(rb"[\x69-\x73][\x01\x02]\x01\0")  # of versions 8 to 12
_SAVED = re.compile(rb'(?:\s*\{\s*"format": "|\x89)(xent\.[a-z]{1,20})["\n]')  # a result, or a state
_PICKLE = re.compile(rb"\(?[cl(d]p?\d?\n?(?:numpy|pandas|sklearn|__builtin__|copy_reg)[\w.]*+\n")  # of protocol 0


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
    if head.startswith(b"\0" * 12 + _SAS) or _STATA.match(head):
        of = "SAS" if head.startswith(b"\0") else "Stata"
        way = f"pandas.read_{of.lower()}(path).to_parquet(...) converts it"
        raise ContentError("format", f"is a {of} file", hint=way, where=Where(name))
    if head.startswith(b"PK\x03\x04") and re.match(rb"\[Content_Types\]|xl/|_rels/|docProps/|mimetype", head[30:]):
        message = "is a spreadsheet (.xlsx, .ods)"
        raise ContentError("format", message, hint="save its sheet as CSV", where=Where(name))
    if (saved := _SAVED.match(head)) is not None:
        message = f"holds {saved[1].decode()}, which xent has made of predictions, not predictions"
        way = "give predictions only; what was saved of them, xent merge, gate, plot and report read without them"
        raise ContentError("format", message, hint=way, where=Where(name))
    if _PICKLE.match(head):
        raise ContentError("format", _A_PICKLE, hint="write Parquet, CSV or .npy", where=Where(name))
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
