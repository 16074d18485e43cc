"""Odd inputs: the forms beyond plain CSV and Parquet columns, and rows left out on purpose."""

from __future__ import annotations

import gzip
import io
import json
import lzma
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather

from tests.cli.cases import INF, Case, loss, parquet, right, table, unclear, wrong

PLAIN = table("label,p_a,p_b", "a,0.75,0.25", "b,0.375,0.625")
LOSS = loss(0.75, 0.625)


def lines(*rows: dict[str, Any] | str) -> str:
    """JSON Lines; text as it stands."""
    return "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows)


def npz(**arrays: Any) -> bytes:
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


def arrow(columns: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    feather.write_feather(pa.table(columns), out)
    return out.getvalue()


A, B = {"label": "a", "p_a": 0.75, "p_b": 0.25}, {"label": "b", "p_a": 0.375, "p_b": 0.625}
ROWS = {"label": ["a", "b"], "p_a": [0.75, 0.375], "p_b": [0.25, 0.625]}
Q = [[0.75, 0.25], [0.375, 0.625]]
CLASSES = ("--classes", "a,b")

JSON_LINES = [
    right("json-lines", lines(A, B), log_loss=LOSS, notices=["extension"]),
    right("json-lines-list", lines({"label": 0, "probs": Q[0]}, {"label": 1, "probs": Q[1]}), log_loss=LOSS,
          notices=["extension"]),
    right("json-lines-keys-in-another-order", lines(A, dict(reversed(B.items()))), log_loss=LOSS,
          notices=["extension"]),
    wrong("json-lines-broken", lines(A, '{"label": "b", '), place="line 2"),
    wrong("json-lines-not-an-object", lines(A, "[1, 2]"), place="line 2"),
    wrong("json-lines-nan", lines(A, '{"label": "b", "p_a": NaN, "p_b": 0.5}'), "NaN", place="line 2"),
    wrong("json-lines-null", lines(A, {**B, "p_a": None}), "missing", place="line 2", column="p_a"),
    wrong("json-lines-key-lacking", lines(A, {"label": "b", "p_a": 0.5}), "missing", place="line 2", column="p_b"),
    wrong("json-lines-text-for-a-number", lines(A, {**B, "p_a": "0.5"}), '0.5', place="line 2", column="p_a"),
    right("json-array", json.dumps([A, B]), log_loss=LOSS, notices=["extension"]),
    wrong("json-array-cut", "[" + json.dumps(A) + ", {", "JSON"),
]  # fmt: skip

LISTS = [
    right("lists", parquet({"label": [0, 1], "probs": Q}), log_loss=LOSS),
    right("lists-of-text-classes", parquet({"label": ["a", "b"], "probs": Q}), *CLASSES, log_loss=LOSS),
    right("fixed-size-lists", parquet({"label": [0, 1], "probs": pa.array(Q, pa.list_(pa.float32(), 2))}),
          log_loss=LOSS),
    right("struct", parquet({"label": ["a", "b"], "p": [{"b": 0.25, "a": 0.75}, {"b": 0.625, "a": 0.375}]}),
          "--prob", "p", rows={"b": 1, "a": 1}, log_loss=LOSS),
    right("lists-in-csv", table("label,probs", '0,"[0.75, 0.25]"', '1,"[0.375, 0.625]"'), log_loss=LOSS),
    unclear("struct-of-other-classes", parquet({"label": ["a"], "p": [{"x": 0.75, "y": 0.25}]}), "x, y",
            arguments=["--prob", "p", *CLASSES]),
    unclear("lists-of-text-classes-without-order", parquet({"label": ["a", "b"], "probs": Q}), '"a"', "--classes"),
    wrong("ragged-lists", parquet({"label": [0, 1], "probs": [[0.5, 0.5], [0.5, 0.25, 0.25]]}),
          "list has 3 scores",
          place="row 1", column="probs"),
    wrong("empty-list", parquet({"label": [0, 1], "probs": [[0.5, 0.5], []]}), "list has", place="row 1",
          column="probs"),
    wrong("null-list", parquet({"label": [0, 1], "probs": [[0.5, 0.5], None]}), "missing", place="row 1",
          column="probs"),
    wrong("null-in-a-list", parquet({"label": [0, 1], "probs": [[0.5, 0.5], [0.5, None]]}), "missing",
          place="row 1", column="probs"),
    wrong("lists-that-do-not-sum", parquet({"label": [0], "probs": [[0.5, 0.25]]}), "0.75", place="row 0"),
    wrong("label-beyond-the-list", parquet({"label": [0, 2], "probs": Q}), '"2"', place="row 1", column="label"),
    wrong("lists-of-text", parquet({"label": [0], "probs": [["x", "y"]]}), "list", column="probs"),
]  # fmt: skip

SOFT = [
    right("soft-labels", table("t_a,t_b,p_a,p_b", "1,0,0.75,0.25", "0,1,0.375,0.625"), "--target", "t_*",
          log_loss=LOSS, target_entropy=0),
    right("soft-label-of-one-column", table("t,p_yes", "1,0.75", "0,0.375"), "--target", "t", "--positive", "yes",
          log_loss=LOSS),
    wrong("soft-labels-that-do-not-sum", table("t_a,t_b,p_a,p_b", "0.5,0.25,0.5,0.5"), "0.75", place="line 2",
          arguments=["--target", "t_*"]),
    right("votes", table("t_a,t_b,p_a,p_b", "7,0,0.75,0.25", "0,2,0.375,0.625"), "--target", "t_*", "--normalize",
          log_loss=LOSS, target_entropy=0),
    wrong("votes-without-normalize", table("t_a,t_b,p_a,p_b", "7,0,0.75,0.25"), "--normalize", place="line 2",
          arguments=["--target", "t_*"]),
    wrong("votes-of-none", table("t_a,t_b,p_a,p_b", "0,0,0.75,0.25"), "name no class", place="line 2",
          arguments=["--target", "t_*", "--normalize"]),
    wrong("votes-against", table("t_a,t_b,p_a,p_b", "7,-1,0.75,0.25"), "--target-logit t_a,t_b", place="line 2",
          arguments=["--target", "t_*", "--normalize"]),
    right("soft-labels-rounded", table("t_a,t_b,p_a,p_b", "1.0001,-0.0001,0.75,0.25", "0,1,0.375,0.625"),
          "--target", "t_*", log_loss=LOSS, target_entropy=0, notices=["target_rounded"]),
    right("teacher-logits", table("t_a,t_b,p_a,p_b", "0,-inf,0.75,0.25", "-9e3,9e3,0.375,0.625"),
          "--target-logit", "t_*", log_loss=LOSS, target_entropy=0),
    right("teacher-logit-of-one-column", table("t,p_yes", "800,0.75", "-800,0.375"),
          "--target-logit", "t", "--positive", "yes", log_loss=LOSS),
    wrong("teacher-logit-infinite", table("t_a,t_b,p_a,p_b", "0,inf,0.75,0.25"), "no softmax", place="line 2",
          arguments=["--target-logit", "t_*"]),
    wrong("teacher-logit-empty", table("t_a,t_b,p_a,p_b", "0,,0.75,0.25"), "missing", place="line 2",
          arguments=["--target-logit", "t_*"]),
    unclear("targets-of-two-kinds", table("t_a,t_b,p_a,p_b", "1,0,0.5,0.5"), "exclude", "--target-logit",
            arguments=["--target", "t_*", "--target-logit", "t_*"]),
    wrong("soft-labels-negative", table("t_a,t_b,p_a,p_b", "-0.5,1.5,0.5,0.5"), "-0.5", place="line 2",
          column="t_a", arguments=["--target", "t_*"]),
    unclear("soft-and-plain-labels", table("y,t_a,t_b,p_a,p_b", "a,1,0,0.5,0.5"), "--target", "--label",
            arguments=["--label", "y", "--target", "t_*"]),
    right("soft-labels-of-a-label-file-with-the-same-columns", table("id,a,b", "1,0.75,0.25", "2,0.375,0.625"),
          "--labels", "truth.csv", "--on", "id", "--target", "a,b", "--prob", "a,b",
          files={"truth.csv": b"id,b,a\n2,1,0\n1,0,1\n"}, log_loss=LOSS, target_entropy=0),
    right("soft-labels-of-a-label-file-with-some-of-the-columns", table("id,a,z", "1,0.75,0.25", "2,0.375,0.625"),
          "--labels", "truth.csv", "--on", "id", "--target", "a,b", "--prob", "a,z", "--classes", "x,y",
          files={"truth.csv": b"id,b,a\n2,1,0\n1,0,1\n"}, log_loss=LOSS, target_entropy=0),
    unclear("soft-labels-that-neither-file-has", table("id,a,b", "1,0.75,0.25"), "zz", arguments=["--labels",
            "truth.csv", "--on", "id", "--target", "a,b,zz", "--prob", "a,b"],
            files={"truth.csv": b"id,a,b\n1,1,0\n"}),
    unclear("score-and-target-of-one-column", table("a,b", "0.75,0.25"), '"a"', "score and the target",
            arguments=["--target", "a,b", "--prob", "a,b"]),
    unclear("share-of-which-class", table("share,p_yes,p_no", "1,0.75,0.25"), "--positive",
            arguments=["--target", "share"]),
    right("share-of-the-first-class", table("share,p_yes,p_no", "1,0.75,0.25", "0,0.375,0.625"),
          "--target", "share",
          "--positive", "yes", log_loss=LOSS),
    right("share-of-the-last-class", table("share,p_no,p_yes", "1,0.25,0.75", "0,0.625,0.375"),
          "--target", "share",
          "--positive", "yes", log_loss=LOSS),
    unclear("share-of-another-class-than-the-score", table("share,p_no", "1,0.25"), '"no" by its name',
            arguments=["--target", "share", "--positive", "yes"]),
    unclear("soft-labels-too-few", table("t_a,p_a,p_b,p_c", "1,0.5,0.25,0.25"), "1 targets for 3 classes",
            arguments=["--target", "t_a"]),
]  # fmt: skip

TOKENS = [
    right("tokens", table("logprob", "-0.5", "-1.5"), "--logprob", "logprob", log_loss=1.0),
    right("tokens-of-probability-zero", table("logprob", "-0.5", "-inf"), "--logprob", "logprob", log_loss=INF,
          notices=["infinite_loss"]),
    right("tokens-with-bytes-beside-a-label-that-is-none", table("target,token_logprob,n", "doc,-0.5,3",
          "doc,-1.5,5"), "--logprob", "token_logprob", "--bytes", "n", log_loss=1.0),
    right("tokens-beside-a-label-that-is-none", table("target,token_logprob", "doc,-0.5"), "--logprob",
          "token_logprob", notices=["class_without_rows"], says=['"token"']),
    wrong("tokens-above-zero", table("logprob", "-0.5", "0.5"), "0.5", place="line 3", column="logprob",
          arguments=["--logprob", "logprob"]),
    wrong("token-bytes-negative", table("logprob,n", "-0.5,-3"), "-3", place="line 2", column="n",
          arguments=["--logprob", "logprob", "--bytes", "n"]),
    wrong("token-bytes-missing", table("logprob,n", "-0.5,"), "missing", place="line 2", column="n",
          arguments=["--logprob", "logprob", "--bytes", "n"]),
    unclear("bytes-with-labels", table("label,p_a,p_b,n", "a,0.5,0.5,3"), "--bytes", arguments=["--bytes", "n"]),
]  # fmt: skip

LEFT_OUT = [
    right("skip-missing", table("label,p_a,p_b", "a,0.75,0.25", ",0.5,0.5", "b,,0.5", "b,0.375,0.625"),
          "--missing", "skip", log_loss=LOSS, skipped_rows=2, notices=["skipped_rows"]),
    right("skip-nan", table("label,p_a,p_b", "a,0.75,0.25", "a,nan,0.5", "b,0.375,0.625"), "--missing", "skip",
          log_loss=LOSS, skipped_rows=1, notices=["skipped_nan", "skipped_rows"], says=["line 3"]),
    right("skip-nan-and-missing", table("label,p_a,p_b", "a,0.75,0.25", "a,nan,0.5", "a,,nan", "b,0.375,0.625"),
          "--missing", "skip", log_loss=LOSS, skipped_rows=2, notices=["skipped_nan", "skipped_rows"],
          says=["1 row: left out", "2 rows left out"]),
    wrong("skip-does-not-skip-weights", table("label,p_a,p_b,w", "a,0.5,0.5,"), "weight is missing",
          place="line 2", column="w", arguments=["--missing", "skip", "--weight", "w"]),
    wrong("skip-everything", table("label,p_a,p_b", ",0.5,0.5"), "1 skipped", arguments=["--missing", "skip"]),
    right("ignore-label", table("label,p_a,p_b", "a,0.75,0.25", "-100,0.5,0.5", "b,0.375,0.625"),
          "--ignore-label", "-100", log_loss=LOSS, ignored_rows=1, notices=["ignored_rows"]),
    right("ignore-label-beside-one-column", table("label,risk", "1,0.75", "-100,0.5", "0,0.375"), "--prob", "risk",
          "--ignore-label", "-100", log_loss=LOSS, ignored_rows=1, notices=["ignored_rows"]),
    wrong("ignore-everything", table("label,p_a,p_b", "x,0.5,0.5"), "1 ignored",
          arguments=["--ignore-label", "x"]),
    unclear("class-weight-of-no-class", PLAIN, '"c"', "classes: a, b", arguments=["--class-weight", "c=2"]),
    unclear("class-weight-without-number", PLAIN, "--class-weight", arguments=["--class-weight", "a"]),
    unclear("label-smoothing-of-1", PLAIN, "--label-smoothing", arguments=["--label-smoothing", "1"]),
]  # fmt: skip

BY_ID = ("--labels", "truth.csv", "--on", "id")
PREDS = table("id,p_a,p_b", "1,0.75,0.25", "2,0.375,0.625")


def truth(*rows: str) -> dict[str, bytes]:
    return {"truth.csv": table("id,label", *rows).encode()}


LABEL_FILES = [
    right("labels-in-another-order", PREDS, *BY_ID, files=truth("2,b", "1,a"), log_loss=LOSS),
    right("labels-extra-allowed", PREDS, *BY_ID, "--allow-extra", files=truth("2,b", "3,b", "1,a"), log_loss=LOSS),
    wrong("labels-missing", PREDS, "1 prediction whose id is not in", '"2"', place="line 3", arguments=BY_ID,
          files=truth("1,a")),
    wrong("labels-extra", PREDS, "1 row of", '"3"', "--allow-extra", arguments=BY_ID,
          files=truth("1,a", "2,b", "3,b")),
    wrong("labels-twice", PREDS, '"2"', arguments=BY_ID, files=truth("1,a", "2,b", "2,b")),
    wrong("labels-of-no-class", PREDS, '"x"', "the label is of truth.csv", place="line 3", column="label",
          arguments=BY_ID, files=truth("1,a", "2,x")),
    wrong("labels-too-few", PREDS, "2 prediction rows, but 1 rows", arguments=["--labels", "truth.csv"],
          files={"truth.csv": b"label\na\n"}),
    wrong("labels-file-lacking", PREDS, "no such file", code=4, arguments=["--labels", "none.csv"]),
    unclear("standard-input-twice", PREDS, "once", arguments=["-", "--labels", "-"]),
    unclear("id-without-labels", PREDS, "--labels", arguments=["--on", "id"]),
]  # fmt: skip

PACKED = [
    right("gzip-called-csv", gzip.compress(PLAIN.encode(), mtime=0), log_loss=LOSS, notices=["extension"]),
    right("xz-called-csv", lzma.compress(PLAIN.encode()), log_loss=LOSS, notices=["extension"]),
    wrong("gzip-truncated", gzip.compress(PLAIN.encode(), mtime=0)[:-4], "preds.csv"),
    wrong("gzip-with-a-wrong-checksum", gzip.compress(PLAIN.encode(), mtime=0)[:-8] + b"\0" * 8, "preds.csv"),
    wrong("gzip-with-trailing-junk", gzip.compress(PLAIN.encode(), mtime=0) + b"junk", "preds.csv"),
    wrong("gzip-of-gzip", gzip.compress(gzip.compress(PLAIN.encode())), "compressed twice"),
    right("feather-called-csv", arrow(ROWS), log_loss=LOSS, notices=["extension"]),
    wrong("feather-truncated", arrow(ROWS)[:-20], "damaged"),
    right("npz-called-csv", npz(label=np.array([0, 1]), probs=np.array(Q)), log_loss=LOSS, notices=["extension"]),
    wrong("npz-of-unequal-lengths", npz(label=np.array([0]), probs=np.array(Q)), "different lengths"),
    wrong("npz-of-objects", npz(label=np.array([0, "x", None], dtype=object), probs=np.array(Q)), "pickle"),
]  # fmt: skip

CASES: list[Case] = [*JSON_LINES, *LISTS, *SOFT, *TOKENS, *LEFT_OUT, *LABEL_FILES, *PACKED]
