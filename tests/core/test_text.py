"""Delimited text by the kernel: numbers against Python's, records and fields against a slow reader of bytes."""

from __future__ import annotations

import importlib.util
import math
import random
import re
import struct
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from xentcli.core import kernel
from xentcli.core.text import SKIPPED, Dialect, Layout, ParsedText, cut, parse

NUMBER = re.compile(rb"[ \t]*[+-]?((\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?|nan|inf|infinity)[ \t]*", re.IGNORECASE)
HEADER = kernel.LIBRARY.with_name("powers.h")


def layout(places: Sequence[int], delimiter: str = ",", decimal: str = ".") -> Layout:
    """Of columns that are numbers (0), words (1), words each its own (2), or skipped (-1)."""
    numbers, texts = places.count(0), [place == 1 for place in places if place > 0]
    at = np.full(len(places), SKIPPED, np.int32)
    at[[i for i, place in enumerate(places) if place == 0]] = np.arange(numbers)
    at[[i for i, place in enumerate(places) if place > 0]] = numbers + np.arange(len(texts))
    return Layout(at, numbers, texts, Dialect(delimiter, decimal))


def bounded(data: bytes) -> memoryview:
    """The same, with nothing behind it that could be read in silence."""
    return np.frombuffer(data, np.uint8).copy().data


# --- numbers ---------------------------------------------------------------------------------------------


def values(texts: Sequence[str]) -> list[float]:
    """The texts, one a line, as numbers."""
    parsed = parse(bounded("".join(f"{text}\n" for text in texts).encode()), 1, len(texts), layout([0]))
    assert (parsed.faults.bad_rows, parsed.lines.size) == (0, len(texts))
    found: list[float] = parsed.numbers[0].values.tolist()
    return found


def bits(numbers: Sequence[float]) -> list[bytes]:
    return [struct.pack("<d", number) for number in numbers]


def check(texts: Sequence[str]) -> None:
    """Each number is what Python makes of it, to the bit."""
    found, expected = bits(values(texts)), bits([float(text) for text in texts])
    assert [text for text, one, other in zip(texts, found, expected, strict=True) if one != other] == []


def random_floats(count: int, seed: int) -> list[float]:
    """Finite, of any size and sign, subnormals among them."""
    made = random.Random(seed)
    numbers = [struct.unpack("<d", made.randbytes(8))[0] for _ in range(count)]
    numbers += [math.ldexp(made.random(), -1022 - made.randrange(53)) for _ in range(count // 8)]
    return [number for number in numbers if math.isfinite(number)]


def midpoint(low: float) -> tuple[str, int]:
    """Digits d and exponent e, so that d 10^e is exactly between `low` >= 0 and the float64 above."""
    high = math.nextafter(low, math.inf)
    above = Fraction(2) ** 1024 if math.isinf(high) else Fraction(high)
    middle = (Fraction(low) + above) / 2
    places = middle.denominator.bit_length() - 1
    return str(middle.numerator * 5**places), -places


def around(low: float) -> Iterator[str]:
    """A midpoint of up to 767 digits, and what is a little more or less than it."""
    digits, exponent = midpoint(low)
    for text in (
        digits,
        digits + "1",
        digits + "0" * 60,
        digits + "0" * 900 + "1",
        str(int(digits) - 1),
        digits[:25],
    ):
        at = exponent + len(digits) - len(text)
        yield f"{text}e{at}"
        yield f"-{text[0]}.{text[1:]}E{at + len(text) - 1:+d}"
        yield f"0.000{text}e{at + len(text) + 3}"


EXTREMES = [0.0, 5e-324, 1e-323, 2.225073858507201e-308, 2.0**-1022, 1.0, 2.0**53, 1.7976931348623157e308]


def spellings(numbers: Sequence[float], seed: int) -> list[str]:
    made = random.Random(seed)
    return [spelling for x in numbers for spelling in (repr(x), f"{x:.{made.randrange(40)}e}", f"{x:.17g}")]


def check_numbers(count: int) -> None:
    numbers = random_floats(count, count)
    check(spellings(numbers, count))
    check([text for low in (*EXTREMES, *map(abs, numbers[: count // 20])) for text in around(low)])


def test_numbers_are_correctly_rounded(level: str) -> None:
    check_numbers(2_000)


@pytest.mark.slow
def test_numbers_are_correctly_rounded_of_many(level: str) -> None:
    check_numbers(200_000)


@given(
    text=st.from_regex(r"[+-]?([0-9]{1,45}(\.[0-9]{0,45})?|\.[0-9]{1,45})([eE][+-]?[0-9]{1,4})?", fullmatch=True)
)
@example("9007199254740993")
@example("9007199254740993.00000000000000000000000000000001")
@example("2.4703282292062327208e-324")
@example("2.4703282292062328e-324")
@example("1.7976931348623158079e308")
@example("0e99999")
def test_any_digits_are_correctly_rounded(text: str) -> None:
    check([text])


@pytest.mark.parametrize(
    "text",
    [
        f"0.{'0' * 200_000}1e200001", f"1{'0' * 5000}e-5000", f"{'9' * 800}e-800", f"{'0' * 300}.5",
        f"{'1' * 5000}", "1e99999999999999999999999", "1e-99999999999999999999999", "-0",
        f"0.{'0' * 400}e-99999999999999999999",
    ],
)  # fmt: skip
def test_long_numbers(text: str) -> None:
    check([text])


@pytest.mark.skipif(not HEADER.exists(), reason="an installed package has no sources")
def test_the_table_of_powers_is_what_its_script_makes() -> None:
    spec = importlib.util.spec_from_file_location("powers", HEADER.with_name("powers.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert HEADER.read_text() == module.header()


@pytest.mark.parametrize("delimiter", "13.-+eE \tn;")
def test_a_delimiter_that_could_be_of_a_number_ends_it(delimiter: str) -> None:
    fields = ["2", "-5", "7e2", "nan"]
    line = delimiter.join("" if delimiter.lower() in field else field for field in fields)
    parsed = parse(bounded(line.encode() + b"\n"), 1, 1, layout([0] * 4, delimiter, ","))
    expected = [None if delimiter.lower() in field else float(field) for field in fields]
    assert [repr(each.to_pylist()) for each in parsed.numbers] == [repr([value]) for value in expected]


# --- records and fields ----------------------------------------------------------------------------------


COMMAS = Dialect(",")


class SlowField(NamedTuple):
    value: bytes
    raw: bytes
    stray: bool


class SlowRecord(NamedTuple):
    line: int
    fields: list[SlowField]


class SlowText(NamedTuple):
    """The records of a text, read byte by byte; where the last complete one ends, and an open quote begins."""

    records: list[SlowRecord]
    end: int
    open: int | None


def read_slowly(data: bytes, dialect: Dialect = COMMAS) -> SlowText:
    delimiter, runs = dialect.delimiter.encode(), dialect.delimiter == " "
    blanks = (b" ", b"\t") if runs or (dialect.trims and delimiter != b"\t") else (b" ",) if dialect.trims else ()
    ends = (*(blanks if runs else (delimiter,)), b"\n", b"\r", b"")
    at, line, last = 0, 1, 0
    records: list[SlowRecord] = []
    fields: list[SlowField] = []
    first = line

    def byte(place: int) -> bytes:
        return data[place : place + 1]

    def behind_blanks(place: int) -> int:
        while byte(place) in blanks:
            place += 1
        return place

    while at < len(data):
        begin, value = at, b""
        if not fields:
            first, text = line, behind_blanks(at)
            comment = byte(text if runs else at)
            if dialect.comment is not None and comment == dialect.comment.encode():
                while byte(at) not in (b"\n", b"\r", b""):
                    at += 1
            elif runs or byte(text) in (b"\n", b"\r", b""):
                at = text
        is_record = fields or byte(at) not in (b"\n", b"\r", b"")
        text = behind_blanks(at)
        quoted = byte(text) == b'"' and bool(is_record)
        if quoted:
            at = text + 1
            while byte(at) != b'"' or byte(at + 1) == b'"':
                if at >= len(data):
                    return SlowText(records, last, text)
                value += byte(at)
                line += byte(at) == b"\n" or (byte(at) == b"\r" and byte(at + 1) != b"\n")
                at += 1 + (byte(at) == b'"')
            at += 1
            at = behind_blanks(at) if dialect.trims and not runs else at
        elif is_record:
            at = text
        plain = at
        while is_record and byte(at) not in ends:
            at += 1
        if is_record:
            rest = data[plain:at].rstrip(b"".join(blanks)) if blanks and not runs else data[plain:at]
            fields.append(SlowField(value + rest, data[begin:at], quoted and at > plain))
        behind = behind_blanks(at) if runs else at
        if runs and behind > at and byte(behind) not in (b"\n", b"\r", b""):
            at = behind
            continue
        at = behind
        if not runs and byte(at) == delimiter:
            at += 1
            if byte(at) not in (b"\n", b"\r", b""):
                continue
            fields.append(SlowField(b"", b"", False))
        if at == len(data):
            break
        at += 2 if data[at : at + 2] == b"\r\n" else 1
        if len(fields) > 1 or (fields and (fields[0].raw or fields[0].value)):
            records.append(SlowRecord(first, fields))
        fields, line = [], line + 1
        if at < len(data) or data[-1:] == b"\n":
            last = at
    return SlowText(records, last, None)


def number(value: bytes, decimal: bytes = b".") -> float | None:
    """NaN and no number are told apart by what is raised."""
    if decimal != b".":
        value = value.replace(b".", b"x").replace(decimal, b".")
    if not value:
        return None
    if NUMBER.fullmatch(value) is None:
        raise ValueError
    return float(value)


def check_text(data: bytes, places: Sequence[int], dialect: Dialect = COMMAS) -> None:
    """What is found and refused is what the slow reader finds."""
    slow = read_slowly(data, dialect)
    found = cut(bounded(data), dialect)
    assert (found.end, found.open_quote) == (slow.end, slow.open)
    assert found.lines == len(re.findall(rb"\r\n|\r|\n", data[: found.end]))
    whole = data[: found.end]
    if not whole:
        return
    how = replace(layout(places), dialect=dialect)
    records = [each for each in slow.records if each.line <= found.lines]
    for locate in (False, True):
        parsed = parse(bounded(whole), 1, found.lines, how, locate=locate)
        check_faults(parsed, records, whole, places, dialect.decimal.encode())
    if not parsed.faults.not_utf8 and not parsed.faults.stray_rows and not parsed.faults.wrong_line:
        check_places(parsed, records, whole, how)


def check_places(parsed: ParsedText, records: Sequence[SlowRecord], data: bytes, how: Layout) -> None:
    """Fields are where they are said to be, and records end at line ends, in order."""
    assert parsed.places is not None
    for column, place in enumerate(how.places.tolist()):
        if place >= 0:
            begins, ends = parsed.places.begins[place].tolist(), parsed.places.ends[place].tolist()
            quoted = [data[max(0, begin - 1) : begin] == b'"' for begin in begins]
            fields = [data[begin:end] for begin, end in zip(begins, ends, strict=True)]
            found = [f.replace(b'""', b'"') if q else f for f, q in zip(fields, quoted, strict=True)]
            assert found == [record.fields[column].value for record in records]
    ends = parsed.places.record_ends.tolist()
    assert all(data[end : end + 1] in (b"\n", b"\r") for end in ends)
    lines = [len(re.findall(rb"\r\n|\r|\n", data[:end])) + 1 for end in ends]
    assert all(a <= b for a, b in zip(parsed.lines.tolist(), lines, strict=True))
    assert all(a < b for a, b in zip(lines, parsed.lines.tolist()[1:], strict=False))


def check_faults(
    parsed: ParsedText, records: Sequence[SlowRecord], data: bytes, places: Sequence[int], decimal: bytes
) -> None:
    fault = parsed.faults
    try:
        data.decode()
    except UnicodeDecodeError:
        assert fault.not_utf8
        return
    assert not fault.not_utf8
    assert parsed.lines.tolist() == [record.line for record in records]
    stray = [record for record in records if any(field.stray for field in record.fields)]
    assert fault.stray_rows == len(stray)
    if stray:
        raw = next(field.raw for field in stray[0].fields if field.stray)
        assert raw.lstrip(b" \t").startswith(data[fault.stray_begin : fault.stray_close])
        return
    wrong = [record for record in records if len(record.fields) != len(places)]
    assert fault.wrong_line == (wrong[0].line if wrong else 0)
    if wrong:
        assert fault.wrong_fields == len(wrong[0].fields)
        return
    columns: list[list[float | str | None]] = [[] for _ in places]
    bad: list[SlowRecord] = []
    for record in records:
        for place, field, column in zip(places, record.fields, columns, strict=True):
            try:
                column.append(number(field.value, decimal) if place == 0 else field.value.decode() or None)
            except ValueError:
                bad += [] if bad and bad[-1] is record else [record]
    assert fault.bad_rows == len(bad)
    if bad:
        numbers = [field.raw for field, place in zip(bad[0].fields, places, strict=True) if place == 0]
        assert (fault.bad_line, fault.bad_last) == (bad[0].line, bad[-1].line)
        assert data[fault.bad_begin : fault.bad_end].strip(b" \t") == numbers[fault.bad_place].strip(b" \t")
        return
    by_place = [*zip(places, columns, strict=True)]
    assert repr([each.to_pylist() for each in parsed.numbers]) == repr([c for place, c in by_place if place == 0])
    assert [each.to_pylist() for each in parsed.texts] == [column for place, column in by_place if place > 0]
    often = [of == 1 for of in places if of > 0]
    for texts, distinct in zip(parsed.texts, often, strict=True):
        assert not distinct or len(set(texts.words)) == len(texts.words)
        assert [texts.text(row) for row in range(len(texts))] == texts.to_pylist()


PIECES = [
    b",", b",", b",", b"\n", b"\n", b"\r\n", b"\r", b'"', b'"', b'""', b"a", b"b", b"0.5", b"1", b"-2.5e-3", b".5",
    b"nan", b"-inf", b" ", b"\t", b"1.5,", b'"x",', b'"1",', b",2\n", b"12345678", b"0.1234567890123456789", b";",
    "é".encode(), "\U0001f600".encode(), b"\xff", b"\xed\xa0\x80", b"\0", b"longer than eight bytes", b"e", b"+",
]  # fmt: skip
LAYOUTS = [(0, 1), (1, 0), (0, 0), (2, 1), (-1, 1), (1, -1), (0, 1, 2), (1,), (0,), (-1,), (0, -1, 1, 0)]


def texts(pieces: Sequence[bytes], longest: int = 40) -> st.SearchStrategy[bytes]:
    return st.lists(st.sampled_from(pieces), max_size=longest).map(b"".join)


@given(data=texts(PIECES), places=st.sampled_from(LAYOUTS), decimal=st.sampled_from(".;"))
@example(b'a"b,"c"\n"d\n', (1, 1), ".")
@example(b'"a""b","""\r\n"\r', (1, 1), ".")
@example(b"1,a\r", (0, 1), ".")
@example(b'"",\n""x,1\n', (1, 0), ".")
def test_a_text_is_read_as_byte_by_byte(data: bytes, places: tuple[int, ...], decimal: str) -> None:
    check_text(data, places, Dialect(",", decimal))
    check_text(data + b"\n", places, Dialect(",", decimal))


LOOSE = [Dialect(" "), Dialect(" ", comment="#"), *(Dialect(d, trims=True) for d in ",\t;"),
         Dialect(",", comment="#"), Dialect(",", trims=True, comment="#")]  # fmt: skip
BLANKS = [*PIECES, b" ", b" ", b"  ", b"\t", b"#", b'# a,"b', b"\n#", b" #", b", ", b' "']


@given(data=texts(BLANKS), places=st.sampled_from(LAYOUTS), dialect=st.sampled_from(LOOSE))
@example(b' "a"  b\t\n  \n#c\n', (1, 1), Dialect(" ", comment="#"))
@example(b'a , "b, c" \n#"\n', (1, 1), Dialect(",", trims=True, comment="#"))
def test_a_loose_text_is_read_as_byte_by_byte(data: bytes, places: tuple[int, ...], dialect: Dialect) -> None:
    check_text(data, places, dialect)
    check_text(data + b"\n", places, dialect)


def fuzz(count: int, seed: int) -> None:
    """Texts of any bytes, most of them of those that mean something, in whole rows now and then."""
    made = random.Random(seed)
    rows = [b"0.5,a\n", b'1,"b"\r\n', b'"2.5","c\n""d"\n', b",\n", b"-1e-7,e\r", b"3,a much longer word\n"]
    for _ in range(count):
        pieces = made.choice([PIECES, rows, PIECES + rows, [bytes([b]) for b in range(256)]])
        data = b"".join(made.choices(pieces, k=made.randrange(60)))
        if made.random() < 0.3:
            data = data.ljust(made.randrange(len(data), len(data) + 9), b"a")
        plain = Dialect(made.choice(",,,\te1"), made.choice(".;"))
        check_text(data, made.choice(LAYOUTS), made.choice([plain, plain, *LOOSE]))


@pytest.mark.parametrize("seed", range(4))
def test_seeded_texts_are_read_as_byte_by_byte(seed: int, level: str) -> None:
    fuzz(300, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4, 12))
def test_many_seeded_texts_are_read_as_byte_by_byte(seed: int, level: str) -> None:
    fuzz(10_000, seed)


@given(data=texts([*PIECES[:26], *PIECES[26:29]]), at=st.integers(0, 400), places=st.sampled_from(LAYOUTS))
def test_a_text_cut_anywhere_has_the_same_records(data: bytes, at: int, places: tuple[int, ...]) -> None:
    """Read up to any byte, the complete records and then the rest are those of the whole."""
    data += b"\n"
    whole = cut(data, Dialect(","))
    if whole.open_quote is not None:
        return
    first = cut(data[:at], Dialect(","))
    rest = cut(data[first.end :], Dialect(","))
    assert (first.end + rest.end, first.lines + rest.lines, rest.open_quote) == (*whole[:2], None)
    pieces = [(data[: first.end], 1, first.lines), (data[first.end :], 1 + first.lines, rest.lines)]
    parsed = [parse(piece, line, lines, layout(places)) for piece, line, lines in pieces if piece]
    one = parse(data, 1, whole.lines, layout(places))
    if any(each.faults.stray_rows or each.faults.wrong_line or each.faults.bad_rows for each in parsed):
        lines = {name: getattr(one.faults, name) for name in ("stray_line", "wrong_line", "bad_line")}
        counts = {name: getattr(one.faults, name) for name in ("stray_rows", "bad_rows")}
        for name, line in lines.items():
            found = [getattr(each.faults, name) for each in parsed if has_fault(each, name)]
            assert (found or [line])[0] == line
        assert counts == {name: sum(getattr(each.faults, name) for each in parsed) for name in counts}
        return
    assert np.concatenate([each.lines for each in parsed]).tolist() == one.lines.tolist()
    for k in range(len(one.numbers)):
        both = [value for each in parsed for value in each.numbers[k].to_pylist()]
        assert repr(both) == repr(one.numbers[k].to_pylist())
    for k in range(len(one.texts)):
        assert [text for each in parsed for text in each.texts[k].to_pylist()] == one.texts[k].to_pylist()


def has_fault(parsed: ParsedText, name: str) -> bool:
    kind = name.partition("_")[0]
    return bool(getattr(parsed.faults, "wrong_line" if kind == "wrong" else f"{kind}_rows"))


def test_as_many_words_as_rows_and_more_tables(level: str) -> None:
    words = [f"{'w' * (i % 40)}{i * 7919 % 20011}" for i in range(20_000)]
    parsed = parse(bounded("".join(f"{word}\n" for word in words).encode()), 1, len(words), layout([1]))
    assert parsed.texts[0].to_pylist() == words
    assert len(parsed.texts[0].words) == 1 + len(set(words))


def test_words_longer_than_their_share_of_a_wide_text(level: str) -> None:
    rows = [
        [f"{row}{'ab'[row % 2] * (column in (3, 500) and 20_000)}" for column in range(1000)] for row in range(3)
    ]
    data = "".join(",".join(row) + "\n" for row in rows).encode()
    parsed = parse(bounded(data), 1, 3, layout([1] * 999 + [2]))
    assert [list(column) for column in zip(*(each.to_pylist() for each in parsed.texts), strict=True)] == rows


@pytest.mark.parametrize("word", ["é", "日本", "\U0010ffff", "\ufeff", "\ud7ff", "\ue000", "\x7f", "\u0800"])
def test_utf8_is_taken(word: str) -> None:
    assert not parse(bounded(f"{word}\n".encode()), 1, 1, layout([1])).faults.not_utf8


@pytest.mark.parametrize(
    "word",
    [
        b"\x80", b"\xc0\x80", b"\xc1\xbf", b"\xe0\x9f\xbf", b"\xed\xa0\x80", b"\xf0\x8f\xbf\xbf",
        b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xff", b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98",
        b"\xc3a", b"a\xe2\x28\xa1",
    ],
)  # fmt: skip
def test_what_is_not_utf8_is_told(word: bytes) -> None:
    with pytest.raises(UnicodeDecodeError):
        word.decode()
    for before in (b"", b"12345678", b"a,b\n"):
        assert parse(bounded(before + word + b"\n"), 1, 2, layout([1])).faults.not_utf8


# --- what is refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "rows", "delimiter", "decimal"),
    [
        (b"", 1, ",", "."),
        (b"1,a", 1, ",", "."),  # no line end
        (b'1,"a\n', 1, ",", "."),  # no closing quote
        (b"1,a\n2,b\n", 1, ",", "."),  # more rows than there is room for
        (b"1,a\n", 1, '"', "."),
        (b"1,a\n", 1, "\n", "."),
        (b"1,a\n", 1, "é", "."),
    ],
)
def test_what_no_caller_may_ask_is_refused(
    data: bytes, rows: int, delimiter: str, decimal: str, level: str
) -> None:
    with pytest.raises(ValueError, match="refused the arguments"):
        parse(data, 1, rows, layout([0, 1], delimiter, decimal))


@pytest.mark.parametrize("places", [[5, 0], [0, 2]])
def test_a_column_of_no_place_is_refused(places: list[int]) -> None:
    with pytest.raises(ValueError, match="refused the arguments"):
        parse(b"1,a\n", 1, 1, Layout(np.array(places, np.int32), 1, [True], Dialect(",", ".")))
