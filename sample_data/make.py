"""Make the sample prediction files beside this script: real forecasts of real data.

Every forecast is out of fold: five stratified, shuffled folds, each forecast by a model fitted on the
other four. The data ship with scikit-learn, so nothing is downloaded. README.md describes the files.

    python sample_data/make.py

Fixed seeds and a single thread make a second run give the same bytes, on one kind of CPU with the same
versions of Python, NumPy, SciPy, scikit-learn and pyarrow.
"""

import csv
import random
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it publishes no types

SEED = 0
FOLDS = 5
FOLDER = Path(__file__).parent

TUMOUR_HEADER = ("id", "label", "prob_malignant", "weight", "size", "texture")
WINES = ("barolo", "grignolino", "barbera")  # the cultivars of scikit-learn's classes 0, 1, 2
WINE_COLUMNS = (1, 0, 2)  # grignolino first: neither alphabetical nor scikit-learn's order

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
TumourRow = tuple[str, str, float, int, str, str]


def out_of_fold(model: BaseEstimator, x: Floats, y: Ints, method: str = "predict_proba") -> Floats:
    """Forecasts of shape (rows, classes), each row by a model that has not seen it."""
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    forecasts: Floats = cross_val_predict(model, x, y, cv=folds, method=method)
    return forecasts


def thirds(values: Floats) -> list[int]:
    """0, 1 or 2 for each value: the lower, middle or upper third it lies in; a cut belongs to the lower."""
    cuts = np.quantile(values, [1 / 3, 2 / 3])
    return [int(third) for third in np.searchsorted(cuts, values)]


def standardised_logistic_regression() -> BaseEstimator:
    """Logistic regression with scikit-learn's default L2 penalty (C = 1) on standardised features."""
    return make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=10_000))


def tumour_rows(forecast: Floats) -> list[TumourRow]:
    """One row a tumour, in scikit-learn's order; `forecast` is the probability of malignant.

    weight is 3, 2, 1 for the lower, middle, upper third of radius error / mean radius: a row counts more
    where the radius was measured more precisely. size is the third of the mean radius. texture is rough
    where the mean texture is above its median.
    """
    data = load_breast_cancer()
    features = dict(zip(data.feature_names, data.data.T, strict=True))
    texture = features["mean texture"]
    return list(
        zip(
            [f"P{number:03d}" for number in range(1, len(data.target) + 1)],
            data.target_names[data.target].tolist(),
            forecast.tolist(),
            [3 - third for third in thirds(features["radius error"] / features["mean radius"])],
            [("small", "medium", "large")[third] for third in thirds(features["mean radius"])],
            np.where(texture > np.median(texture), "rough", "smooth").tolist(),
            strict=True,
        )
    )


def breast_cancer() -> list[TumourRow]:
    """Overconfident: linear discriminant analysis of all thirty features, many of them nearly collinear."""
    data = load_breast_cancer()
    forecast = out_of_fold(LinearDiscriminantAnalysis(), data.data, data.target)
    return tumour_rows(forecast[:, 0])  # scikit-learn's class 0 is malignant


def breast_cancer_new() -> list[TumourRow]:
    """Better calibrated: logistic regression on the ten `worst` features, the rows shuffled."""
    data = load_breast_cancer()
    worst = np.char.startswith(data.feature_names, "worst ")
    forecast = out_of_fold(standardised_logistic_regression(), data.data[:, worst], data.target)
    rows = tumour_rows(forecast[:, 0])
    random.Random(SEED).shuffle(rows)
    return rows


def wine() -> list[tuple[str, ...]]:
    """Weak but calibrated: logistic regression on the first four measurements, to six decimals."""
    data = load_wine()
    forecast = out_of_fold(standardised_logistic_regression(), data.data[:, :4], data.target)
    return [
        (WINES[label], *(f"{row[k]:.6f}" for k in WINE_COLUMNS))
        for label, row in zip(data.target, forecast, strict=True)
    ]


def digits() -> pa.Table:
    """Overconfident logits: multinomial logistic regression on the raw pixels, 0 to 16."""
    x, y = load_digits(return_X_y=True)
    logits = out_of_fold(LogisticRegression(C=1.0, max_iter=10_000), x, y, method="decision_function")
    columns = {"id": np.arange(len(y)), "label": y}
    columns |= {f"logit_{k}": logits[:, k] for k in range(logits.shape[1])}
    return pa.table(columns)


def write_csv(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file with \\n line ends; the csv module writes a float by its repr, which loses nothing."""
    with (FOLDER / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def write_parquet(name: str, table: pa.Table) -> None:
    """Write a Parquet file with page checksums; logits hardly repeat, a dictionary would only add bytes."""
    pq.write_table(table, FOLDER / name, compression="zstd", use_dictionary=False, write_page_checksum=True)


def main() -> None:
    """Write all files."""
    with threadpool_limits(1):
        write_csv("breast_cancer.csv", TUMOUR_HEADER, breast_cancer())
        write_csv("breast_cancer_new.csv", TUMOUR_HEADER, breast_cancer_new())
        write_csv("wine.csv", ("label", *(f"prob_{WINES[k]}" for k in WINE_COLUMNS)), wine())
        write_parquet("digits.parquet", digits())


if __name__ == "__main__":
    main()
