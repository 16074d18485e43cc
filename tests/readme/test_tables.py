"""Every command of the tables in README and pages, run on a file such as the row describes: it works as typed."""

from __future__ import annotations

import bz2
import gzip
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from tests.transcript import DOCUMENTS, run_line
from xentcli import calibrate, compare, score

CSV = "label,prob_cat,prob_dog\ncat,0.75,0.25\ndog,0.375,0.625\n"
YES = "label,prob_yes\nyes,0.75\nno,0.25\n"
PEOPLE = "id,label,prob_yes,site,sex,age,user\n1,yes,0.75,DE,f,17,u\n2,no,0.25,FR,m,70,v\n"
Q = [[0.75, 0.125, 0.125], [0.25, 0.5, 0.25], [0.25, 0.25, 0.5]]
NUMBERS = [0, 1, 2]
WORDS = ["cat", "dog", "bird"]
IDS = "id,label\n2,no\n1,yes\n"
BYTES = '{"token_logprob": -0.5, "bytes": 3}\n'


def text(content: str, name: str = "preds.csv") -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_text(content)


def lines(*rows: object, name: str = "preds.jsonl") -> Callable[[Path], object]:
    return text("".join(json.dumps(row) + "\n" for row in rows), name)


def table(name: str = "preds.parquet", /, **columns: object) -> Callable[[Path], object]:
    return lambda folder: pq.write_table(pa.table(columns), folder / name)


def files(*makers: Callable[[Path], object]) -> Callable[[Path], object]:
    return lambda folder: [make(folder) for make in makers]


def shards(folder: Path) -> None:
    for name in ("predictions", "shards"):
        (folder / name).mkdir()
        for i in range(2):
            pq.write_table(pa.table({"label": WORDS, **columns()}), folder / name / f"{i}.parquet")


def columns() -> dict[str, list[float]]:
    return {name: [row[k] for row in Q] for k, name in enumerate(WORDS)}


def packed(folder: Path) -> None:
    (folder / "preds.csv.gz").write_bytes(gzip.compress(CSV.encode()))
    (folder / "other.csv.bz2").write_bytes(bz2.compress(CSV.encode()))


def states(folder: Path) -> None:
    for name in ("a", "b", "total"):
        (folder / f"{name}.csv").write_text(CSV)
        score(folder / f"{name}.csv", save_state=folder / f"{name}.state")


def compared(folder: Path) -> None:
    for name in ("old", "new"):
        (folder / f"{name}.csv").write_text(PEOPLE.replace("1,yes", "3,yes").replace("2,no", "4,no"))
    compare(folder / "old.csv", folder / "new.csv", on="id", save_state=folder / "total.state")
    for name in ("old", "new"):
        (folder / f"{name}.csv").write_text(PEOPLE)


def calibrated(folder: Path) -> None:
    (folder / "preds.csv").write_text(YES)
    calibrate(folder / "preds.csv", method="temperature", save=folder / "cal.json")


def arrays(folder: Path) -> None:
    np.save(folder / "probs.npy", np.array(Q))
    np.save(folder / "labels.npy", np.array(NUMBERS))


BARE = files(text("0.75\n0.25\n", "preds.txt"), text("label\n1\n0\n", "truth.csv"))
OUT = "label,out_bird,out_cat,out_dog\ncat,0,1,0\ndog,0,0,1\nbird,2,0,1\n"
FILES: dict[str, Callable[[Path], object]] = {
    "the numbers of a file": text(CSV),
    "better probabilities, if they are better": text(YES, "valid.csv"),
    "the same for another file": calibrated,
    "in bits": table(label=WORDS, **columns()),
    "other column names": text("outcome,p_yes\nyes,0.75\nno,0.25\n"),
    "score columns in a given order": text(OUT),
    "weighted rows": text("label,prob_yes,w\nyes,0.75,2\nno,0.25,1\n"),
    "many files as one": shards,
    "one number for a script": text(CSV),
    "a table for a pull request": text(CSV),
    "every number, one a line": text(CSV),
    "the same for each site, and each site and sex": text(PEOPLE),
    "by ranges of a number": text(PEOPLE),
    "errors that allow for repeated users": text(PEOPLE),
    "the reliability curve, drawn in the terminal": text(YES),
    "that as a picture, ROC curves and more": text(YES),
    "all of it on one page, for a reviewer": text(YES),
    "skill against the training data's class mix": text(YES),
    "a failure where the model is not good enough": text(CSV),
    "the whole of files scored apart": states,
    "a whole that was scored in parts": files(text(CSV, "a.csv"), text(CSV, "b.csv")),
    "two models, or several, on rows that grow": compared,
    "a total that grows every night": files(states, text(CSV, "tonight.csv")),
    "a state without a file, on a night without rows too": files(states, text(CSV, "tonight.csv")),
    "a job array over large shards": table("part-1.parquet", label=NUMBERS, logits=Q),
    "smaller states, without the breakdown": text(CSV, "a.csv"),
    "the worst rows of all parts": files(text(CSV, "a.csv"), text(CSV.replace("0.75,0.25", "0.5,0.5"), "b.csv")),
    "a verdict on that whole": states,
    "a verdict on the whole": states,
    "the same, verdict first, as `[tool.xent.gate]` says": files(
        states, text('[tool.xent.gate]\nrequire = ["rows >= 1"]\n', "pyproject.toml")
    ),
    "a limit that hangs on last week's whole": files(
        states, lambda folder: score(folder / "a.csv", save_state=folder / "last.state")
    ),
    "that, as the repository's configuration says": files(
        text(CSV), text('[tool.xent.gate]\nrequire = ["rows >= 1"]\n', "pyproject.toml")
    ),
    "the rows that cost most": text(PEOPLE),
    "is the new model better?": files(text(PEOPLE, "old.csv"), text(PEOPLE, "new.csv")),
    "how far has the new model moved, without labels?": files(text(PEOPLE, "old.csv"), text(PEOPLE, "new.csv")),
    "which of several models may be best?": files(
        *(text(PEOPLE, f"{name}.csv") for name in ("old", "new", "tuned"))
    ),
    "the same of models in one file": text(
        "label,p_new_cat,p_new_dog,p_old_cat,p_old_dog\ncat,0.75,0.25,0.5,0.5\ndog,0.375,0.625,0.5,0.5\n"
    ),
    "why log loss and not squared error": text(CSV),
    "what a number means": lambda folder: None,
    "columns `label`, `prob_cat`, `prob_dog`, ...": text(CSV),
    "a scikit-learn `predict_proba` frame: columns named like the classes, and `label`": table(
        label=WORDS, **columns()
    ),
    "a column `p` and labels 0/1": text("label,p\n1,0.75\n0,0.25\n"),
    "a column `p_yes` and labels yes/no": text(YES.replace("prob_yes", "p_yes")),
    "a column `risk` and labels yes/no": text(YES.replace("prob_yes", "risk")),
    "Hugging Face's `label` and `score` beside `gold`; `prediction, prob` tables; fastText's top label": text(
        "gold,label,score\nyes,yes,0.75\nno,yes,0.625\nno,no,0.875\n"
    ),
    "tidymodels `.pred_yes`, RapidMiner `confidence(yes)`, KNIME `P (play=yes)`, OpenML, SAS, Azure": text(
        "truth,.pred_class,.pred_no,.pred_yes\nyes,no,0.75,0.25\nno,no,0.875,0.125\n"
    ),
    "DataRobot `species_cat_PREDICTION`": text(
        "species,species_PREDICTION,species_cat_PREDICTION,species_dog_PREDICTION\ncat,dog,0.25,0.75\ndog,dog,0,1\n"
    ),
    "columns whose names do not say their class": text("label,out1,out2\ncat,0.75,0.25\ndog,0.375,0.625\n"),
    "labels as columns of 0 and 1, `label_cat`, `label_dog`": text(
        "label_cat,label_dog,prob_cat,prob_dog\n1,0,0.75,0.25\n0,1,0.375,0.625\n"
    ),
    "logits or log-probabilities under other names": text(OUT.replace("out_", "z_")),
    "a list a row (Hugging Face, PyTorch): `logits`, integer `label`": table(label=NUMBERS, logits=Q),
    "a list a row, text labels": table(label=WORDS, probs=Q),
    "a struct a row: `{cat: 0.7, dog: 0.3}`": table(label=["cat", "dog"], p=[{"cat": 0.75, "dog": 0.25}] * 2),
    "a list of `{label, score}` a row: Hugging Face (`top_k=None`), BigQuery ML, Comprehend": lines(
        {"label": "cat", "preds": [{"label": "dog", "score": 0.25}, {"label": "cat", "score": 0.75}]}
    ),
    "the same as a JSON array, and the labels in another file": files(
        text('[[{"label": "dog", "score": 0.25}, {"label": "cat", "score": 0.75}]]', "preds.json"),
        text("label\ncat\n", "labels.csv"),
    ),
    "zero-shot pipelines: `labels` and `scores`, sorted by score": lines(
        {"gold": "cat", "labels": ["cat", "dog"], "scores": [0.75, 0.25]},
        {"gold": "cat", "labels": ["dog", "cat"], "scores": [0.625, 0.375]},
    ),
    "scores inside objects or structs: SageMaker, Vertex AI": lines(
        {"label": 1, "SageMakerOutput": {"score": 0.75}},
        {"label": 0, "SageMakerOutput": {"score": 0.25}},
        name="out.jsonl",
    ),
    "vectors of Spark ML": table(label=[0.0, 2.0], probability=[{"type": 1, "values": q} for q in Q[::2]]),
    "samples of lm-evaluation-harness": lines(
        {"target": "0", "filtered_resps": [["-1.5", "True"], ["-2.5", "False"]]}, name="samples.jsonl"
    ),
    "JSON Lines, or a JSON array of objects": text(
        '{"label": "yes", "prob_yes": 0.75}\n{"label": "no", "prob_yes": 0.5}\n', "preds.jsonl"
    ),
    "Arrow IPC, Feather, `.npz`": lambda folder: feather.write_feather(
        pa.table({"label": WORDS, **columns()}), str(folder / "preds.arrow")
    ),
    "`.npy` files, of labels or soft labels": arrays,
    "anything compressed: gzip, zstd, bzip2, xz": packed,
    "a pipe": packed,
    "a folder of shards, partitioned or not": shards,
    "Kaggle's submission and solution": files(
        text("id,prob_yes\n1,0.75\n2,0.25\n", "submission.csv"), text(IDS, "solution.csv")
    ),
    "`svm-predict -b 1` of libsvm, and the labels one a line": files(
        text("labels 1 -1\n1 0.75 0.25\n-1 0.25 0.75\n", "output"), text("1\n-1\n", "truth.txt")
    ),
    "one number a line (XGBoost, LightGBM), and a label file": BARE,
    "the same as raw margins": files(text("1.5\n-2\n", "margins.txt"), text("label\n1\n0\n", "truth.csv")),
    "R's `write.table`, columns of fixed width, `np.savetxt`": text(
        '"label" "prob_yes"\n"1" "yes" 0.75\n"2" "no" 0.25\n', "preds.txt"
    ),
    "`vw --probabilities`, fastText's `predict-prob MODEL FILE -1`, and the labels one a line": files(
        text("1:0.75 2:0.25\n1:0.5 2:0.5\n", "probs.txt"), text("1\n2\n", "truth.txt")
    ),
    "comments or a preamble above the header": text(f"# model v3\n# of today\n{YES}"),
    "`NA`, `.` or -999 for missing values": text("label,prob_yes\nyes,0.75\nno,NA\nyes,-999\nno,0.25\n"),
    "R's `write.csv2`: `;` and decimal commas": text("label;prob_yes\nyes;0,75\nno;0,25\n"),
    "token log-probabilities of a language model": text(BYTES * 2, "tokens.jsonl"),
    "the same, one list a document": lines({"token_logprobs": [None, -0.5, -1.0]}, name="docs.jsonl"),
    "responses of OpenAI's API, and those of vLLM": files(
        lines({"choices": [{"logprobs": {"content": [{"token": "a", "logprob": -0.5}]}}]}, name="out.jsonl"),
        lines({"prompt_logprobs": [None, {"7": {"logprob": -0.5, "rank": 1}}]}, name="vllm.jsonl"),
    ),
    "tokens with their document, in base 10 (KenLM, SRILM)": text(
        "doc,logprob\n1,-0.5\n1,-1.25\n2,-0.75\n", "tokens.csv"
    ),
    "several annotators' shares, a teacher's probabilities": text(
        "teacher_yes,teacher_no,p_yes,p_no\n0.5,0.5,0.75,0.25\n"
    ),
    "counts of votes for each class": text("votes_yes,votes_no,p_yes,p_no\n7,3,0.75,0.25\n"),
    "a teacher's logits": text("teacher_yes,teacher_no,p_yes,p_no\n1.5,-2,0.75,0.25\n"),
    "several labels a row, each 0 or 1: `y_toxic`, `y_insult`, `p_toxic`, `p_insult`": text(
        "y_toxic,y_insult,p_toxic,p_insult\n1,0,0.75,0.25\n1,1,0.5,0.75\n"
    ),
    "a row for each class of an id (long, tidy): `id`, `class`, `prob`, `truth`": text(
        "id,class,prob,truth\n1,no,0.75,no\n1,yes,0.25,no\n", "long.csv"
    ),
}
REMOTE = {"an object store"}  # needs one


def rows() -> list[tuple[str, list[str]]]:
    """(first cell, commands in the second) of the tables "you want" and "what you have"."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    tables = re.findall(r"^\| (?:you want|what you have) \|.*\n\|---\|---\|\n((?:\|.*\n)+)", text, re.M)
    cells = [re.split(r" \| |^\| | \|$", line)[1:3] for table in tables for line in table.splitlines()]
    found = [
        (what, [code.replace("\\|", "|") for code in re.findall(r"`([^`]+)`", typed)]) for what, typed in cells
    ]
    return [*{what: (what, [code for code in codes if "xent " in code]) for what, codes in found}.values()]


@pytest.mark.parametrize(("what", "commands"), [row for row in rows() if row[1] and row[0] not in REMOTE])
def test_command_of_a_table(what: str, commands: list[str], tmp_path: Path) -> None:
    if any("| jq" in command for command in commands) and shutil.which("jq") is None:
        pytest.skip("needs jq")
    FILES[what](tmp_path)
    for command in commands:
        done = run_line(command, cwd=tmp_path)
        assert done.code == 0, done.stderr
        assert done.stdout or " -o " in command


def test_every_file_is_of_a_row() -> None:
    assert set(FILES) | REMOTE == {what for what, commands in rows() if commands}
