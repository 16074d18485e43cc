"""Text: records cut at block edges, fields, numbers, lines and encodings, against Python's own csv module."""

from __future__ import annotations

import csv
import io
import itertools
import math
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xentcli.core.text import Dialect
from xentcli.errors import ContentError, RequestError, XentError
from xentcli.sources.byte_source import LocalFile
from xentcli.sources.delimited import records as text_source
from xentcli.sources.delimited.source import CsvSource
from xentcli.sources.open import open_paths
from xentcli.sources.source import Projection, TextOptions

HEADER = ("x", "y")
Row = tuple[int, tuple[str | None, ...]]  # physical line, fields; an empty field is missing


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that each example writes anew."""
    return tmp_path_factory.mktemp("csv") / "x.csv"


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> int:
    """Blocks of a few bytes."""
    monkeypatch.setattr(text_source, "BLOCK_BYTES", 16)
    return 16


def read(path: Path, delimiter: str | None = None) -> list[Row]:
    """Every record as this package reads it."""
    source = CsvSource.open(LocalFile.of(str(path)), TextOptions(delimiter))
    names = tuple(field.name for field in source.fields)
    rows: list[Row] = []
    for part in source.chunks(Projection(names, ())):
        for block in part.blocks():
            columns = [block.columns[name].to_pylist() for name in names]
            lines = [block.where(i).line or 0 for i in range(block.rows)]
            rows += zip(lines, zip(*columns, strict=True), strict=True)
    return rows


def column(path: Path, wanted: Projection) -> list[Any]:
    """The values of the only column wanted."""
    source = CsvSource.open(LocalFile.of(str(path)), TextOptions())
    blocks = [block for part in source.chunks(wanted) for block in part.blocks()]
    return [value for block in blocks for value in block.columns[wanted.names[0]].to_pylist()]


def numbers(path: Path, name: str) -> list[float]:
    """A column as numbers."""
    return column(path, Projection((), (name,)))


def words(path: Path, name: str) -> list[str | None]:
    """A column as text."""
    return column(path, Projection((name,), ()))


def records(text: str) -> Iterator[tuple[int, list[str]]]:
    """(physical line, fields) of the records of a text, by Python's csv module; blank lines are none."""
    reader = csv.reader(io.StringIO(text, newline=""))
    line = 1
    for fields in reader:
        if fields:
            yield line, fields
        line = reader.line_num + 1


def is_open(text: str) -> bool:
    """Whether a text ends inside a quoted field: then it swallows whatever is put after it."""
    return not text or list(csv.reader(io.StringIO(text + "\n!\n", newline="")))[-1] != ["!"]


def stray(text: str) -> int | None:
    """The line on which Python's csv module, being strict, finds text after a closing quote."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for _ in reader:
            pass
    except csv.Error as error:
        return reader.line_num if "expected after" in str(error) else None
    return None


def expected(text: str) -> list[Row]:
    """What must be read."""
    _, *rows = records(text)
    return [(line, tuple(field or None for field in fields)) for line, fields in rows]


def quoted(field: str) -> str:
    return '"' + field.replace('"', '""') + '"'


# Any table, any block size


@st.composite
def tables(draw: st.DrawFn) -> str:
    """A text as programs write it: what must be quoted is, and some of the rest."""
    end = draw(st.sampled_from(["\n", "\r\n"]))
    field = st.text(st.sampled_from('ab,;"\n\r é'), max_size=8)
    rows = draw(st.lists(st.tuples(field, field, st.booleans(), st.integers(0, 2)), max_size=12))
    text = draw(st.sampled_from(["", "\ufeff", end])) + ",".join(HEADER) + end
    for first, second, quote, blank in rows:
        fields = [quoted(f) if quote or set(f) & set(',"\n\r;') else f for f in (first, second)]
        text += ",".join(fields) + end + end * max(0, blank - 1)
    return text if draw(st.booleans()) else text.removesuffix(end)


@given(text=tables(), block=st.integers(12, 80))
def test_any_table_is_read_as_it_was_written(text: str, block: int, path: Path) -> None:
    path.write_text(text, encoding="utf-8", newline="")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_source, "BLOCK_BYTES", block)
        assert read(path) == expected(text.removeprefix("\ufeff"))


@given(body=st.text(st.sampled_from('aa,,"\n\r'), max_size=60), block=st.integers(4, 80))
@example(body='"a"b"c,d"\n,"\n"', block=8)
@example(body='a""b,c\n"",d\n', block=4)
@example(body="a,a\ra,a\na,a\n", block=8)
def test_any_text_is_read_as_python_reads_it_or_refused(body: str, block: int, path: Path) -> None:
    text = "x,y\n" + body
    path.write_text(text, newline="")
    ragged = [line for line, fields in records(text) if len(fields) != 2]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_source, "BLOCK_BYTES", block)
        if not ragged and not is_open(text) and stray(text) is None:
            assert read(path) == expected(text)
            return
        with pytest.raises(ContentError) as caught:
            read(path)
    if is_open(text):
        return
    if caught.value.code == "fields":
        assert (caught.value.where and caught.value.where.line) == ragged[0]
    else:
        assert (caught.value.code, stray(text) is None) == ("stray_quote", False)


def drawn(fields: st.SearchStrategy[str]) -> st.SearchStrategy[list[list[str]]]:
    return st.lists(st.lists(fields, min_size=2, max_size=2), min_size=1, max_size=12)


@given(
    rows=drawn(st.text(st.sampled_from('ab,;"\n\r é'), max_size=8)),
    style=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    delimiter=st.sampled_from(",;\t|"),
    block=st.integers(12, 80),
)
def test_what_python_writes_in_any_style_is_read_as_written(
    rows: list[list[str]], style: Literal[0, 1, 2], delimiter: str, block: int, path: Path
) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter, quoting=style).writerows([HEADER, *rows])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_source, "BLOCK_BYTES", block)
        found = [fields for _, fields in read(path)]
    assert found == [tuple(field or None for field in row) for row in rows]


@given(
    rows=drawn(st.text(st.sampled_from('ab" é'), max_size=6).filter(lambda field: not field.startswith('"'))),
    block=st.integers(4, 80),
)
def test_quotes_that_do_not_begin_a_field_are_characters(rows: list[list[str]], block: int, path: Path) -> None:
    path.write_text("x,y\n" + "".join(",".join(row) + "\n" for row in rows), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_source, "BLOCK_BYTES", block)
        found = [fields for _, fields in read(path)]
    assert found == [tuple(field or None for field in row) for row in rows]


@given(body=st.text(st.sampled_from('aa,,""\n\r'), max_size=60), block=st.integers(4, 80))
def test_the_cut_is_between_records(body: str, block: int, path: Path) -> None:
    """Parts put together are the file, and each is whole records."""
    text = "x,y\n" + body
    path.write_text(text, newline="")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_source, "BLOCK_BYTES", block)
        source = CsvSource.open(LocalFile.of(str(path)), TextOptions())
        parts = source.cut()
        if is_open(text):
            with pytest.raises(ContentError) as caught:
                list(parts)
            assert caught.value.code == "unclosed_quote"
            return
        texts = [bytes(part.data).decode() for part in parts]
    assert "".join(texts) == body
    cut = [fields for part in texts for _, fields in records(part)]
    assert cut == [fields for _, fields in records(body)]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("field", ["a\nb", "a\r\nb", "\n", 'a"\n"b', '"', ",\n,", "é\né"])
def test_quoted_newlines_at_every_offset_from_a_block_edge(end: str, field: str, path: Path, tiny: int) -> None:
    for offset in range(3 * tiny):
        rows = ["x,y", f"{'p' * offset},q", f"{quoted(field)},r", f"s,{quoted(field)}", "t,u", ""]
        text = end.join(rows)
        path.write_text(text, encoding="utf-8", newline="")
        assert read(path) == expected(text), offset


def test_a_byte_order_mark_further_down_is_a_character_wherever_blocks_end(path: Path, tiny: int) -> None:
    for offset in range(2 * tiny):
        text = f"x,y\n{'p' * offset},q\n\ufeffr,s\n\ufefft,u\n"
        path.write_text(text, encoding="utf-8")
        assert read(path) == expected(text), offset


def test_a_field_longer_than_python_allows_is_read_again_for_a_message(path: Path) -> None:
    path.write_text(f"x,y\n{'p' * 200_000},1\na,z\n")
    with pytest.raises(ContentError) as caught:
        numbers(path, "y")
    assert caught.value.where is not None
    assert (caught.value.code, caught.value.where.line) == ("not_a_number", 3)


def test_a_line_feed_in_a_field_of_an_old_mac_file(path: Path) -> None:
    text = 'x,y\r"a\nb",c\rd,e\r'
    path.write_text(text, newline="")
    assert read(path) == expected(text)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_header_ends_anywhere_in_a_block(end: str, path: Path, tiny: int) -> None:
    for length in range(1, 3 * tiny):
        text = end.join([f"{'x' * length},y", "a,b", "", "c,d", ""])
        path.write_text(text, newline="")
        assert read(path) == expected(text), length


def test_the_real_blocks_are_joined_at_quoted_newlines(path: Path) -> None:
    edge = text_source.BLOCK_BYTES
    for offset in range(edge - 12, edge + 4):
        text = "x,y\n" + "p" * (offset - 6) + ',q\n"a\n""b",c\nd,e\n'
        path.write_text(text)
        assert read(path)[1:] == [(3, ('a\n"b', "c")), (5, ("d", "e"))]


# Lines


@pytest.mark.parametrize("block", [8, 16, 1 << 20])
@pytest.mark.parametrize(
    "text",
    [
        "x,y\na,1\nb,z\n",
        "\n\nx,y\n\n\na,1\n\nb,z\n",
        'x,y\n"a\n\n",1\n\nb,z\n',
        '"x",y\n"a\n""\n",1\n"b",z',
        "x,y\r\n\r\na,1\r\n\r\n\r\nb,z\r\n",
        'x,y\r\n"a\r\nb",1\r\n\r\nb,z\r\n',
        'x,"\ny"\n\na,1\nb,z\n'.replace("\ny", "y"),
        "x,y\ra,1\rb,z\r",
        "x,y\r\ra,1\r\r\rb,z",
        "x,y\na,1\ra,2\ra,3\na,4\nb,z\n",
        "x,y\r\na,1\na,2\r\n\na,3\r\n\r\nb,z\n",
        "\ufeffx,y\n\na,1\n\nb,z\n",
        "\ufeff\nx,y\na,1\nb,z\n",
    ],
)
def test_the_line_of_an_error(text: str, block: int, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_source, "BLOCK_BYTES", block)
    path.write_text(text, encoding="utf-8", newline="")
    with pytest.raises(ContentError) as caught:
        numbers(path, "y")
    last = [line for line, fields in records(text.removeprefix("\ufeff")) if fields[-1] == "z"]
    assert caught.value.code == "not_a_number"
    assert (caught.value.where and caught.value.where.line, caught.value.column) == (last[0], "y")


def test_a_header_of_several_lines_counts_them(path: Path) -> None:
    path.write_text('x,y,"a\nb\nc"\np,1,\nq,z,\n')
    with pytest.raises(ContentError) as caught:
        numbers(path, "y")
    assert caught.value.where is not None
    assert caught.value.where.line == 5


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('x,y\n"a,b\n', 2),
        ('x,y\na,b\nc,"d\ne,f\n', 3),
        ('x,y\n"a\nb",c\n\nd,"e\n', 5),
        ('x,y\n"a\nb",c\n"d ""\ne",f\n"g\n', 6),
        ('x,y\r\na,"b\r\n', 2),
        ('x,y\ra,b\r"c\r', 3),
        ('x,y\na"b,c\n"d,e\n', 3),
        ('x,"y\na,b\n', 1),
        ('\n\n"x,y\na,b\n', 3),
    ],
)
@pytest.mark.parametrize("block", [6, 1 << 20])
def test_the_line_of_an_unclosed_quote(
    text: str, line: int, block: int, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_source, "BLOCK_BYTES", block)
    path.write_text(text, newline="")
    with pytest.raises(ContentError) as caught:
        read(path)
    assert (caught.value.code, caught.value.where and caught.value.where.line) == ("unclosed_quote", line)


# Stray quotes


def glued(path: Path, text: str, used: str = "y") -> ContentError:
    """The error of a text some field of which goes on after its closing quote."""
    path.write_text(text, encoding="utf-8", newline="")
    with pytest.raises(ContentError) as caught:
        words(path, used)
    assert (caught.value.code, caught.value.exit_code) == ("stray_quote", 3)
    return caught.value


@pytest.mark.parametrize("block", [6, 1 << 20])
@pytest.mark.parametrize(
    ("text", "line", "column", "shown"),
    [
        ('x,y\na,"0.5"1\n', 2, "y", '"0.5"1 has text'),
        ('x,y\na,"0.5"1', 2, "y", '"0.5"1 has text'),
        ('x,y\r\na,1\r\n"a"b,1\r\n', 3, "x", '"a"b has text'),
        ('x,y\ra,1\r\r"a"b,1\r', 4, "x", '"a"b has text'),
        ('x,y\n"a" ,1\n', 2, "x", '"a" has spaces'),
        ('x,y\na,"1"\t\n', 2, "y", '"1" has spaces'),
        ('x,y\n"a\n\nb",1\n"say "hi"",2\n', 5, "x", '"say "hi"" has text'),
        ('x,y\n"a\nb"c,1\n', 2, "x", '"a\nb"c has text'),
        ('x,y\n"a\nb",""1\n', 3, "y", '""1 has text'),
        ('x,y\n5" pipe,"1"\n"5"" pipe","1"0\n', 3, "y", '"1"0 has text'),
        ('x,y\n\n"é"é,1\n', 3, "x", '"é"é has text'),
        ('x,y\n"a"",",1\n"a"b,1\n', 3, "x", '"a"b has text'),
    ],
)
def test_text_after_a_closing_quote_is_refused(
    text: str, line: int, column: str, shown: str, block: int, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_source, "BLOCK_BYTES", block)
    for used in HEADER:
        error = glued(path, text, used)
        assert (error.where and error.where.line, error.column) == (line, column)
        assert error.message.startswith(f"{shown} after its closing quote")
        assert error.hint is not None


def test_more_stray_quotes_are_counted_by_line(path: Path) -> None:
    error = glued(path, 'x,y\na,"1"0\nb,2\n"c"c,"1"0\n"d\n",1\n"e"e,1\n')
    assert error.message.endswith("after its closing quote (and on 2 more lines up to line 7)")


def test_a_long_field_is_shown_around_its_closing_quote(path: Path) -> None:
    error = glued(path, f'x,y\n"{"a" * 100}b"c{"d" * 100},1\n')
    assert error.message.startswith(f'...{"a" * 35}b"c{"d" * 16}... has text')


@pytest.mark.parametrize("field", ['"p"q', '"p" ', '"say "hi""'])
@pytest.mark.parametrize("before", ["", "\n\n", "\ufeff", '"a\nb",'])
def test_text_after_a_closing_quote_in_the_header(before: str, field: str, path: Path) -> None:
    error = glued(path, f"{before}x,{field},y\n")
    assert (error.where and error.where.line, error.column) == (1 + before.count("\n"), None)
    assert error.message.startswith(field.rstrip())


def test_quoted_names_between_which_another_delimiter_stands_tell_it(path: Path) -> None:
    assert "--delimiter : " in (glued(path, '"x":"y"\n1:2\n').hint or "")


@pytest.mark.parametrize(
    ("text", "line"), [('x,y\n"say ""a\nb""\n', 2), ('x,y\na,b\nc,"""d\n""\n""', 3), ('x,y\na"b,"c""\n""\n', 2)]
)
def test_a_doubled_quote_opens_no_field(text: str, line: int, path: Path) -> None:
    error = refused(path, text.encode())
    assert (error.code, error.where and error.where.line) == ("unclosed_quote", line)


# Many columns


@pytest.mark.parametrize(("columns", "blocks"), [(2, 8), (1024, 8), (2048, 4), (8192, 2), (100_000, 2)])
def test_a_block_grows_with_the_columns(columns: int, blocks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_source, "BLOCK_BYTES", 1024)
    monkeypatch.setattr(text_source, "LARGEST_BLOCK", 4096)
    data = b"0123456\n" * 1024
    parts = [*text_source.cut_records(io.BytesIO(data), "x.csv", 1, Dialect(","), columns)]
    assert (len(parts), b"".join(part.data for part in parts)) == (blocks, data)


# Ragged rows


@pytest.mark.parametrize("row", ["a", "a,b,c", "a,b,", '"a,b"', '"a\n",b,c', "  "])
@pytest.mark.parametrize("before", ["", "p,q\n", "p,q\n\n\n", '"p\n\n",q\n'])
def test_ragged_rows(before: str, row: str, path: Path, tiny: int) -> None:
    text = f"x,y\n{before}{row}\np,q\n"
    path.write_text(text)
    [(line, found)] = [(line, len(fields)) for line, fields in records(text) if len(fields) != 2]
    with pytest.raises(ContentError) as caught:
        read(path)
    assert (caught.value.code, caught.value.where and caught.value.where.line) == ("fields", line)
    assert caught.value.message.startswith(f"{found} field")
    assert "2" in caught.value.message


# Numbers


def spellings(number: float) -> Iterator[str]:
    """Ways to write a number."""
    yield from (repr(number), f"{number:.17g}", f"{number:.25e}", f"{number:+.17E}")
    if 1e-30 < abs(number) < 1e30:
        yield f"{number:.60f}"


def bits(number: float) -> bytes:
    return struct.pack("<d", number)


@given(given=st.lists(st.floats(allow_nan=False), min_size=1, max_size=8))
def test_numbers_are_correctly_rounded(given: list[float], path: Path) -> None:
    texts = list(itertools.chain.from_iterable(map(spellings, given)))
    path.write_text("x,y\n" + "".join(f"a,{text}\n" for text in texts))
    assert [bits(number) for number in numbers(path, "y")] == [bits(float(text)) for text in texts]


@given(digits=st.from_regex(r"[0-9]{1,40}\.[0-9]{0,40}(e[+-]?[0-9]{1,3})?", fullmatch=True))
@example(digits="0.3000000000000000166533453693773481063544750213623046875")  # halfway between two float64
@example(digits="9007199254740993")
@example(digits="2.2250738585072011e-308")
@example(digits="4.9406564584124654e-324")
@example(digits="2.4703282292062327e-324")
@example(digits="1.7976931348623158e308")
def test_digits_are_correctly_rounded(digits: str, path: Path) -> None:
    path.write_text(f"x,y\na,{digits}\n")
    assert numbers(path, "y") == [float(digits)]


@pytest.mark.parametrize("text", ["nan", "NaN", "-nan", "NAN"])
def test_not_a_number_is_a_number_here(text: str, path: Path) -> None:
    path.write_text(f"x,y\na,{text}\n")
    assert math.isnan(numbers(path, "y")[0])


@pytest.mark.parametrize("text", ["inf", "-inf", "Infinity", "-INFINITY", "+inf", "1e400", "-1e400"])
def test_infinities(text: str, path: Path) -> None:
    path.write_text(f"x,y\na,{text}\n")
    assert numbers(path, "y") == [float(text)]


@pytest.mark.parametrize("text", [" 0.5", "0.5 ", "\t0.5", " .5 ", "5.E-1", "+.5", "0000.5"])
def test_numbers_with_spaces_and_signs(text: str, path: Path) -> None:
    path.write_text(f"x,y\na,{text}\n")
    assert numbers(path, "y") == [0.5]


@pytest.mark.parametrize(
    "text",
    ["abc", "0x1", "1_0", "1e", ".", "+", "e5", "1,5", "٠.٥", "½", "1 000", "1..5", "--1", "0.5f", "true", "\x00"],
)
def test_what_is_not_a_number(text: str, path: Path) -> None:
    path.write_text(f"x,y\na,1\na,{quoted(text)}\nb,2\nc,{quoted(text)}\n", encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        numbers(path, "y")
    error = caught.value
    assert (error.code, error.exit_code, error.column) == ("not_a_number", 3, "y")
    assert error.where is not None
    assert error.where.line == 3
    assert error.message.startswith(f'"{text}" is not a number')
    assert "1 more" in error.message
    assert "line 5" in error.message


# Encodings


def refused(path: Path, content: bytes) -> XentError:
    path.write_bytes(content)
    with pytest.raises(XentError) as caught:
        read(path)
    return caught.value


@pytest.mark.parametrize("header", ["x,y", '"x","y"', '"x",y'])
def test_a_byte_order_mark_is_no_part_of_the_first_name(header: str, path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + header.encode() + b"\na,b\n")
    assert [field.name for field in CsvSource.open(LocalFile.of(str(path)), TextOptions()).fields] == ["x", "y"]
    assert read(path) == [(2, ("a", "b"))]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_other_encodings_are_named(encoding: str, path: Path) -> None:
    mark = "" if encoding in ("utf-16", "utf-32") else "\ufeff"
    assert_named(encoding, refused(path, f"{mark}x,y\na,b\n".encode(encoding)))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_other_encodings_are_named_without_a_mark(encoding: str, path: Path) -> None:
    assert_named(encoding, refused(path, "x,y\na,b\n".encode(encoding)))


def assert_named(encoding: str, error: XentError) -> None:
    assert (error.code, error.exit_code) == ("encoding", 3)
    assert encoding[:6].upper() in error.message
    assert error.hint is not None
    assert "UTF-8" in error.hint


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("block", [8, 1 << 20])
@pytest.mark.parametrize(
    ("lines", "line", "offset"),
    [
        (["x,y", "a,b", "\xff,b"], 3, 1),
        (["x,y", "a,caf\xe9"], 2, 6),
        (["x,\xff"], 1, 3),
        (["", "x,\xff"], 2, 3),
        (["x,y", "", "a,b", "", "\xff,c"], 5, 1),
    ],
)
def test_an_invalid_byte_is_named(
    lines: Sequence[str], line: int, offset: int, end: str, block: int, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_source, "BLOCK_BYTES", block)
    error = refused(path, (end.join(lines) + end).encode("latin-1"))
    assert (error.code, error.exit_code) == ("encoding", 3)
    assert error.where is not None
    assert error.where.line == line
    assert f"byte {offset} " in error.message
    assert f"0x{ord(lines[-1][offset - 1]):02x}" in error.message


def test_an_invalid_byte_after_a_quoted_newline(path: Path) -> None:
    error = refused(path, b'x,y\n"a\nb",c\n"d\n\xff",e\n')
    assert error.where is not None
    assert (error.code, error.where.line) == ("encoding", 5)
    assert "byte 1 " in error.message


def test_a_character_on_a_block_edge_is_not_torn(path: Path, tiny: int) -> None:
    for offset in range(2 * tiny):
        text = f"x,y\n{'p' * offset}é,茶\n😀,é\n"
        path.write_text(text, encoding="utf-8")
        assert read(path) == expected(text)


def test_nul_is_a_character(path: Path) -> None:
    path.write_bytes(b"x\x00,y\na\x00b,\x00\n")
    assert [field.name for field in CsvSource.open(LocalFile.of(str(path)), TextOptions()).fields] == [
        "x\x00",
        "y",
    ]
    assert read(path) == [(2, ("a\x00b", "\x00"))]


# Headers and delimiters


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_told_by_the_header(delimiter: str, path: Path) -> None:
    path.write_text(f"x{delimiter}y\n{quoted('a' + delimiter)}{delimiter}b c\n")
    assert read(path) == [(2, (f"a{delimiter}", "b c"))]


@pytest.mark.parametrize("header", ['"a,b,c,d";y', '"a|b";y', 'x;"y,z"'])
def test_a_delimiter_in_a_quoted_name_is_none(header: str, path: Path) -> None:
    path.write_text(f"{header}\n1;2\n")
    assert read(path) == [(2, ("1", "2"))]


@pytest.mark.parametrize("header", ['5" pipe,y', 'x,5" pipe', 'a "b" c,y'])
def test_a_stray_quote_in_a_name_is_a_character(header: str, path: Path) -> None:
    path.write_text(f'{header}\n1,"2\n"\n3,4\n')
    assert [field.name for field in CsvSource.open(LocalFile.of(str(path)), TextOptions()).fields] == header.split(
        ","
    )
    assert read(path) == [(2, ("1", "2\n")), (4, ("3", "4"))]


@pytest.mark.parametrize("delimiter", ["::", "", '"', "\n", "§"])
def test_what_cannot_be_a_delimiter(delimiter: str, path: Path) -> None:
    path.write_text("x,y\n1,2\n")
    with pytest.raises(RequestError) as caught:
        read(path, delimiter)
    assert caught.value.code == "delimiter"


@pytest.mark.parametrize("delimiter", [":", " ", "~", "a", "^", "]", "-", "\\"])
def test_the_delimiter_can_be_asked_for(delimiter: str, path: Path) -> None:
    path.write_text(f"x{delimiter}y\n1{delimiter}2,3\n")
    assert read(path, delimiter) == [(2, ("1", "2,3"))]


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n\r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n"])
def test_a_file_of_nothing_has_no_rows(content: bytes, path: Path) -> None:
    error = refused(path, content)
    assert (error.code, error.exit_code) == ("no_rows", 3)


def test_a_header_alone_is_no_error_of_the_text(path: Path) -> None:
    path.write_text("x,y")
    assert read(path) == []


def test_duplicate_names_have_positions(path: Path) -> None:
    error = refused(path, b"x,y,x,z,x\n1,2,3,4,5\n")
    assert isinstance(error, RequestError)
    assert (error.code, error.column) == ("duplicate_column", "x")
    assert "1, 3, 5" in error.message


def test_columns_without_a_name_may_be_many(path: Path) -> None:
    path.write_text(",x,,y\n0,a,,b\n")
    source = CsvSource.open(LocalFile.of(str(path)), TextOptions())
    [part] = source.chunks(Projection(("x", "y"), ()))
    [block] = part.blocks()
    assert [block.columns[name].to_pylist() for name in HEADER] == [["a"], ["b"]]


@pytest.mark.parametrize(
    ("content", "complete"),
    [(b"x,y\na,b\n", True), (b"x,y\na,b\r\n", True), (b"x,y\ra,b\r", True), (b"x,y\na,b", False), (b"x,y", False)],
)
def test_a_last_line_without_end_is_noticed(content: bytes, complete: bool, path: Path) -> None:
    path.write_bytes(content)
    found = CsvSource.open(LocalFile.of(str(path)), TextOptions()).possibly_truncated()
    assert list(found) == ([] if complete else [(str(path), "y")])


def test_missing_is_only_the_empty_field(path: Path) -> None:
    path.write_text('x,y\nNA,null\n"",None\nnan,\n#N/A,N/A\n')
    assert [fields for _, fields in read(path)] == [
        ("NA", "null"), (None, "None"), ("nan", None), ("#N/A", "N/A"),
    ]  # fmt: skip


@pytest.mark.parametrize("spelling", ["nan(1)", "NaN()", "-nan(a_b)"])
def test_a_nan_with_a_payload_is_no_number(spelling: str, tmp_path: Path) -> None:
    """Arrow takes what C writes for one."""
    path = tmp_path / "a.csv"
    path.write_text(f"y,p,note\na,0.5,nan(2)\nb,{spelling},x\n")
    [source] = open_paths([str(path)], TextOptions())
    [part] = source.chunks(Projection(("y",), ("p",)))
    with pytest.raises(ContentError) as caught:
        list(part.blocks())
    place = caught.value.where
    assert (caught.value.code, caught.value.column, place and place.line) == ("not_a_number", "p", 3)
    path.write_text("y,p,note\na,0.5,nan(2)\n")
    [source] = open_paths([str(path)], TextOptions())
    [part] = source.chunks(Projection(("y", "note"), ("p",)))
    assert [block.rows for block in part.blocks()] == [1]
