"""Make the samples beside this script: predictions as the tools that people use write them.

Every model is fitted to data that ship with scikit-learn and forecasts rows that it has not seen. The files go to
`samples/`, the tools' own figures to `figures.json` and to the terminal. `test_real.py` scores the files and
compares; it needs none of the tools.

    pip install scikit-learn pandas polars pyarrow zstandard datasets lightgbm xgboost catboost torch torchmetrics
    apt-get install libsvm-tools
    python -m tests.real.make

The committed files were made on x86-64 Linux with Python 3.11.7, NumPy 2.4.6, SciPy 1.17.1, scikit-learn 1.9.1,
pandas 3.1.1, polars 2.1.0, pyarrow 26.0.1, datasets 5.2.0, zstandard 0.25.0, LightGBM 4.7.0, XGBoost 3.2.0,
CatBoost 1.2.10, PyTorch 2.13.0, torchmetrics 1.9.0 and libsvm 3.24. Other versions may give other digits, which is
why the figures are made together with the files.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import re
import shutil
import subprocess
import tempfile
import warnings
from pathlib import Path
from typing import Any

import catboost
import datasets
import lightgbm
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as pads
import pyarrow.parquet as pq
import torch
import torch.nn.functional as F
import torchmetrics
import xgboost
from numpy.typing import NDArray
from sklearn.datasets import dump_svmlight_file, load_breast_cancer, load_iris, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, brier_score_loss, d2_log_loss_score, log_loss
from sklearn.model_selection import train_test_split

FOLDER = Path(__file__).parent
SAMPLES = FOLDER / "samples"
ROWS = 48  # of each sample, where there is no reason for fewer
SEED = 0

figures: dict[str, dict[str, float | str]] = {}


def figure(case: str, by: str, **metrics: Any) -> None:
    """Keep and print what a tool says of a case of `test_real.py`."""
    assert case not in figures
    figures[case] = {"by": by} | {name: float(value) for name, value in metrics.items()}
    print(f"{case:34} {by}: " + ", ".join(f"{name} {float(value)!r}" for name, value in metrics.items()))


def sample(name: str) -> Path:
    """Where a sample goes."""
    path = SAMPLES / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


class Split:
    """Rows to learn from and ROWS rows to forecast, with the same mix of classes."""

    def __init__(self, x: NDArray[np.float64], y: NDArray[Any]) -> None:
        parts = train_test_split(x, y, test_size=ROWS, stratify=y, random_state=SEED)
        self.x_train, self.x, self.y_train, self.y = parts


def irises(*, text: bool = True) -> Split:
    """Three species (text, or 0, 1, 2) by the two measures of the sepal, which do not tell them well apart."""
    data = load_iris()
    return Split(data.data[:, :2], data.target_names[data.target] if text else data.target)


def tumours() -> Split:
    """Benign (1) or malignant (0), by three of the thirty measures."""
    data = load_breast_cancer()
    return Split(data.data[:, :3], data.target)


def iris_frame() -> tuple[Split, LogisticRegression, pd.DataFrame]:
    """The frame that everybody writes: `predict_proba` with columns named by class, and the labels."""
    split = irises()
    model = LogisticRegression(max_iter=10_000).fit(split.x_train, split.y_train)
    frame = pd.DataFrame(model.predict_proba(split.x), columns=model.classes_)
    frame.insert(0, "label", split.y)
    return split, model, frame


def sklearn_says(
    case: str, label: Any, forecast: pd.DataFrame, weight: Any = None, by: str = "scikit-learn"
) -> None:
    """The figures of scikit-learn for a forecast whose columns are named by class, in sorted order."""
    classes = list(forecast.columns)
    assert classes == sorted(classes)
    q = forecast.to_numpy()
    top = np.asarray(classes)[q.argmax(axis=1)]
    figure(
        case,
        by,
        log_loss=log_loss(label, q, labels=classes, sample_weight=weight),
        accuracy=accuracy_score(label, top, sample_weight=weight),
        brier=brier_score_loss(label, q, labels=classes, sample_weight=weight),
        skill=d2_log_loss_score(label, q, labels=classes, sample_weight=weight),
    )


def by_pandas() -> None:
    """scikit-learn's forecasts, written by pandas in each of its ways."""
    split, model, frame = iris_frame()
    classes = list(model.classes_)
    forecast = frame[classes]

    frame.to_csv(sample("pandas/proba.csv"), index=False)
    frame.to_csv(sample("pandas/index.csv"))
    frame.to_csv(sample("pandas/proba.tsv"), index=False, sep="\t")
    frame.to_csv(sample("pandas/comma.csv"), index=False, sep=";", decimal=",")
    for codec in ("zst", "bz2", "xz"):
        frame.to_csv(sample(f"pandas/proba.csv.{codec}"), index=False)
    frame.to_csv(sample("pandas/proba.csv.gz"), index=False, compression={"method": "gzip", "mtime": 1})
    shuffled = frame.sample(frac=1, random_state=SEED)  # so that pandas stores an index
    shuffled.astype({"label": "category"}).to_parquet(sample("pandas/proba.parquet"))
    frame.to_feather(sample("pandas/proba.feather"))
    for name in ("csv", "index", "tsv", "comma", "gz", "zst", "bz2", "xz", "parquet", "feather"):
        sklearn_says(f"pandas-{name}", split.y, forecast)

    weighted = frame.assign(weight=split.x[:, 0])  # the length of the sepal
    weighted.to_csv(sample("pandas/weight.csv"), index=False)
    sklearn_says("pandas-weight", split.y, forecast, split.x[:, 0])

    logits = pd.DataFrame(model.decision_function(split.x), columns=classes).assign(species=split.y)
    logits.to_csv(sample("pandas/decision_function.csv"), index=False)
    sklearn_says("pandas-decision-function", split.y, forecast)
    logs = pd.DataFrame(model.predict_log_proba(split.x), columns=classes).add_prefix("logprob_")
    logs.assign(y_true=split.y).to_csv(sample("pandas/predict_log_proba.csv"), index=False)
    sklearn_says("pandas-predict-log-proba", split.y, forecast)

    lists = pd.DataFrame({"label": split.y, "probs": forecast.to_numpy().tolist()})
    lists.to_csv(sample("pandas/lists.csv"), index=False)
    sklearn_says("pandas-lists", split.y, forecast)

    # to_json keeps ten decimals unless told, so what is scored is what it kept.
    frame.to_json(sample("pandas/records.jsonl"), orient="records", lines=True)
    kept = pd.read_json(SAMPLES / "pandas/records.jsonl", lines=True, precise_float=True)
    sklearn_says("pandas-json-lines", kept["label"], kept[classes])

    numbered = irises(text=False)
    model = LogisticRegression(max_iter=10_000).fit(numbered.x_train, numbered.y_train)
    q = pd.DataFrame(model.predict_proba(numbered.x))
    q.assign(target=numbered.y).to_csv(sample("pandas/numbered.csv"), index=False)
    sklearn_says("pandas-numbered", numbered.y, q)
    q.assign(y=numbered.y.astype(float)).rename(columns=str).to_parquet(sample("pandas/numbered.parquet"))
    sklearn_says("pandas-numbered-parquet", numbered.y, q)

    two = tumours()
    model = LogisticRegression(max_iter=10_000).fit(two.x_train, two.y_train)
    q = pd.DataFrame(model.predict_proba(two.x))
    q.set_axis([False, True], axis=1).assign(label=two.y == 1).to_csv(sample("pandas/bool.csv"), index=False)
    sklearn_says("pandas-bool", two.y, q)
    pd.DataFrame({"y_true": two.y, "y_score": q[1]}).to_csv(sample("pandas/binary.csv"), index=False)
    sklearn_says("pandas-binary", two.y, q)
    logit = pd.DataFrame({"y_true": two.y == 1, "logit": model.decision_function(two.x)})
    logit.to_parquet(sample("pandas/binary_logit.parquet"))
    sklearn_says("pandas-binary-logit", two.y, q)


def by_polars() -> None:
    """The same forecasts, written by polars."""
    split, model, frame = iris_frame()
    classes = list(model.classes_)
    forecast = frame[classes]
    table = pl.DataFrame({name: frame[name].to_numpy() for name in frame.columns})
    lists = pl.DataFrame({"label": split.y, "probs": forecast.to_numpy().tolist()})
    arrays = lists.cast({"probs": pl.Array(pl.Float64, 3), "label": pl.Categorical})

    table.write_csv(sample("polars/proba.csv"))
    table.write_parquet(sample("polars/proba.parquet"))
    table.write_ipc(sample("polars/proba.arrow"), compression="zstd")
    table.write_ipc_stream(sample("polars/proba.arrows"))
    lists.write_parquet(sample("polars/lists.parquet"))
    arrays.write_parquet(sample("polars/arrays.parquet"))
    lists.write_ndjson(sample("polars/lists.ndjson"))
    table.write_ndjson(sample("polars/proba.ndjson"))
    for name in ("csv", "parquet", "ipc", "ipc-stream", "lists", "arrays", "lists-ndjson", "ndjson"):
        sklearn_says(f"polars-{name}", split.y, forecast)


def by_numpy() -> None:
    """The same forecasts as arrays."""
    split, model, frame = iris_frame()
    q = frame[list(model.classes_)]
    numbered = irises(text=False)
    np.save(sample("numpy/probs.npy"), q.to_numpy())
    np.save(sample("numpy/y_true.npy"), split.y)
    np.savez(sample("numpy/arrays.npz"), probs=q.to_numpy(), label=split.y)
    np.savez_compressed(sample("numpy/packed.npz"), logits=model.decision_function(split.x), y=numbered.y)
    for name in ("npy", "npz", "npz-packed"):
        sklearn_says(f"numpy-{name}", split.y, q)

    two = tumours()
    q = LogisticRegression(max_iter=10_000).fit(two.x_train, two.y_train).predict_proba(two.x)
    np.save(sample("numpy/y_score.npy"), q[:, 1])
    np.save(sample("numpy/y.npy"), two.y)
    sklearn_says("numpy-binary", two.y, pd.DataFrame(q))


def by_pyarrow() -> None:
    """A folder by partition keys, and structs with a field a class."""
    split, model, frame = iris_frame()
    forecast = frame[list(model.classes_)]
    table = pa.Table.from_pandas(frame.assign(fold=np.arange(ROWS) % 3), preserve_index=False)
    root = sample("pyarrow/by_fold")
    pq.write_to_dataset(table, root, partition_cols=["fold"], basename_template="part-{i}.parquet")
    sklearn_says("pyarrow-hive", split.y, forecast)

    table = pa.Table.from_pandas(frame, preserve_index=False)
    pads.write_dataset(
        table, sample("pyarrow/by_label"), format="parquet", partitioning=["label"], partitioning_flavor="hive"
    )
    sklearn_says("pyarrow-hive-label", split.y, forecast)

    structs = pa.array(forecast.to_dict("records"))
    pq.write_table(pa.table({"label": split.y, "probs": structs}), sample("pyarrow/structs.parquet"))
    sklearn_says("pyarrow-structs", split.y, forecast)


def logits_of(split: Split, outputs: int) -> torch.Tensor:
    """Forecasts of a linear model in float32, trained for a moment: logits of shape (ROWS, outputs)."""
    torch.manual_seed(SEED)
    model = torch.nn.Linear(split.x.shape[1], outputs)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    x, y = torch.tensor(split.x_train, dtype=torch.float32), torch.tensor(split.y_train)
    for _ in range(300):
        z = model(x)
        loss = F.cross_entropy(z, y) if outputs > 1 else F.binary_cross_entropy_with_logits(z[:, 0], y.float())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model(torch.tensor(split.x, dtype=torch.float32)).detach()


def by_torch() -> None:
    """Logits in float32 and what `cross_entropy` makes of them, in float64 and as it is printed in training."""
    split = irises(text=False)
    z = logits_of(split, 3)
    y = torch.tensor(split.y)
    double = z.double()
    hits = (z.argmax(dim=1) == y).double().mean()
    rows = {"logits": pa.array(z.tolist(), pa.list_(pa.float32())), "label": split.y}
    pq.write_table(pa.table(rows), sample("torch/logits.parquet"))
    figure("torch", "cross_entropy", log_loss=F.cross_entropy(double, y), accuracy=hits)
    figure("torch-float32", "cross_entropy in float32", log_loss=F.cross_entropy(z, y), accuracy=hits)
    weight = torch.tensor([1.0, 2.0, 0.5])
    figure("torch-weight", "cross_entropy", log_loss=F.cross_entropy(double, y, weight.double()))
    figure("torch-smoothing", "cross_entropy", log_loss=F.cross_entropy(double, y, label_smoothing=0.1))

    np.save(sample("torch/half/logits.npy"), z.half().numpy())
    np.save(sample("torch/half/label.npy"), y.numpy())
    figure("torch-half", "cross_entropy", log_loss=F.cross_entropy(z.half().double(), y))

    masked = y.clone()
    masked[::4] = -100
    pq.write_table(pa.table(rows | {"label": masked.numpy()}), sample("torch/masked.parquet"))
    figure("torch-ignore", "cross_entropy", log_loss=F.cross_entropy(double, masked))
    all_at_once = F.cross_entropy(double, masked, label_smoothing=0.1)
    figure("torch-ignore-smoothing", "cross_entropy", log_loss=all_at_once)
    both = F.cross_entropy(double, masked, weight.double())
    figure("torch-ignore-weight", "cross_entropy", log_loss=both)

    # Soft labels: what the three nearest rows of the training set are.
    near = torch.cdist(torch.tensor(split.x), torch.tensor(split.x_train)).topk(3, largest=False).indices
    target = F.one_hot(torch.tensor(split.y_train)[near], 3).double().mean(dim=1)
    columns = {f"target_{k}": target[:, k].numpy() for k in range(3)}
    columns |= {f"logit_{k}": z[:, k].numpy() for k in range(3)}
    pq.write_table(pa.table(columns), sample("torch/soft.parquet"))
    logs = F.log_softmax(double, dim=1)
    figure(
        "torch-soft",
        "cross_entropy, kl_div",
        log_loss=F.cross_entropy(double, target),
        kl_divergence=F.kl_div(logs, target, reduction="batchmean"),
    )
    single = F.log_softmax(z, dim=1)  # log-probabilities and targets of float32, as a distilled model has them
    lists = {"logprobs": single, "teacher": target.float()}
    table = pa.table({name: pa.array(t.tolist(), pa.list_(pa.float32())) for name, t in lists.items()})
    pq.write_table(table, sample("torch/distilled.parquet"))
    figure(
        "torch-distilled",
        "kl_div in float32",
        kl_divergence=F.kl_div(single, target.float(), reduction="batchmean"),
    )

    two = tumours()
    t = logits_of(two, 1)[:, 0]
    pd.DataFrame({"label": two.y, "logit": t.numpy()}).to_csv(sample("torch/binary.csv"), index=False)
    # The shortest decimal of a float32 is what the file holds.
    stored = torch.tensor(pd.read_csv(SAMPLES / "torch/binary.csv")["logit"].to_numpy())
    loss = F.binary_cross_entropy_with_logits(stored, torch.tensor(two.y).double())
    figure("torch-binary", "binary_cross_entropy_with_logits", log_loss=loss)


def tokens() -> None:
    """A bigram language model of the data sets' descriptions, asked about one that it has not seen."""
    texts = [load().DESCR for load in (load_breast_cancer, load_wine)]
    words = [re.findall(r"\w+|\s+|[^\w\s]", text) for text in texts]
    unseen = re.findall(r"\w+|\s+|[^\w\s]", load_iris().DESCR)[: 2 * ROWS + 1]
    vocabulary = {word: i for i, word in enumerate(sorted({*words[0], *words[1], *unseen}))}
    torch.manual_seed(SEED)
    model = torch.nn.Embedding(len(vocabulary), len(vocabulary))
    torch.nn.init.zeros_(model.weight)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    ids = [torch.tensor([vocabulary[word] for word in text]) for text in words]
    for _ in range(20):
        loss = sum(F.cross_entropy(model(i[:-1]), i[1:]) for i in ids)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    ask = torch.tensor([vocabulary[word] for word in unseen])
    with torch.no_grad():
        z = model(ask[:-1])
    y = ask[1:]
    own = torch.log_softmax(z, dim=1).gather(1, y[:, None])[:, 0]
    sizes = [len(word.encode()) for word in unseen[1:]]
    table = pa.table({"token": unseen[1:], "token_logprob": own.numpy(), "bytes": sizes})
    pq.write_table(table, sample("torch/tokens.parquet"))
    with sample("torch/tokens.jsonl").open("w", encoding="utf-8") as file:
        for word, value, size in zip(unseen[1:], own.tolist(), sizes, strict=True):
            print(json.dumps({"token": word, "logprob": value, "bytes": size}), file=file)
    perplexity = torchmetrics.text.Perplexity()
    perplexity.update(z[None], y[None])
    loss = F.cross_entropy(z, y)
    bits = F.cross_entropy(z, y, reduction="sum") / np.log(2) / sum(sizes)
    for case in ("torch-tokens", "torch-tokens-jsonl"):
        figure(
            case,
            "cross_entropy in float32, torchmetrics",
            log_loss=loss,
            perplexity=perplexity.compute(),
            bits_per_byte=bits,
        )


def by_hugging_face() -> None:
    """What `datasets` writes: Parquet, JSON Lines, and a folder of Arrow streams."""
    split = irises(text=False)
    z = logits_of(split, 3)
    names = list(load_iris().target_names)
    features = datasets.Features(
        {"label": datasets.ClassLabel(names=names), "logits": datasets.List(datasets.Value("float32"))}
    )
    rows = {"label": split.y.tolist(), "logits": z.tolist()}
    data = datasets.Dataset.from_dict(rows, features=features)
    data.to_parquet(sample("datasets/logits.parquet"))
    data.to_json(sample("datasets/logits.jsonl"))
    data.save_to_disk(sample("datasets/saved"))
    # to_json writes ten decimals, so what is scored is what it wrote.
    lines = (SAMPLES / "datasets/logits.jsonl").read_text(encoding="utf-8").splitlines()
    stored = torch.tensor([json.loads(line)["logits"] for line in lines], dtype=torch.float64)
    y = torch.tensor(split.y)
    hits = (z.argmax(dim=1) == y).double().mean()
    for case, logits in {"": z.double(), "-json-lines": stored, "-saved": z.double()}.items():
        figure(f"datasets{case}", "torch's cross_entropy", log_loss=F.cross_entropy(logits, y), accuracy=hits)

    q = torch.softmax(z.double(), dim=1)
    by_class = datasets.Features(
        {"label": datasets.Value("string"), "probs": {name: datasets.Value("float64") for name in names}}
    )
    rows = {
        "label": [names[k] for k in split.y],
        "probs": [dict(zip(names, row, strict=True)) for row in q.tolist()],
    }
    datasets.Dataset.from_dict(rows, features=by_class).to_parquet(sample("datasets/structs.parquet"))
    sklearn_says("datasets-structs", rows["label"], pd.DataFrame(rows["probs"]))


def by_libsvm() -> None:
    """`svm-predict -b 1`: a header of labels, then the predicted label and the probabilities, six digits."""
    two, three = tumours(), irises(text=False)
    for name, split, signs in (("binary", two, {0: -1, 1: 1}), ("three", three, {0: 1, 1: 2, 2: 3})):
        y_train, y = (np.vectorize(signs.get)(part) for part in (split.y_train, split.y))
        output = sample(f"libsvm/{name}.out")
        with tempfile.TemporaryDirectory() as folder:
            train, test, model = (Path(folder, part) for part in ("train", "test", "model"))
            dump_svmlight_file(split.x_train, y_train, str(train), zero_based=False)
            dump_svmlight_file(split.x, y, str(test), zero_based=False)
            subprocess.run(["svm-train", "-q", "-b", "1", train, model], check=True)
            command = ["svm-predict", "-b", "1", str(test), str(model), str(output)]
            said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            # cut -d ' ' -f 1 test, which is how labels are had of a file in libsvm's format
            labels = [line.split()[0] for line in test.read_text().splitlines()]
        sample(f"libsvm/{name}.labels").write_text("".join(f"{label}\n" for label in labels))
        written = pd.read_csv(output, sep=" ").drop(columns="labels")
        written.columns = written.columns.astype(int)
        case = f"libsvm-{name}"
        sklearn_says(case, y, written.sort_index(axis=1), by="scikit-learn; svm-predict of the accuracy")
        match = re.search(r"\((\d+)/(\d+)\) \(classification\)", said)
        assert match is not None
        assert figures[case]["accuracy"] == int(match[1]) / int(match[2])


def by_lightgbm() -> None:
    """The result file of LightGBM's prediction task, and its own loss on the same rows."""
    three, two = irises(text=False), tumours()
    for name, split, more in (
        ("multi", three, {"objective": "multiclass", "num_class": 3}),
        ("binary", two, {"objective": "binary"}),
    ):
        loss, error = f"{name}_logloss", f"{name}_error"
        options = {"num_threads": 1, "seed": SEED, "verbose": -1, "num_leaves": 4, "metric": [loss, error], **more}
        data = lightgbm.Dataset(split.x_train, split.y_train)
        valid = lightgbm.Dataset(split.x, split.y, reference=data)
        history: dict[str, dict[str, list[float]]] = {}
        record = lightgbm.record_evaluation(history)
        model = lightgbm.train(options, data, 20, valid_sets=[valid], callbacks=[record])
        last = {metric: values[-1] for metric, values in history["valid_0"].items()}
        with tempfile.TemporaryDirectory() as folder:
            rows = Path(folder, "rows.csv")
            np.savetxt(rows, np.column_stack([split.y, split.x]), delimiter=",", fmt="%.17g")
            result = ctypes.c_char_p(str(sample(f"lightgbm/{name}.txt")).encode())
            # What the command line program calls for task=predict; its package on PyPI has no program.
            failed = lightgbm.basic._LIB.LGBM_BoosterPredictForFile(
                model._handle, ctypes.c_char_p(str(rows).encode()), 0, 0, 0, -1, ctypes.c_char_p(b""), result
            )
            assert not failed
        np.savetxt(sample(f"lightgbm/{name}_y.txt"), split.y, fmt="%d")
        figure(f"lightgbm-{name}", f"{loss}, 1 - {error}", log_loss=last[loss], accuracy=1 - last[error])


def by_xgboost() -> None:
    """`np.savetxt` of XGBoost's forecasts, which are of float32, and its own loss on the same rows."""
    three, two = irises(text=False), tumours()
    for name, split, more, loss, error in (
        ("softprob", three, {"objective": "multi:softprob", "num_class": 3}, "mlogloss", "merror"),
        ("logistic", two, {"objective": "binary:logistic"}, "logloss", "error"),
    ):
        train, test = xgboost.DMatrix(split.x_train, split.y_train), xgboost.DMatrix(split.x, split.y)
        options = {"nthread": 1, "seed": SEED, "max_depth": 2, "eval_metric": [loss, error], **more}
        history: dict[str, dict[str, list[float]]] = {}
        model = xgboost.train(options, train, 20, evals=[(test, "test")], evals_result=history, verbose_eval=False)
        np.savetxt(sample(f"xgboost/{name}.txt"), model.predict(test))
        np.savetxt(sample(f"xgboost/{name}_y.txt"), split.y, fmt="%d")
        last = {metric: values[-1] for metric, values in history["test"].items()}
        figure(f"xgboost-{name}", f"{loss}, 1 - {error}", log_loss=last[loss], accuracy=1 - last[error])


def by_catboost() -> None:
    """A CatBoost frame of `predict_proba`, and its own loss on the same rows."""
    split = irises()
    model = catboost.CatBoostClassifier(
        iterations=20, depth=2, random_seed=SEED, thread_count=1, verbose=0, allow_writing_files=False,
        loss_function="MultiClass",
    ).fit(split.x_train, split.y_train)  # fmt: skip
    frame = pd.DataFrame(model.predict_proba(split.x), columns=[f"prob_{name}" for name in model.classes_])
    frame.assign(actual=split.y).to_csv(sample("catboost/proba.csv"), index=False)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):  # it leaves a folder behind
        own = model.eval_metrics(catboost.Pool(split.x, split.y), ["MultiClass", "Accuracy"])
    figure("catboost", "MultiClass, Accuracy", log_loss=own["MultiClass"][-1], accuracy=own["Accuracy"][-1])


def by_kaggle() -> None:
    """A submission and a solution as competitions have them, the rows in different orders."""
    split, model, frame = iris_frame()
    ids = np.arange(1000, 1000 + ROWS)
    usage = np.where(np.arange(ROWS) % 3, "Private", "Public")
    forecast = frame[list(model.classes_)]
    submission = forecast.assign(id=ids)[["id", *model.classes_]]
    submission.to_csv(sample("kaggle/submission.csv"), index=False)
    solution = pd.DataFrame({"id": ids, "species": split.y, "Usage": usage})
    solution.sample(frac=1, random_state=SEED).to_csv(sample("kaggle/solution.csv"), index=False)
    sklearn_says("kaggle", split.y, forecast)

    # The competitions of two classes have `id,target` in both files: the truth there, the forecast here.
    two = tumours()
    q = LogisticRegression(max_iter=10_000).fit(two.x_train, two.y_train).predict_proba(two.x)
    pd.DataFrame({"id": ids, "target": q[:, 1]}).to_csv(sample("kaggle/binary_submission.csv"), index=False)
    truth = pd.DataFrame({"id": ids, "target": two.y}).sample(frac=1, random_state=SEED)
    truth.to_csv(sample("kaggle/binary_solution.csv"), index=False)
    sklearn_says("kaggle-binary", two.y, pd.DataFrame(q))


def main() -> None:
    """Write all files."""
    torch.set_num_threads(1)
    datasets.disable_progress_bars()
    warnings.filterwarnings("ignore", "The y_pro?b?.* values do not sum to one")  # six digits, said of svm-predict
    shutil.rmtree(SAMPLES, ignore_errors=True)
    by_pandas()
    by_polars()
    by_numpy()
    by_pyarrow()
    by_torch()
    tokens()
    by_hugging_face()
    by_libsvm()
    by_lightgbm()
    by_xgboost()
    by_catboost()
    by_kaggle()
    text = json.dumps(figures, indent=1)
    (FOLDER / "figures.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
