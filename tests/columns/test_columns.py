"""Which column is what: the rules of the page on inputs, as a table of cases."""

from __future__ import annotations

import csv
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xentcli import score
from xentcli.api import parse_list
from xentcli.columns.agreement import resolve_all
from xentcli.columns.columns import ColumnSpec
from xentcli.errors import ContentError, RequestError, XentError
from xentcli.results.score import ScoreResult
from xentcli.sources.open import open_paths
from xentcli.sources.source import TextOptions

P, L, LP = "probability", "logit", "log_probability"
LABEL_NAMES = {"label", "target", "y", "y_true", "truth", "actual", "class", "gold", "obs"}
Options = dict[str, Any]  # of `score`


@dataclass(frozen=True)
class Found:
    """What a header and options must come to: in `scores`, the column of each class in order."""

    label: str
    scores: dict[str, str]
    kind: str = P
    classes: tuple[str, ...] | None = None  # of one column that is asked for with --classes
    weight: str | None = None

    @property
    def value(self) -> float:
        """A score that every class of a row can have."""
        share = 1 / max(2, len(self.scores))
        return {P: share, L: 0.0, LP: math.log(share)}[self.kind]


def one(column: str, positive: str = "1", kind: str = P) -> Found:
    """One score column."""
    return Found("label", {positive: column}, kind)


def ab(a: str, b: str, kind: str = P, label: str = "label") -> Found:
    """Columns of the classes a and b."""
    return Found(label, {"a": a, "b": b}, kind)


def spec(classes: str | None = None, **options: Any) -> Options:
    """The options of these names."""
    return options if classes is None else {**options, "classes": parse_list(classes)}


# (name, spec, header, labels at the beginning, what is found or the code of the error)
Case = tuple[str, Options, str, str, Found | str]
NO: Options = {}

LABELS: list[Case] = [
    *[
        (f"label-{name}", NO, f"id,{name},p_a,p_b", "a b", ab("p_a", "p_b", label=name))
        for name in (
            "label",
            "target",
            "y",
            "y_true",
            "truth",
            "actual",
            "class",
            "gold",
            "obs",
            "LABEL",
            "Y_True",
        )
    ],
    ("label-by-option", spec(label="out"), "out,p_a,p_b", "a b", ab("p_a", "p_b", label="out")),
    ("label-option-wins", spec(label="out"), "label,out,p_a,p_b", "a b", ab("p_a", "p_b", label="out")),
    ("label-option-settles-two", spec(label="y"), "label,y,p_a,p_b", "a b", ab("p_a", "p_b", label="y")),
    ("label-named-like-a-score", spec(label="p_c"), "p_a,p_b,p_c", "a b", ab("p_a", "p_b", label="p_c")),
    ("labels-two", NO, "label,y,p_a,p_b", "a b", "two_labels"),
    ("labels-none", NO, "outcome,p_a,p_b", "a b", "no_label"),
    ("labels-almost", NO, "y_pred,p_a,p_b", "a b", "no_label"),
    ("label-option-absent", spec(label="out"), "label,p_a,p_b", "a b", "no_such_column"),
    ("label-option-in-other-case", spec(label="Label"), "label,p_a,p_b", "a b", "no_such_column"),
]

FAMILIES: list[Case] = [
    *[
        (f"family-{a}-{b}", NO, f"label,{a},{b}", "a b", ab(a, b, kind))
        for a, b, kind in (
            ("prob_a", "prob_b", P), ("p_a", "p_b", P), ("proba_a", "proba_b", P), ("logit_a", "logit_b", L),
            ("logprob_a", "logprob_b", LP), ("prob.a", "prob.b", P), ("prob a", "prob b", P), ("P_a", "P_b", P),
            ("Logit_a", "LOGIT_b", L), ("a_prob", "b_prob", P), ("a.prob", "b.prob", P), ("a prob", "b prob", P),
            ("a_p", "b_p", P), ("a_proba", "b_proba", P), ("a_logit", "b_logit", L), ("a_logprob", "b_logprob",
                  LP),
            ("prob_a", "prob.b", P),
        )
    ],
    *[
        (f"family-{word}0", NO, f"label,{word}0,{word}1", "0 1",
         Found("label", {"0": f"{word}0", "1": f"{word}1"}, kind))
        for word, kind in (("p", P), ("prob", P), ("proba", P), ("logit", L), ("logprob", LP))
    ],
    ("family-order-of-the-columns", NO, "label,p_b,x,p_a", "a b", Found("label", {"b": "p_b", "a": "p_a"})),
    ("family-of-many", NO, "label,p_2,p_10,p_1", "1 2", Found("label", {"2": "p_2", "10": "p_10", "1": "p_1"})),
    ("family-zero-padded", NO, "label,p01,p1", "1", Found("label", {"01": "p01", "1": "p1"})),
    ("family-class-with-separators", NO, "label,prob_a_b,prob_c.d e", "",
     Found("label", {"a_b": "prob_a_b", "c.d e": "prob_c.d e"})),
    ("family-class-named-like-a-word", NO, "label,p_prob,p_logit", "prob",
     Found("label", {"prob": "p_prob", "logit": "p_logit"})),
    ("family-with-names-that-begin-alike", NO, "label,p_a,p_b,price,problem,p,x".replace(",p,", ","), "a",
     ab("p_a", "p_b")),
    ("family-of-the-weight-is-not", spec(weight="p_w"), "label,p_a,p_b,p_w", "a b",
     Found("label", {"a": "p_a", "b": "p_b"}, weight="p_w")),
    ("families-two", NO, "label,p_a,p_b,logit_a,logit_b", "a b", "two_families"),
    ("families-p-and-prob", NO, "label,p_a,p_b,prob_a,prob_b", "a b", "two_families"),
    ("families-prefix-and-suffix", NO, "label,p_a,p_b,a_p,b_p", "a b", "two_families"),
    ("family-and-single", NO, "label,p_a,p_b,score", "a b", "two_families"),
    ("singles-two", NO, "label,prob,score", "0 1", "two_families"),
    ("families-two-settled", spec(logit="logit_*"), "label,p_a,p_b,logit_a,logit_b", "a b", ab("logit_a",
          "logit_b", L)),
    ("twins", NO, "label,p_a,p.a,p_b", "a b", "two_columns"),
    ("twins-in-two-cases", NO, "label,p_a,P_a,p_b", "a b", "two_columns"),
    ("classes-in-two-cases", NO, "label,p_a,p_A", "a A", Found("label", {"a": "p_a", "A": "p_A"})),
]  # fmt: skip

SINGLES: list[Case] = [
    *[
        (f"single-{name}", NO, f"label,{name}", "0 1", one(name, kind=L if name == "logit" else P))
        for name in ("prob", "p", "proba", "probability", "score", "y_prob", "y_score", "logit")
    ],
    ("single-in-capitals", NO, "label,Score", "0 1", one("Score")),
    ("single-positive", spec(positive="b"), "label,prob", "a b", one("prob", "b")),
    ("single-of-a-class", NO, "label,prob_sick", "sick well", one("prob_sick", "sick")),
    ("single-of-a-class-not-seen-yet", NO, "label,prob_sick", "well", one("prob_sick", "sick")),
    ("single-of-class-1", NO, "label,p1", "0 1", one("p1", "1")),
    ("single-logit-of-a-class", NO, "label,logit_sick", "sick well", one("logit_sick", "sick", L)),
    ("single-positive-against-the-name", spec(positive="well"), "label,prob_sick", "sick well", "positive"),
    ("single-positive-of-a-name-that-is-no-class", spec(prob="model_prob", positive="well"), "label,model_prob",
     "sick well", one("model_prob", "well")),
    ("single-asked-for", spec(prob="x"), "label,x", "0 1", one("x")),
    ("single-asked-for-logprob", spec(logprob="x"), "label,x", "0 1", one("x", kind=LP)),
    ("single-asked-for-of-a-class", spec(prob="p_sick"), "label,p_sick,p_well", "sick well", one("p_sick",
          "sick")),
    ("single-asked-for-named-like-a-label", spec(prob="sick"), "label,sick,well", "sick well", one("sick",
          "sick")),
    ("single-asked-for-positive", spec(prob="x", positive="b"), "label,x", "a b", one("x", "b")),
    ("single-with-classes", spec(positive="b", classes="a,b"), "label,prob", "a b",
     Found("label", {"b": "prob"}, classes=("a", "b"))),
    ("single-with-classes-turned", spec(positive="a", classes="a,b"), "label,prob", "a b",
     Found("label", {"a": "prob"}, classes=("b", "a"))),
    ("single-with-classes-and-no-positive", spec(classes="a,b"), "label,prob", "a b", "positive"),
    ("single-with-another-positive", spec(positive="c", classes="a,b"), "label,prob", "a b", "positive"),
    ("single-with-three-classes", spec(positive="b", classes="a,b,c"), "label,prob", "a b", "classes"),
]  # fmt: skip

LIKE_LABELS: list[Case] = [
    ("like-labels", NO, "label,cat,dog,age", "dog cat", Found("label", {"cat": "cat", "dog": "dog"})),
    ("like-labels-in-number", NO, "label,9,10", "9 10", Found("label", {"9": "9", "10": "10"})),
    ("like-labels-as-floats", NO, "label,0,1", "1.0 0.0", Found("label", {"0": "0", "1": "1"})),
    ("like-labels-true", NO, "label,True,False", "true false", Found("label", {"True": "True", "False": "False"})),
    ("like-labels-none", NO, "label,left,right", "a b", "no_scores"),
    ("like-labels-in-other-case", NO, "label,Cat,Dog", "cat dog", "no_scores"),
    ("family-before-like-labels", NO, "label,a,b,p_a,p_b", "a b", ab("p_a", "p_b")),
    ("nothing", NO, "label", "a b", "no_scores"),
]

OPTIONS: list[Case] = [
    ("list", spec(prob="left,right"), "label,left,right", "", Found("label", {"left": "left", "right": "right"})),
    ("list-in-another-order", spec(prob="p_b,p_a"), "label,p_a,p_b", "", Found("label", {"b": "p_b", "a": "p_a"})),
    ("repeated", spec(logit=("l_b", "l_a")), "label,l_a,l_b", "", Found("label", {"l_b": "l_b", "l_a": "l_a"}, L)),
    ("glob", spec(logit="out_*"), "label,out_x,out_y,in", "", Found("label", {"out_x": "out_x", "out_y": "out_y"},
          L)),
    ("glob-of-one-character", spec(prob="q?"), "label,q1,q2,q10", "", Found("label", {"q1": "q1", "q2": "q2"})),
    ("glob-minds-the-case", spec(prob="Q*"), "label,q1,q2", "", "no_such_column"),
    ("glob-spares-the-label", spec(prob="*"), "label,a,b", "", Found("label", {"a": "a", "b": "b"})),
    ("glob-spares-the-weight", spec(prob="*", weight="w"), "label,a,w,b", "",
     Found("label", {"a": "a", "b": "b"}, weight="w")),
    ("glob-in-a-list", spec(prob="c,p_*"), "label,c,p_a,p_b", "", Found("label", {"c": "c", "a": "p_a",
          "b": "p_b"})),
    ("exact-name-before-list", spec(prob=("a;b", "c")), "label,a;b,c", "", Found("label", {"a;b": "a;b",
          "c": "c"})),
    ("exact-name-before-glob", spec(prob=("p*", "q")), "label,p*,p1,q", "", Found("label", {"p*": "p*",
          "q": "q"})),
    ("column-twice", spec(prob="a,a"), "label,a,b", "", "column_twice"),
    ("column-twice-by-glob", spec(prob=("p_a", "p_*")), "label,p_a,p_b", "", "column_twice"),
    ("column-absent", spec(prob="a,c"), "label,a,b", "", "no_such_column"),
    ("two-kinds", spec(prob="a", logit="b"), "label,a,b", "", "two_kinds"),
    ("weight", spec(weight="w"), "label,p_a,p_b,w", "", Found("label", {"a": "p_a", "b": "p_b"}, weight="w")),
    ("weight-is-never-found-by-name", NO, "label,p_a,p_b,weight", "", ab("p_a", "p_b")),
    ("weight-absent", spec(weight="w"), "label,p_a,p_b", "", "no_such_column"),
    ("positive-for-many", spec(positive="a"), "label,p_a,p_b", "", "positive"),
    ("kind-of-the-option-wins", spec(logit="prob_*"), "label,prob_a,prob_b", "", ab("prob_a", "prob_b", L)),
]  # fmt: skip

CLASSES: list[Case] = [
    ("classes-order-a-family", spec(classes="b,a"), "label,p_a,p_b", "", Found("label", {"b": "p_b", "a": "p_a"})),
    ("classes-name-numbered-columns", spec(classes="cat,dog"), "label,p1,p0", "",
     Found("label", {"cat": "p0", "dog": "p1"})),
    ("classes-name-twelve-columns", spec(classes=",".join("abcdefghijkl")),
     "label," + ",".join(f"p{k}" for k in (11, 2, 10, 0, 1, 9, 3, 8, 4, 7, 5, 6)), "",
     Found("label", {c: f"p{k}" for k, c in enumerate("abcdefghijkl")})),
    ("classes-name-listed-columns", spec(prob="x,z", classes="cat,dog"), "label,z,x", "",
     Found("label", {"cat": "x", "dog": "z"})),
    ("classes-name-repeated-columns", spec(prob=("x", "z"), classes="cat,dog"), "label,z,x", "",
     Found("label", {"cat": "x", "dog": "z"})),
    ("classes-of-listed-columns-by-name", spec(prob="p_b,p_a", classes="a,b"), "label,p_a,p_b", "", ab("p_a",
          "p_b")),
    ("classes-of-a-glob-by-number", spec(logit="logit_*", classes="cat,dog"), "label,logit_1,logit_0", "",
     Found("label", {"cat": "logit_0", "dog": "logit_1"}, L)),
    ("classes-of-a-glob-without-order", spec(logit="out_*", classes="cat,dog"), "label,out_x,out_y", "",
          "classes"),
    ("classes-of-a-glob-by-name", spec(logit="out_*", classes="cat,dog"), "label,out_dog,out_cat", "",
     Found("label", {"cat": "out_cat", "dog": "out_dog"}, L)),
    ("classes-of-a-glob-of-numbers", spec(logit="out_*", classes="cat,dog"), "label,out_1,out_0", "",
     Found("label", {"cat": "out_0", "dog": "out_1"}, L)),
    ("classes-of-a-glob-with-a-star-in-front", spec(prob="*_out", classes="cat,dog"), "label,dog_out,cat_out", "",
     Found("label", {"cat": "cat_out", "dog": "dog_out"})),
    ("classes-of-two-globs", spec(prob=("x_*", "*_y"), classes="cat,dog"), "label,x_dog,cat_y", "",
     Found("label", {"cat": "cat_y", "dog": "x_dog"})),
    ("classes-of-a-family-without-order", spec(classes="cat,dog"), "label,p_x,p_y", "", "classes"),
    ("classes-too-few", spec(classes="a"), "label,p_a,p_b", "", "classes"),
    ("classes-too-many", spec(classes="a,b,c"), "label,p_a,p_b", "", "classes"),
    ("classes-twice", spec(classes="a,a"), "label,p_a,p_b", "", "class_twice"),
    ("classes-in-quotes", spec(prob="x,z", classes='"a,b",c'), "label,x,z", "", Found("label", {"a,b": "x",
          "c": "z"})),
]  # fmt: skip

CASES = [*LABELS, *FAMILIES, *SINGLES, *LIKE_LABELS, *OPTIONS, *CLASSES]


def test_names_are_names() -> None:
    names = [case[0] for case in CASES]
    assert len(set(names)) == len(names)


def run(
    way: str, folder: Path, asked: Options, header: str, labels: Sequence[str], expected: Found | str
) -> ScoreResult:
    """Score a table with this header, whose labels are these and whose other values are all alike."""
    texts = {expected.label} if isinstance(expected, Found) else LABEL_NAMES | {asked.get("label")}
    value = expected.value if isinstance(expected, Found) else 0.5
    rows: Sequence[str] = labels or (list(expected.scores) if isinstance(expected, Found) else ["a", "b"])
    names = header.split(",")
    if way == "arrow":
        columns = {name: list(rows) if name in texts else [value] * len(rows) for name in names}
        return score(pa.table(columns), **asked)
    with open(folder / "x.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows([label if name in texts else repr(value) for name in names] for label in rows)
    return score(folder / "x.csv", **asked)


@pytest.mark.parametrize("way", ["arrow", "csv"])
@pytest.mark.parametrize(
    ("asked", "header", "labels", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_columns(
    asked: Options, header: str, labels: str, expected: Found | str, way: str, tmp_path: Path
) -> None:
    if isinstance(expected, str):
        with pytest.raises(RequestError) as caught:
            run(way, tmp_path, asked, header, labels.split(), expected)
        assert (caught.value.code, caught.value.exit_code) == (expected, 2)
        assert caught.value.where is not None
        assert caught.value.where.file == ("table" if way == "arrow" else str(tmp_path / "x.csv"))
        return
    result = run(way, tmp_path, asked, header, labels.split(), expected)
    used = result.columns
    assert (used.label, used.scores, used.weight) == (expected.label, expected.scores, expected.weight)
    assert result.input_kind == expected.kind
    if len(expected.scores) > 1:
        assert list(result.classes) == list(used.scores) == list(expected.scores)
    elif expected.classes is not None:
        assert result.classes == expected.classes


def test_a_weight_is_never_found_by_name() -> None:
    table = pa.table({"label": ["a", "b"], "p_a": [0.5, 0.5], "p_b": [0.5, 0.5], "weight": [0.0, -1.0]})
    assert score(table).columns.weight is None


# Messages


def complaint(header: str, **asked: Any) -> str:
    with pytest.raises(RequestError) as caught:
        score(
            pa.table({name: ["a", "b"] if name in LABEL_NAMES else [0.5, 0.5] for name in header.split(",")}),
            **asked,
        )
    return f"{caught.value.message} / {caught.value.hint}"


def test_a_missing_column_is_told_with_the_nearest_and_all() -> None:
    text = complaint("label,p_cat,p_dog", prob="p_cta")
    assert '"p_cta"' in text
    assert 'did you mean "p_cat"?' in text
    assert "label, p_cat, p_dog" in text


def test_very_many_columns_are_not_all_listed() -> None:
    text = complaint(",".join(f"x{i}" for i in range(1000)))
    assert "x0, x1" in text
    assert "more" in text
    assert len(text) < 1000


def test_two_families_are_both_named() -> None:
    text = complaint("label,p_a,p_b,logit_a,logit_b")
    assert "p_a, p_b" in text
    assert "logit_a, logit_b" in text
    assert "logit=" in text


def test_two_labels_are_both_named() -> None:
    text = complaint("label,y,p_a,p_b")
    assert '"label"' in text
    assert '"y"' in text


@pytest.mark.parametrize("header", ["1,0.75", "cat,0.75,0.25", "a,1e-3,.5"])
def test_a_header_of_numbers_looks_like_data(header: str) -> None:
    assert "looks like data" in complaint(header)


# Types of binary files

F64 = pa.float64()


@pytest.mark.parametrize(
    ("types", "column"),
    [
        ({"label": pa.string(), "p_a": pa.string(), "p_b": F64}, "p_a"),
        ({"label": pa.string(), "p_a": F64, "p_b": pa.timestamp("s")}, "p_b"),
        ({"label": pa.timestamp("s"), "p_a": F64, "p_b": F64}, "label"),
        ({"label": pa.list_(pa.string()), "p_a": F64, "p_b": F64}, "label"),
        ({"label": pa.dictionary(pa.int8(), pa.timestamp("s")), "p_a": F64, "p_b": F64}, "label"),
    ],
)
def test_types_that_cannot_be_used(types: dict[str, pa.DataType], column: str) -> None:
    with pytest.raises(XentError) as caught:
        score(pa.schema(types).empty_table())
    assert (caught.value.exit_code, caught.value.column) == (3, column)
    assert str(types[column]) in caught.value.message


@pytest.mark.parametrize("labels", [[b"a", b"\xff"], [["a"], ["b"]], [{"x": 1}, {"x": 2}]])
def test_the_type_of_a_label_is_looked_at_before_its_values(labels: list[object]) -> None:
    with pytest.raises(ContentError) as caught:
        score(pa.table({"label": labels, "a": [0.5, 0.5], "b": [0.5, 0.5]}))
    assert (caught.value.code, caught.value.column) == ("label_type", "label")


def test_fields_of_one_name_in_a_struct_are_refused() -> None:
    half = pa.array([0.5, 0.5])
    table = pa.table({"label": ["a", "b"], "probs": pa.StructArray.from_arrays([half, half], ["a", "a"])})
    with pytest.raises(RequestError) as caught:
        score(table)
    assert (caught.value.code, caught.value.column) == ("duplicate_column", "probs")


def test_columns_like_labels_are_numbers() -> None:
    table = pa.table({"label": ["a", "b"], "a": [0.5, 0.25], "b": [0.5, 0.75], "c": ["a", "b"]})
    assert score(table).columns.scores == {"a": "a", "b": "b"}


# Scale


def test_many_columns_take_linear_time() -> None:
    def seconds(classes: int) -> float:
        columns = {f"p_c{k}": [1 / classes] for k in range(classes)}
        table = pa.table({"label": ["c0"], **columns})
        began = time.process_time()
        score(table)
        return time.process_time() - began

    small, large = (min(seconds(classes) for _ in range(3)) for classes in (1000, 8000))
    assert large < 8 * small * 4  # quadratic time would be 64 times


# The small parts


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("a,b", ["a", "b"]), ("a", ["a"]), ('"a,b",c', ["a,b", "c"]), ('"say ""a""",b', ['say "a"', "b"]),
        ("a, b", ["a", " b"]), ("a,,b", ["a", "", "b"]), ('"a\nb",c', ["a\nb", "c"]), ("é,茶", ["é", "茶"]),
    ],
)  # fmt: skip
def test_a_list_has_csv_quoting(text: str, items: list[str]) -> None:
    assert parse_list(text) == items


HEADER = "id,label,cat,dog,bird\n"


def test_a_slice_of_one_class_does_not_decide_the_classes(tmp_path: Path) -> None:
    # only cats: dog and bird may be classes too, or two columns of something else
    (tmp_path / "cats.csv").write_text(HEADER + "7,cat,0.5,0.25,0.25\n8,cat,0.75,0.125,0.125\n")
    with pytest.raises(RequestError, match="could dog, bird be classes too") as caught:
        score(tmp_path / "cats.csv")
    assert 'prob="A,B,..."' in str(caught.value.hint)
    assert score(tmp_path / "cats.csv", prob="cat,dog,bird").classes == ("cat", "dog", "bird")


def test_a_class_of_small_probability_is_not_left_out(tmp_path: Path) -> None:
    (tmp_path / "two.csv").write_text(HEADER + "7,cat,0.5,0.499,0.001\n8,dog,0.25,0.75,0\n")
    with pytest.raises(RequestError, match="could bird be classes too"):
        score(tmp_path / "two.csv")


def test_columns_that_no_row_leaves_room_for_are_no_classes(tmp_path: Path) -> None:
    header, rows = "id,fold,w,note,label,cat,dog\n", "7,0,0.5,x,cat,0.5,0.5\n8,1,0.5,0,dog,0.25,0.75\n"
    (tmp_path / "two.csv").write_text(header + rows)
    assert score(tmp_path / "two.csv").classes == ("cat", "dog")


def test_the_labels_of_all_files_tell_which_columns_are_classes(tmp_path: Path) -> None:
    rows = {"cat": "7,cat,0.5,0.25,0.25\n", "dog": "8,dog,0.25,0.5,0.25\n", "bird": "9,bird,0.25,0.25,0.5\n"}
    for name, row in rows.items():
        (tmp_path / f"{name}.csv").write_text(HEADER + row)
    found = score([tmp_path / f"{name}.csv" for name in rows])
    assert found.classes == ("cat", "dog", "bird")
    assert found.metrics.log_loss == pytest.approx(math.log(2), rel=1e-15)


def test_labels_are_looked_for_in_several_short_blocks(tmp_path: Path) -> None:
    table = pa.table({"y": [0, 1, 0, 2], "0": [0.4] * 4, "1": [0.3] * 4, "2": [0.3] * 4})
    pq.write_table(table, tmp_path / "short.parquet", row_group_size=2)
    assert score(tmp_path / "short.parquet", label="y").classes == ("0", "1", "2")


def test_a_header_and_nothing_else_has_no_rows(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("label,a,b\n")
    with pytest.raises(ContentError) as caught:
        score(tmp_path / "empty.csv")
    assert caught.value.code == "no_rows"


def test_spellings_of_one_class_are_one_negative_class() -> None:
    found = score(pa.table({"y": ["0", "0.0"], "logit_1": [0.5, -0.5]}))
    assert (found.classes, found.rows) == (("0", "1"), 2)


def test_equal_fields_are_settled_once_unless_rows_have_a_say(tmp_path: Path) -> None:
    """A list column has the length that its rows have; names and types alone settle the others."""
    for number, size in enumerate((2, 2, 3)):
        lists = [[1 / size] * size]
        pq.write_table(pa.table({"label": [0], "probs": lists}), tmp_path / f"list{number}.parquet")
        (tmp_path / f"{number}.csv").write_text("label,p_a,p_b\na,0.5,0.5\n")
    plain = open_paths([str(tmp_path / f"{number}.csv") for number in range(3)], TextOptions())
    first, *others = resolve_all(plain, ColumnSpec())
    assert all(each is first for each in others)
    nested = open_paths([str(tmp_path / f"list{number}.parquet") for number in range(3)], TextOptions())
    with pytest.raises(ContentError, match="has other classes") as raised:
        resolve_all(nested, ColumnSpec())
    assert raised.value.where is not None
    assert raised.value.where.file.endswith("list2.parquet")
