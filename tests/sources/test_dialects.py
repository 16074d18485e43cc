"""Text in the layouts that tools write: a table in any of them scores as the plain one does."""

from __future__ import annotations

import gzip
import io
import pickle
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xentcli.api import score
from xentcli.errors import ContentError, RequestError, XentError

Row = tuple[int, Sequence[float]]  # the true class, and the probability of each
Options = dict[str, object]


def delimited(rows: Sequence[Row], mark: str, number: Callable[[float], str] = repr, quote: str = "") -> str:
    """A header `label, prob_0, ...` and the rows, with `mark` between fields."""
    names = ["label", *(f"prob_{k}" for k in range(len(rows[0][1])))]
    lines = [mark.join(f"{quote}{name}{quote}" for name in names)]
    lines += [mark.join([f"{quote}{y}{quote}", *map(number, q)]) for y, q in rows]
    return "\n".join(lines) + "\n"


def comma(value: float) -> str:
    return repr(value).replace(".", ",")


def fixed_width(rows: Sequence[Row]) -> str:
    return "\n".join(
        "".join(field.rjust(26) for field in line.split(",")) for line in delimited(rows, ",").splitlines()
    )


def r_table(mark: str) -> Callable[[Sequence[Row]], str]:
    """R's write.table: quoted names, and rows with a name of their own."""

    def write(rows: Sequence[Row]) -> str:
        head, *lines = delimited(rows, mark, quote='"').splitlines()
        return "\n".join([head, *(f'"{i}"{mark}{line}' for i, line in enumerate(lines, 1))]) + "\n"

    return write


def savetxt(delimiter: str) -> Callable[[Sequence[Row]], str]:
    def write(rows: Sequence[Row]) -> str:
        names = delimiter.join(["label", *(f"prob_{k}" for k in range(len(rows[0][1])))])
        stream = io.StringIO()
        np.savetxt(stream, np.array([[y, *q] for y, q in rows]), delimiter=delimiter, header=names, footer="end")
        return stream.getvalue()

    return write


def vowpal_wabbit(rows: Sequence[Row]) -> str:
    lines = (" ".join([str(y), *(f"{k}:{p!r}" for k, p in enumerate(q)), "tag"]) for y, q in rows)
    return "\n".join(lines) + "\n"


def fasttext(rows: Sequence[Row]) -> str:
    """The likeliest class first, so that no two lines need have the same order."""
    lines = []
    for y, q in rows:
        pairs = sorted(((p, k) for k, p in enumerate(q)), reverse=True)
        lines.append(" ".join([f"__label__{y}", *(f"__label__{k} {p!r}" for p, k in pairs)]))
    return "\n".join(lines) + "\n"


LAYOUTS: dict[str, tuple[Callable[[Sequence[Row]], str], Options]] = {
    "semicolons": (lambda rows: delimited(rows, ";"), {}),
    "semicolons and decimal commas": (lambda rows: delimited(rows, ";", comma), {"decimal": ","}),
    "quoted decimal commas": (lambda rows: delimited(rows, ",", lambda x: f'"{comma(x)}"'), {"decimal": ","}),
    "tabs": (lambda rows: delimited(rows, "\t"), {}),
    "pipes": (lambda rows: delimited(rows, "|"), {}),
    "a mark and quoted names": (lambda rows: "\ufeff" + delimited(rows, ",", quote='"'), {}),
    "CRLF": (lambda rows: delimited(rows, ",").replace("\n", "\r\n"), {}),
    "a delimiter at each end": (lambda rows: delimited(rows, ",").replace("\n", ",\n"), {}),
    "blanks behind commas": (lambda rows: delimited(rows, ", "), {}),
    "blanks around semicolons": (lambda rows: delimited(rows, " ; "), {}),
    "single blanks": (lambda rows: delimited(rows, " "), {}),
    "fixed width": (fixed_width, {}),
    "tabs and blanks": (lambda rows: delimited(rows, " \t "), {"delimiter": " "}),
    "Excel": (lambda rows: "\ufeffsep=;\r\n" + delimited(rows, ";", comma), {"decimal": ","}),
    "Excel, any delimiter": (lambda rows: "sep=^\n" + delimited(rows, "^"), {}),
    "comments": (lambda rows: '# "v3, of today\n' + delimited(rows, ",") + "# end\n", {"comment": "#"}),
    "a preamble": (lambda rows: 'Report, of "May\n\n' + delimited(rows, ","), {"skip_lines": 2}),
    "write.table": (r_table(" "), {}),
    "write.table with tabs": (r_table("\t"), {}),
    "write.table with commas": (r_table(","), {}),
    "savetxt": (savetxt(" "), {}),
    "savetxt with commas": (savetxt(","), {}),
    "savetxt as comments": (savetxt(" "), {"comment": "#"}),
    "Vowpal Wabbit": (vowpal_wabbit, {}),
    "fastText": (fasttext, {}),
}


@st.composite
def tables(draw: st.DrawFn) -> list[Row]:
    classes = draw(st.integers(2, 5))
    weight = st.integers(1, 999)
    rows = draw(
        st.lists(
            st.tuples(st.integers(0, classes - 1), st.lists(weight, min_size=classes, max_size=classes)),
            min_size=2,
            max_size=9,
        )
    )
    return [(y, [w / sum(of) for w in of]) for y, of in rows]


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(max_examples=8)
@given(rows=tables())
def test_a_table_in_the_layout_of_a_tool_scores_as_the_plain_one(
    layout: str, rows: list[Row], tmp_path_factory: pytest.TempPathFactory
) -> None:
    write, options = LAYOUTS[layout]
    folder = tmp_path_factory.mktemp("layout")
    plain, other = folder / "plain.csv", folder / "other.txt"
    plain.write_text(delimited(rows, ","), encoding="utf-8", newline="")
    other.write_text(write(rows), encoding="utf-8", newline="")
    classes = [str(k) for k in range(len(rows[0][1]))]
    if layout == "fastText":
        classes = [f"__label__{name}" for name in classes]
    one, two = score(plain), score(other, **options)  # type: ignore[arg-type]
    assert two.metrics.log_loss == one.metrics.log_loss
    assert sorted(two.classes) == classes


def refused(text: str, path: Path, **options: object) -> XentError:
    path.write_text(text, encoding="utf-8")
    with pytest.raises((ContentError, RequestError)) as caught:
        score(path, **options)  # type: ignore[arg-type]
    return caught.value


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("__label__a 0.7 __label__b 0.2\n__label__c 0.6 __label__a 0.3\n", "no_label", "prob___label__a"),
        ("@relation x\n@attribute y {a,b}\n@data\na\n", "format", "skip_lines=3, header=False"),
        ("% made by Weka\n@RELATION x\n@DATA\na\n", "format", "skip_lines=3, header=False"),
        ("y\tp\na b\tcontinuous\nclass\t\na\t0.5\n", "format", "sed 2,3d"),
        ("| label | p |\n|---|---|\n| a | 0.5 |\n", "format", "sed 2d"),
        ("+---+\n| p |\n+---+\n", "format", "sed 1d"),
        ("<html><table></table></html>\n", "format", "write CSV"),
        ("report\nof May\nlabel,p,q\na,0.5,1\nb,0.5,1\n", "no_label", "skip_lines=2"),
        ("# report\nlabel,p\n1,0.5\n", "no_label", 'comment="#"'),
        ("label p\na b c\n", "no_label", 'delimiter=" "'),
        ("label,p\n,(share)\n1,0.5\n0,0.25\n", "not_a_number", "sed 2d"),
        ("label,p\n1,0.5,\n0,0.25,\n", "fields", "sed 's/,$//'"),
        ("label,p\n1,1,0.5\n2,0,0.25\n", "fields", "skip_lines=1, header=False"),
        ('label,p\n1,"1,000"\n', "not_a_number", "write 1000"),
        ("label,p\n1,93%\n", "not_a_number", "divide by 100"),
        ("label,p\n1,0.5\n0,#N/A\n", "not_a_number", 'na="#N/A"'),
        ("label,p\n1,0.5\n0,-999\n", "probability_out_of_range", 'na="-999"'),
    ],
)
def test_what_cannot_be_read_says_how_it_can(text: str, code: str, says: str, tmp_path: Path) -> None:
    error = refused(text, tmp_path / "x.txt")
    assert (error.code, says in f"{error.message} {error.hint}") == (code, True), (error.message, error.hint)


@pytest.mark.parametrize("first", ["a,0..5,0.5", "a,x,0.5", "1,x,y", "-.5,x,y"])
def test_a_broken_value_of_the_first_row_is_no_reason_to_leave_the_row_out(first: str, tmp_path: Path) -> None:
    assert refused(f"label,p_a,p_b\n{first}\nb,0.3,0.7\n", tmp_path / "x.csv").hint is None


@pytest.mark.parametrize(
    ("second", "says"),
    [
        ("__label__a 0.7 __label__c 0.3", "has __label__c and lacks __label__b"),
        ("__label__a 1.0", "lacks __label__b"),
        ("__label__a 0.7 __label__b", "pairs of a class and its probability"),
        ("__label__b 0.5 __label__a 0.5 x", "pairs of a class and its probability"),
    ],
)
def test_lines_of_pairs_must_have_all_classes(second: str, says: str, tmp_path: Path) -> None:
    many = "__label__a 0.7 __label__b 0.3\n" * 60  # beyond the lines that are looked at
    (tmp_path / "y").write_text("__label__a\n" * 61)
    error = refused(f"{many}{second}\n", tmp_path / "x.txt", labels=tmp_path / "y", header=False)
    assert (error.code, error.where and error.where.line, says in error.message) == ("pairs", 61, True)


def test_blanks_are_kept_where_the_header_has_none(tmp_path: Path) -> None:
    error = refused("label,p_a,p_b\n a,0.5,0.5\n", tmp_path / "x.csv")
    assert error.code == "label_unknown"


@pytest.mark.parametrize("text", ["x, label, p\n1, 1, 0.5\n", "# label p\n1.0 0.5\n"])
def test_names_may_be_asked_for_with_the_blanks_of_the_header(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(text)
    label = "# label" if text.startswith("#") else " label"
    assert score(tmp_path / "x.csv", label=label, prob=" p").rows == 1


def test_physical_lines_stay_right(tmp_path: Path) -> None:
    text = "pre\n#c\nlabel,p\n#c\n\n1,0.5\n# 'd\n0,7\n"
    error = refused(text, tmp_path / "x.csv", skip_lines=1, comment="#")
    assert error.where is not None
    assert error.where.line == 8


def test_row_names_are_all_different(tmp_path: Path) -> None:
    """Or the first column is none of row names: labels of two words, of which one would be lost."""
    error = refused("label p\nnew york 0.5\nnew delhi 0.5\n", tmp_path / "x.txt", delimiter=" ")
    assert error.code == "fields"


def test_a_label_of_two_words_is_no_table_of_blanks(tmp_path: Path) -> None:
    (tmp_path / "y.txt").write_text("true label\nclass 1\nclass 2\n")
    error = refused(
        "p_1,p_2\n0.5,0.5\n0.5,0.5\n", tmp_path / "x.csv", labels=tmp_path / "y.txt", label="true label"
    )
    assert error.code == "label_unknown"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.sas7bdat", b"\0" * 12 + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92", "pandas.read_sas"),
        ("a.xpt", b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!", "pandas.read_sas"),
        ("a.dta", b"<stata_dta><header><release>118", "pandas.read_stata"),
        ("b.dta", b"\x72\x02\x01\0\x03\0", "pandas.read_stata"),
        ("a.sav", b"$FL2@(#) SPSS DATA FILE", "pandas.read_spss"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", "save it as CSV"),
        ("a.state", b"\x89xent.state\n\x0b\0\0\0", "xent merge, gate, plot and report"),
        ("state.json", b'{"format": "xent.state", "format_version": 10,\n', "xent merge, gate, plot and report"),
        ("a.xlsx", b"PK\x03\x04" + b"\0" * 26 + b"[Content_Types].xml", "save its sheet as CSV"),
        ("a.ods", b"PK\x03\x04" + b"\0" * 26 + b"mimetypeapplication/vnd.oasis", "save its sheet as CSV"),
        ("a.rds", gzip.compress(b"X\n\0\0\0\x03", mtime=0), "write.csv"),
        ("a.RData", gzip.compress(b"RDX3\nX\n", mtime=0), "write.csv"),
        ("a.feather", b"FEA1\0\0", "pandas.read_feather"),
        *((f"{p}.pkl", pickle.dumps({"label": np.ones(3)}, protocol=p), "pickle") for p in range(2, 6)),
        ("0.pkl", pickle.dumps(np.ones(3), protocol=0), "pickle"),
        ("a.mat", b"MATLAB 5.0 MAT-file, Platform: GLNXA64", "loadmat"),
        ("a.pdf", b"%PDF-1.7\n", "CSV"),
    ],
)
def test_a_file_of_another_program_says_what_it_is(name: str, content: bytes, says: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ContentError) as caught:
        score(tmp_path / name)
    assert (caught.value.code, says in f"{caught.value.message} {caught.value.hint}") == ("format", True)
