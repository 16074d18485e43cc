"""Odd inputs: labels and classes."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pyarrow as pa

from tests.cli.cases import Case, loss, parquet, right, table, unclear, wrong

TWO = {"p_a": [0.75, 0.25], "p_b": [0.25, 0.75]}
BINARY = table("label,prob", "{},0.75", "{},0.375")


def named(name: str) -> str:
    """A class of this name, and another."""
    return table(f"label,prob_{name},prob_ok", f"{name},0.75,0.25", "ok,0.375,0.625")


def binary(positive: str, negative: str) -> str:
    """One column, and labels of these spellings."""
    return BINARY.format(positive, negative)


HOSTILE = {
    "comma": "a,b",
    "quotes": 'say "a"',
    "newline": "a\nb",
    "carriage-return": "a\rb",
    "escape": "\x1b[31mred\x1b[0m",
    "osc": "\x1b]0;title\x07",
    "c1": "a\x9b31mb",
    "bell": "a\x07b",
    "nul": "a\x00b",
    "bidi": "a\u202eb\u2066c",
    "zero-width": "a\u200bb",
    "line-separator": "a\u2028b",
    "markup": "[/bold]cat",
    "markup-link": "[link=http://a.b]c[/link]",
    "workflow": "::error::a",
    "html": "<script>alert(1)</script>",
    "formula": "=cmd|' /C calc'!A0",
    "markdown": "a|b`c*d_e",
    "emoji-code": ":smile:",
    "backslash": "a\\x1bb",
    "accent": "é",
    "astral": "😀",
    "spaces": " a ",
    "non-breaking": "a\u00a0b",
}


def quoted(text: str) -> str:
    """A field of a text file, whatever it holds."""
    return '"' + text.replace('"', '""') + '"'


def hostile(name: str) -> str:
    """A file with this class and another, the other first where it is the likelier."""
    return table(
        f"label,{quoted('prob_' + name)},prob_ok", f"{quoted(name)},0.75,0.25", "ok,0.375,0.625",
    )  # fmt: skip


TWO_ROWS = loss(0.75, 0.625)

MISSING_NAMES = [
    right(f"class-named-{name}", named(name), rows={name: 1, "ok": 1}, log_loss=TWO_ROWS)
    for name in ("NA", "None", "null", "nan", "N/A", "NaN", "NULL", "#N/A", "<NA>", "-", "inf", "-1", "True")
] + [
    right("class-named-NA-quoted", table("label,prob_NA,prob_ok", '"NA",0.75,0.25', '"ok",0.375,0.625'),
          rows={"NA": 1, "ok": 1}, log_loss=TWO_ROWS),
    right("class-named-NA-single-column", table("label,prob_NA", "NA,0.75", "None,0.375"),
          rows={"None": 1, "NA": 1}, log_loss=TWO_ROWS),
    right("class-named-null-parquet",
          parquet({"label": ["null", "NA"], "p_null": [0.75, 0.375], "p_NA": [0.25, 0.625]}),
          rows={"null": 1, "NA": 1}, log_loss=TWO_ROWS),
    wrong("label-empty", table("label,p_a,p_b", "a,0.75,0.25", ",0.25,0.75"),
          "the label is missing", place="line 3", column="label"),
    wrong("label-empty-quoted", table("label,p_a,p_b", "a,0.75,0.25", '"",0.25,0.75'),
          "missing", place="line 3", column="label"),
    wrong("label-empty-thrice", table("label,p_a,p_b", ",0.75,0.25", "a,0.75,0.25", ",0.25,0.75", ",0.25,0.75"),
          "missing", "2 more", "line 4", "line 5", place="line 2", column="label"),
    wrong("label-empty-everywhere", table("label,p_a,p_b", *[",0.75,0.25"] * 9),
          "missing", "8 more", place="line 2", column="label"),
    wrong("label-null-parquet", parquet({"label": ["a", None], **TWO}),
          "missing", place="row 1", column="label"),
    wrong("label-empty-text-parquet", parquet({"label": ["a", ""], **TWO}),
          "missing", place="row 1", column="label"),
    wrong("label-null-int-parquet",
          parquet({"label": pa.array([None, 1]), "p_0": [0.25, 0.5], "p_1": [0.75, 0.5]}),
          "missing", place="row 0",
          column="label"),
    wrong("label-nan-parquet", parquet({"label": [1.0, float("nan")], "p_0": [0.25, 0.5], "p_1": [0.75, 0.5]}),
          "missing", place="row 1", column="label"),
    wrong("label-all-null-parquet", parquet({"label": pa.nulls(2, pa.string()), **TWO}),
          "missing", "1 more", place="row 0", column="label"),
]  # fmt: skip

SPELLINGS = [
    right("zero-padded-classes",
          table("label,prob_01,prob_1,prob_001", "01,0.5,0.25,0.25", "1,0.25,0.625,0.125", "001,0.5,0.125,0.375"),
          rows={"01": 1, "1": 1, "001": 1}, log_loss=loss(0.5, 0.625, 0.375), accuracy=2 / 3),
    right("nine-and-ten", table("label,prob_10,prob_9", "9,0.25,0.75", "10,0.625,0.375"),
          rows={"10": 1, "9": 1}, log_loss=TWO_ROWS),
    right("columns-in-reverse", table("label,prob_b,prob_a", "a,0.25,0.75", "b,0.625,0.375"),
          rows={"b": 1, "a": 1}, log_loss=TWO_ROWS),
    right("twelve-classes-shuffled",
          table("label," + ",".join(f"p{k}" for k in (11, 2, 10, 0, 1, 9, 3, 8, 4, 7, 5, 6)),
                "10," + ",".join(["0.03125"] * 2 + ["0.65625"] + ["0.03125"] * 9),
                "2," + ",".join(["0.03125"] + ["0.65625"] + ["0.03125"] * 10)),
          log_loss=loss(0.65625, 0.65625), accuracy=1.0,
          notices=["class_without_rows"]),
    right("integer-written-as-float", table("label,p_0,p_1", "1.0,0.25,0.75", "0.0,0.625,0.375"),
          rows={"0": 1, "1": 1}, log_loss=TWO_ROWS),
    right("integer-with-many-zeros", table("label,p_0,p_1", "1.000,0.25,0.75", "0,0.625,0.375"),
          rows={"0": 1, "1": 1}, log_loss=TWO_ROWS),
    right("class-written-as-float", table("label,p_0.0,p_1.0", "1,0.25,0.75", "0,0.625,0.375"),
          rows={"0.0": 1, "1.0": 1}, log_loss=TWO_ROWS),
    right("true-in-three-cases",
          table("label,prob_true,prob_false", "True,0.75,0.25", "TRUE,0.75,0.25", "false,0.25,0.75"),
          rows={"true": 2, "false": 1}, log_loss=loss(0.75)),
    right("classes-true-false-capital", table("label,prob_True,prob_False", "true,0.75,0.25", "FALSE,0.25,0.75"),
          rows={"True": 1, "False": 1}, log_loss=loss(0.75)),
    wrong("label-one-for-class-true", table("label,prob_true,prob_false", "1,0.75,0.25", "0,0.25,0.75"),
          '"1"', "true, false", place="line 2", column="label"),
    wrong("label-01-for-class-1", table("label,p_0,p_1", "1,0.25,0.75", "01,0.25,0.75"),
          '"01"', "did you mean", '"1"', place="line 3", column="label"),
    wrong("label-plus-one", table("label,p_0,p_1", "0,0.75,0.25", "+1,0.25,0.75"),
          '"+1"', place="line 3", column="label"),
    wrong("label-one-half", table("label,p_0,p_1", "0.5,0.75,0.25"), '"0.5"', place="line 2", column="label"),
    wrong("label-in-exponent-form", table("label,p_0,p_1", "1e0,0.25,0.75"), '"1e0"', place="line 2",
          column="label"),
    wrong("label-of-two-classes", table("label,p_1,p_1.0", "1.00,0.25,0.75"), '"1.00"', "did you mean",
          place="line 2", column="label"),
    right("label-exact-before-loose", table("label,p_1,p_1.0", "1.0,0.25,0.75", "1,0.625,0.375"),
          rows={"1": 1, "1.0": 1}, log_loss=TWO_ROWS),
    right("classes-differ-in-case", table("label,p_A,p_a", "A,0.75,0.25", "a,0.375,0.625"),
          rows={"A": 1, "a": 1}, log_loss=TWO_ROWS, notices=["similar_classes"]),
    wrong("label-in-other-case", table("label,p_cat,p_dog", "Cat,0.75,0.25"),
          '"Cat"', "--prob Cat=p_cat,dog=p_dog", place="line 2", column="label"),
    wrong("label-in-other-case-of-one-score", table("label,p", "No,0.25", "yes,0.75"), '"No"',
          place="line 2", column="label", arguments=("--prob", "p", "--classes", "no,yes", "--positive", "yes")),
    right("yes-and-no", table("label,p_yes,p_no", "yes,0.75,0.25", "no,0.375,0.625"),
          rows={"yes": 1, "no": 1}, log_loss=TWO_ROWS),
    right("dates", table("label,prob_2024-01-01,prob_2024-01-02", "2024-01-01,0.75,0.25",
          "2024-01-02,0.375,0.625"),
          rows={"2024-01-01": 1, "2024-01-02": 1}, log_loss=TWO_ROWS),
    right("integers-above-2-to-the-53",
          table("label,p_9007199254740992,p_9007199254740993", "9007199254740993,0.25,0.75",
                "9007199254740992,0.625,0.375"),
          rows={"9007199254740992": 1, "9007199254740993": 1}, log_loss=TWO_ROWS),
    right("integers-above-2-to-the-64", table("label,p_18446744073709551617,p_x",
          "18446744073709551617,0.75,0.25"),
          rows={"18446744073709551617": 1, "x": 0}, log_loss=loss(0.75), notices=["class_without_rows"]),
    right("integers-above-2-to-the-53-parquet",
          parquet({"label": pa.array([9007199254740993, 9007199254740992]),
                   "p_9007199254740992": [0.25, 0.625], "p_9007199254740993": [0.75, 0.375]}),
          rows={"9007199254740992": 1, "9007199254740993": 1}, log_loss=TWO_ROWS),
    right("uint64-labels", parquet({"label": pa.array([2**64 - 1, 0], pa.uint64()),
                                    f"p_{2**64 - 1}": [0.75, 0.375], "p_0": [0.25, 0.625]}),
          rows={str(2**64 - 1): 1, "0": 1}, log_loss=TWO_ROWS),
    right("negative-integers", table("label,p_-1,p_1", "-1,0.75,0.25", "1.0,0.375,0.625", "-1.0,0.75,0.25"),
          rows={"-1": 2, "1": 1}, log_loss=loss(0.75, 0.75, 0.625)),
    right("columns-named-like-the-labels", table("label,cat,dog,age", "dog,0.25,0.75,7", "cat,0.625,0.375,9"),
          rows={"cat": 1, "dog": 1}, log_loss=TWO_ROWS),
]  # fmt: skip

NO_SUCH_CLASS = [
    wrong("label-without-column",
          table("label,p_cat,p_dog", "cat,0.75,0.25", "dgo,0.25,0.75", "dog,0.25,0.75", "dgo,0.25,0.75"),
          '"dgo"', "2 rows", 'did you mean "dog"', "cat, dog", place="line 3", column="label"),
    wrong("labels-without-columns", table("label,p_cat,p_dog", "cow,0.75,0.25", "pig,0.25,0.75", "cow,0.25,0.75"),
          '"cow"', "2 rows", "1 more label", "3 rows in all", place="line 2", column="label"),
    wrong("label-with-spaces", table("label,p_a,p_b", "b,0.25,0.75", " a,0.75,0.25"),
          '" a"', "spaces", place="line 3", column="label"),
    wrong("label-with-tab", table("label,p_a,p_b", "b,0.25,0.75", "a\t,0.75,0.25"),
          '"a\\t"', "space", place="line 3", column="label"),
    wrong("label-hostile", table("label,p_a,p_b", "\x1b[31m,0.75,0.25"),
          '"\\x1b[31m"', place="line 2", column="label"),
    wrong("several-true-classes", table("label,p_a,p_b", '"a,b",0.75,0.25'),
          '"a,b"', place="line 2", column="label"),
    wrong("label-without-column-parquet", parquet({"label": ["a", "c"], **TWO}),
          '"c"', "1 row", place="row 1", column="label"),
    right("class-without-rows", table("label,p_a,p_b,p_c", "a,0.5,0.25,0.25", "b,0.25,0.625,0.125"),
          rows={"a": 1, "b": 1, "c": 0}, log_loss=loss(0.5, 0.625), macro_log_loss=loss(0.5, 0.625),
          notices=["class_without_rows"], says=["c"]),
    right("class-without-rows-asked-for", table("label,p_a,p_b,p_c", "a,0.5,0.25,0.25", "b,0.25,0.625,0.125"),
          "--prob", "p_a,p_b,p_c", rows={"a": 1, "b": 1, "c": 0}, log_loss=loss(0.5, 0.625)),
    right("one-class-only", table("label,p_a,p_b", "a,0.75,0.25", "a,0.625,0.375"),
          rows={"a": 2, "b": 0}, log_loss=TWO_ROWS, label_entropy=0, skill=None, normalized_entropy=None,
          notices=["class_without_rows"]),
    unclear("logit-class-without-rows", table("label,logit_a,logit_b,logit_scale", "a,1,0,2", "b,0,1,2"),
            '"scale"', "logit_scale", "--logit"),
    right("logit-class-without-rows-asked-for", table("label,logit_a,logit_b", "a,0,0", "a,0,0"),
          "--logit", "logit_*", rows={"a": 2, "b": 0}, log_loss=loss(0.5), notices=["ties"]),
    wrong("numbered-labels-named-columns", table("label,p_cat,p_dog,p_cow", "0,0.5,0.25,0.25", "2,0.25,0.25,0.5"),
          '"0"', "--classes", "cat, dog, cow", place="line 2", column="label"),
    right("numbered-labels-with-classes", table("label,p_cat,p_dog,p_cow", "0,0.25,0.25,0.5",
          "2,0.125,0.625,0.25"),
          "--classes", "cow,cat,dog", rows={"cow": 1, "cat": 0, "dog": 1}, log_loss=loss(0.5, 0.625),
          notices=["class_without_rows"], says=["cat"]),
    right("numbered-columns-with-classes", table("label,p_0,p_1", "dog,0.25,0.75", "cat,0.625,0.375"),
          "--classes", "cat,dog", rows={"cat": 1, "dog": 1}, log_loss=TWO_ROWS),
    wrong("number-beyond-the-classes", table("label,p_cat,p_dog", "0,0.75,0.25", "2,0.25,0.75"),
          '"2"', "cat, dog", place="line 3", column="label", arguments=["--classes", "cat,dog"]),
]  # fmt: skip

TWINS = [
    unclear("two-columns-of-a-class", table("label,p_a,p.a,p_b", "a,0.5,0.5,0.5"), '"p_a"', '"p.a"'),
    unclear("two-families-overlap", table("label,p_a,p_b,prob_a", "a,0.5,0.5,0.5"), "p_a", "prob_a"),
    unclear("two-families", table("label,p_a,p_b,logit_a,logit_b", "a,0.5,0.5,0,0"), "p_a", "logit_a", "--prob",
            "--logit"),
    unclear("family-and-single", table("label,p_a,p_b,score", "a,0.5,0.5,0"), "p_a", "score"),
    unclear("two-labels", table("label,target,p_a,p_b", "a,a,0.5,0.5"), '"label"', '"target"', "--label"),
    unclear("class-asked-for-twice", table("label,p_a,prob_a", "a,0.5,0.5"), '"p_a"', '"prob_a"',
            arguments=["--prob", "p_a,prob_a"]),
    unclear("column-asked-for-twice", table("label,p_a,p_b", "a,0.5,0.5"), '"p_a"', "twice",
            arguments=["--prob", "p_a,p_a"]),
    unclear("classes-twice", table("label,p_a,p_b", "a,0.5,0.5"), "twice", arguments=["--classes", "a,a"]),
]  # fmt: skip

ONE_COLUMN = [
    right("binary-0-1", binary("1", "0"), rows={"0": 1, "1": 1}, log_loss=TWO_ROWS),
    right("binary-minus-plus-one", binary("1", "-1"), rows={"-1": 1, "1": 1}, log_loss=TWO_ROWS),
    right("binary-false-true", binary("True", "False"), rows={"false": 1, "true": 1}, log_loss=TWO_ROWS),
    right("binary-float-labels", binary("1.0", "0.0"), rows={"0": 1, "1": 1}, log_loss=TWO_ROWS),
    right("binary-only-ones", table("y,p", "1,0.75", "1,0.625"), rows={"0": 0, "1": 2}, log_loss=TWO_ROWS,
          label_entropy=0, skill=None, accuracy=1.0),
    right("binary-only-zeros", table("y,p", "0,0.25", "0,0.375"), rows={"0": 2, "1": 0}, log_loss=TWO_ROWS,
          skill=None),
    right("binary-positive-by-option", binary("sick", "well"), "--positive", "sick",
          rows={"well": 1, "sick": 1}, log_loss=TWO_ROWS),
    right("binary-positive-is-no-1", binary("no", "yes"), "--positive", "no", rows={"yes": 1, "no": 1},
          log_loss=TWO_ROWS),
    right("binary-positive-in-the-column-name", table("label,prob_sick", "sick,0.75", "well,0.375"),
          rows={"well": 1, "sick": 1}, log_loss=TWO_ROWS),
    right("binary-positive-named-zero", table("label,prob_0", "0,0.75", "1,0.375"), rows={"1": 1, "0": 1},
          log_loss=TWO_ROWS),
    right("binary-positive-never-seen", table("label,prob_sick", "well,0.25", "well,0.375"),
          rows={"well": 2, "sick": 0}, log_loss=TWO_ROWS, notices=["class_without_rows"]),
    right("binary-classes-by-option", binary("sick", "well"), "--positive", "sick", "--classes", "well,sick",
          rows={"well": 1, "sick": 1}, log_loss=TWO_ROWS),
    right("binary-one-logit", table("label,logit", "1,0", "0,-1000"), log_loss=loss(0.5) / 2, ties=1,
          notices=["ties"]),
    right("binary-parquet-booleans", parquet({"label": [True, False], "p": [0.75, 0.375]}),
          rows={"false": 1, "true": 1}, log_loss=TWO_ROWS),
    unclear("binary-a-b", binary("a", "b"), '"a"', '"b"', "--positive"),
    unclear("binary-three-labels", table("label,prob", "a,0.5", "b,0.5", "c,0.5"), '"a"', '"b"', '"c"',
            "--positive"),
    unclear("binary-positive-typo", binary("sick", "well"), '"sik"', 'did you mean "sick"',
            arguments=["--positive", "sik"]),
    unclear("binary-name-is-no-label", table("label,prob_sick", "1,0.75", "0,0.375"), '"sick"', "0, 1"),
    unclear("binary-positive-for-many", table("label,p_a,p_b", "a,0.5,0.5"), "--positive",
            arguments=["--positive", "a"]),
    wrong("binary-three-classes", table("label,prob_a", "a,0.75", "b,0.25", "c,0.25"), '"a"', '"b"', '"c"'),
    wrong("binary-three-numbers", table("label,prob", "1,0.75", "0,0.25", "-1,0.25"), '"-1"', '"0"', '"1"'),
    unclear("binary-zero-one-two", table("label,prob", "0,0.25", "1,0.75", "2,0.25"), '"2"', "--positive"),
]  # fmt: skip

COLUMN_NAMES = [
    unclear("label-column-absent", table("lable,p_a,p_b", "a,0.5,0.5"), "no label column", "--label lable",
            "lable, p_a, p_b"),
    unclear("label-column-far", table("outcome,p_a,p_b", "a,0.5,0.5"), "no label column", "outcome"),
    unclear("label-asked-for-absent", table("label,p_a,p_b", "a,0.5,0.5"), '"labels"', 'did you mean "label"',
            arguments=["--label", "labels"]),
    unclear("label-asked-for-in-other-case", table("Outcome,p_a,p_b", "a,0.5,0.5"), 'did you mean "Outcome"',
            arguments=["--label", "outcome"]),
    unclear("score-asked-for-absent", table("label,p_cat,p_dog", "a,0.5,0.5"), '"p_cta"',
            'did you mean "p_cat"', arguments=["--prob", "p_cta,p_dog"]),
    unclear("glob-without-match", table("label,p_cat,p_dog", "a,0.5,0.5"), '"q_*"', "p_cat",
            arguments=["--prob", "q_*"]),
    unclear("weight-absent", table("label,p_a,p_b,weight", "a,0.5,0.5,1"), '"wieght"',
            'did you mean "weight"', arguments=["--weight", "wieght"]),
    unclear("no-scores", table("label,left,right", "a,0.5,0.5"), "no score columns", "left, right", "--prob"),
    right("scores-asked-for", table("label,left,right", "left,0.75,0.25", "right,0.375,0.625"),
          "--prob", "left", "--prob", "right", rows={"left": 1, "right": 1}, log_loss=TWO_ROWS),
    right("label-in-capitals", table("Label,p_a,p_b", "a,0.75,0.25", "b,0.375,0.625"), log_loss=TWO_ROWS),
    right("column-with-comma", table('label,"p_x,y",p_z', '"x,y",0.75,0.25', "z,0.375,0.625"), "--prob",
          'p_z,"p_x,y"', rows={"z": 1, "x,y": 1}, log_loss=TWO_ROWS),
]  # fmt: skip

PARQUET_LABELS = [
    right("labels-dictionary", parquet({"label": pa.array(["b", "a"]).dictionary_encode(),
                                        "p_a": [0.25, 0.625], "p_b": [0.75, 0.375]}),
          rows={"a": 1, "b": 1}, log_loss=TWO_ROWS),
    right("labels-large-string", parquet({"label": pa.array(["a", "b"], pa.large_string()),
                                          "p_a": [0.75, 0.375], "p_b": [0.25, 0.625]}), log_loss=TWO_ROWS),
    right("labels-boolean", parquet({"label": [True, False], "p_true": [0.75, 0.375], "p_false": [0.25, 0.625]}),
          rows={"true": 1, "false": 1}, log_loss=TWO_ROWS),
    right("labels-int8", parquet({"label": pa.array([1, 0], pa.int8()), "p_0": [0.25, 0.625], "p_1": [0.75,
          0.375]}),
          rows={"0": 1, "1": 1}, log_loss=TWO_ROWS),
    right("labels-float", parquet({"label": [1.0, 0.0], "p_0": [0.25, 0.625], "p_1": [0.75, 0.375]}),
          rows={"0": 1, "1": 1}, log_loss=TWO_ROWS),
    right("labels-negative-zero", parquet({"label": [1.0, -0.0], "p_0": [0.25, 0.625], "p_1": [0.75, 0.375]}),
          rows={"0": 1, "1": 1}, log_loss=TWO_ROWS),
    right("labels-dictionary-of-integers",
          parquet({"label": pa.DictionaryArray.from_arrays(pa.array([1, 0], pa.int8()), pa.array([10, 20])),
                   "p_10": [0.25, 0.625], "p_20": [0.75, 0.375]}),
          rows={"10": 1, "20": 1}, log_loss=TWO_ROWS),
    wrong("labels-infinite", parquet({"label": [1.0, float("inf")], "p_0": [0.25, 0.5], "p_1": [0.75, 0.5]}),
          '"inf"', place="row 1", column="label"),
    wrong("labels-timestamp", parquet({"label": [datetime.datetime(2024, 1, 1)] * 2, **TWO}), "timestamp",
          column="label"),
    right("labels-date", parquet({"label": [datetime.date(2024, 1, 1), datetime.date(2024, 1, 2)],
          "p_2024-01-01": [0.75, 0.375], "p_2024-01-02": [0.25, 0.625]}), log_loss=loss(0.75, 0.625)),
    wrong("labels-nested", parquet({"label": [["a"], ["b"]], **TWO}), "list<", column="label"),
    wrong("labels-struct", parquet({"label": [{"x": 1}, {"x": 2}], **TWO}), "struct<", column="label"),
    wrong("labels-binary", parquet({"label": [b"a", b"b"], **TWO}), "binary", column="label"),
    wrong("labels-decimal", parquet({"label": [Decimal("1.5"), Decimal("2.5")], **TWO}), "decimal",
          column="label"),
    wrong("labels-untyped-nulls", parquet({"label": pa.nulls(2), **TWO}), column="label"),
]  # fmt: skip

HOSTILE_NAMES = [
    right(f"hostile-class-{what}", hostile(name), rows={name: 1, "ok": 1}, log_loss=TWO_ROWS)
    for what, name in HOSTILE.items()
]

CASES: list[Case] = [
    *MISSING_NAMES, *SPELLINGS, *NO_SUCH_CLASS, *TWINS, *ONE_COLUMN, *COLUMN_NAMES, *PARQUET_LABELS,
          *HOSTILE_NAMES,
]  # fmt: skip
