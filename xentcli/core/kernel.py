"""The compiled kernel: `native/`, a plain shared library, which nothing else in the package calls.

Functions take NumPy arrays, whose types, layouts and lengths are checked here; the C checks its lengths again.
ctypes releases the interpreter's lock during a call. The level of SIMD is the best that the CPU has, or what
XENT_SIMD says; the bits of every result are the same at each.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xentcli.errors import AccessError, RequestError, is_of_memory

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LIBRARY = Path(__file__).with_name("native") / "libxent.so"
LEVELS = ("base", "avx2", "avx512")  # by what xent_best_level counts

_VERSION = 2  # of what the library exports
DIGIT, LOWEST = 37, -1104  # digit p of an exact total counts 2^(DIGIT p + LOWEST)
PLACES = 60  # digits that any exact total fits into
MOST_TERMS = 1 << 24  # values that may be added at once
PRODUCT_GROUPS, WEIGHTED_GROUPS = 5, 27

_OK, _NOT_FINITE = 0, 2  # what a call returns, or a sum of codes of `native/xent.h`

_POINTER, _LONG, _INT = ctypes.c_void_p, ctypes.c_int64, ctypes.c_int32


class _Rows(ctypes.Structure):
    """XentRows of `native/xent.h`."""

    _fields_ = (
        *((name, _POINTER) for name in ("scores", "labels")),
        *((name, _LONG) for name in ("n", "columns", "kind", "normalize")),
        *((name, _POINTER) for name in ("loss", "confidence", "entropy", "variance", "brier")),
        *((name, _POINTER) for name in ("shares", "log_sum", "log_odds", "rest_loss", "top", "tied")),
    )


class _Fit(ctypes.Structure):
    """XentFit of `native/xent.h`."""

    _fields_ = (
        *((name, _POINTER) for name in ("d", "true_class", "weights")),
        *((name, _LONG) for name in ("n", "classes")),
        ("slope", ctypes.c_double),
        *((name, _POINTER) for name in ("offsets", "scratch")),
        ("room", _LONG),
        *((name, _POINTER) for name in ("sums", "gradient", "hessian")),
    )


class WordsTask(ctypes.Structure):
    """XentWords of `native/xent.h`."""

    _fields_ = (
        *((name, _POINTER) for name in ("codes", "bytes")), ("bytes_room", _LONG), ("ends", _POINTER),
        *((name, _LONG) for name in ("ends_room", "distinct")), ("table", _POINTER),
        *((name, _LONG) for name in ("table_room", "table_begin", "slots", "count")),
    )  # fmt: skip


class TextTask(ctypes.Structure):
    """XentText of `native/xent.h`."""

    _fields_ = (
        ("text", _POINTER), *((name, _LONG) for name in ("size", "line", "delimiter", "decimal")),
        ("places", _POINTER), *((name, _LONG) for name in ("columns", "numbers", "texts", "room")),
        *((name, _POINTER) for name in ("values", "missing", "missing_rows", "words", "lines")),
        *((name, _LONG) for name in ("rows", "full", "not_utf8")),
        *((f"stray_{name}", _LONG) for name in ("rows", "row", "line", "last", "column", "begin", "close")),
        *((f"wrong_{name}", _LONG) for name in ("line", "fields")),
        *((f"bad_{name}", _LONG) for name in ("rows", "row", "line", "last", "place", "begin", "end")),
    )  # fmt: skip


# What the library says of itself.
_STRUCTURES = (_Rows, _Fit, WordsTask, TextTask)
_FACTS = (_VERSION, DIGIT, LOWEST, PLACES, MOST_TERMS, *map(ctypes.sizeof, _STRUCTURES))
_ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "exp": (_POINTER, _POINTER, _LONG),
    "expm1": (_POINTER, _POINTER, _LONG),
    "log": (_POINTER, _POINTER, _LONG),
    "log1p": (_POINTER, _POINTER, _LONG),
    "places": (_POINTER, _LONG, _POINTER),
    "add_rows": (_POINTER, _LONG, _POINTER, _LONG, _INT, _INT),
    "add_by": (_POINTER, _POINTER, _LONG, _POINTER, _LONG, _INT, _INT),
    "carry": (_POINTER, _LONG, _INT),
    "add_products": (_POINTER, _POINTER, _LONG, _POINTER),
    "add_weighted_twice": (_POINTER, _POINTER, _LONG, _POINTER),
    "products": (_POINTER, _POINTER, _LONG, _POINTER, _POINTER),
    "score_test": (_POINTER, _POINTER, _POINTER, _LONG, _POINTER, _POINTER, _POINTER),
    "sum_exponentials": (_POINTER, _LONG, _LONG, _POINTER, _POINTER),
    "score_rows": (_POINTER,),
    "fit": (_POINTER,),
    "cut": (_POINTER, _LONG, _LONG, _POINTER),
    "read_text": (_POINTER,),
}


def _load(path: Path) -> ctypes.CDLL:
    """The library, once it is sure to be the one that this module was written for."""
    again = "install xentcli again (`pip install .`, or `pip install -e .` in a checkout)"
    try:
        library = ctypes.CDLL(str(path))
        facts = (_LONG * len(_FACTS))()
        foreign = library.xent_facts(facts, _LONG(len(_FACTS))) or tuple(facts) != _FACTS
    except (OSError, AttributeError) as error:
        if is_of_memory(error):
            raise
        what = "cannot be loaded" if path.exists() else "is missing"
        raise AccessError("kernel_missing", f"the compiled kernel {path} {what}", hint=again) from error
    if foreign:
        raise AccessError("kernel_foreign", f"the compiled kernel {path} is of another xent", hint=again)
    if not library.xent_rounds_to_nearest():
        raise AccessError("kernel_rounding", "this process does not round float64 to nearest, or flushes to 0")
    return library


_library = _load(LIBRARY)
_compiled = [level for level in LEVELS if hasattr(_library, f"xent_exp_{level}")]
available = _compiled[: _library.xent_best_level() + 1]  # levels of SIMD that this CPU has as well


def _chosen() -> str:
    level = os.environ.get("XENT_SIMD") or available[-1]
    if level not in available:
        raise RequestError("simd_level", f'XENT_SIMD="{level}" is not available here; take {", ".join(available)}')
    return level


level = ""  # in use
_functions: dict[str, Callable[..., int]] = {}


def use(name: str) -> None:
    """Take this level, one of those available, from now on."""
    global level
    level = available[available.index(name)]
    for function, types in _ARGUMENTS.items():
        found = getattr(_library, f"xent_{function}_{level}")
        found.argtypes, found.restype = types, _INT
        _functions[function] = found


use(_chosen())


def call(name: str, *arguments: Any) -> None:
    """Call the function of the level in use; what its code says is raised."""
    code = _functions[name](*arguments)
    if code == _NOT_FINITE:
        raise ValueError("only finite values have an exact sum")
    if code != _OK:
        raise ValueError(f"the kernel refused the arguments of {name}: {code}")


def address(array: NDArray[Any]) -> int:
    """Where the values begin: the array has to outlive the call."""
    return int(array.__array_interface__["data"][0])


def floats(array: FloatArray) -> FloatArray:
    """The array, contiguous; a copy if need be. A wrong type is an error rather than converted."""
    if array.dtype != np.float64:
        raise TypeError(f"float64 is wanted, not {array.dtype}")
    return np.require(array, requirements=("C", "A"))


def integers(array: NDArray[np.integer]) -> IntArray:
    """Classes or groups, contiguous; whatever is no integer would be cut to one."""
    if array.dtype.kind not in "iu":
        raise TypeError(f"integers are wanted, not {array.dtype}")
    return np.require(array, np.int64, ("C", "A"))


def _alike(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    if x.shape != y.shape:
        raise ValueError(f"shapes differ: {x.shape} and {y.shape}")
    return floats(x), floats(y)


def _digits(array: IntArray) -> IntArray:
    """Digits `(places, G)` that the kernel may write to."""
    if array.dtype != np.int64 or array.ndim != 2 or not array.flags.c_contiguous or not array.flags.writeable:
        raise TypeError("digits are a contiguous, writeable (places, G) array of int64")
    return array


def _map(name: str, x: FloatArray) -> FloatArray:
    x = floats(x)
    y = np.empty_like(x)
    call(name, address(x), address(y), x.size)
    return y


def exp(x: FloatArray) -> FloatArray:
    """e^x, off by less than one unit in the last place."""
    return _map("exp", x)


def expm1(x: FloatArray) -> FloatArray:
    """e^x - 1, likewise."""
    return _map("expm1", x)


def log(x: FloatArray) -> FloatArray:
    """Log x, likewise; -inf at 0, NaN below."""
    return _map("log", x)


def log1p(x: FloatArray) -> FloatArray:
    """log(1 + x), likewise; -inf at -1, NaN below."""
    return _map("log1p", x)


def places(values: FloatArray) -> tuple[int, int]:
    """First and last place of the digits of finite values; (0, -1) if all are 0."""
    values, span = floats(values), np.empty(2, np.int64)
    call("places", address(values), values.size, address(span))
    return int(span[0]), int(span[1])


def add_rows(values: FloatArray, digits: IntArray, first: int) -> None:
    """Add row g of finite values `(G, n)` to group g of digits `(places, G)`, from the place `first` on."""
    values, digits = floats(values), _digits(digits)
    groups, n = values.shape
    if groups != digits.shape[1]:
        raise ValueError(f"{groups} rows for {digits.shape[1]} groups")
    call("add_rows", address(values), n, address(digits), groups, first, len(digits))


def add_by(values: FloatArray, group: NDArray[np.integer], digits: IntArray, first: int) -> None:
    """Add finite values `(n,)` by `group` `(n,)` in 0..G-1 to digits `(places, G)`."""
    if values.ndim != 1 or group.shape != values.shape:
        raise ValueError(f"shapes differ: {values.shape} and {group.shape}")
    values, groups, digits = floats(values), integers(group), _digits(digits)
    count = digits.shape[1]
    call("add_by", address(values), address(groups), values.size, address(digits), count, first, len(digits))


def carry(digits: IntArray) -> None:
    """Carry digits `(places, G)`, in place; the last place takes what comes out of the others."""
    digits = _digits(digits)
    call("carry", address(digits), digits.shape[1], len(digits))


def add_products(x: FloatArray, y: FloatArray) -> IntArray:
    """Digits `(PLACES, PRODUCT_GROUPS)` of the exact sum of x y, by power of two; all `(n,)` and finite."""
    return _products_by_power("add_products", x, y, PRODUCT_GROUPS)


def add_weighted_twice(x: FloatArray, w: FloatArray) -> IntArray:
    """Digits `(PLACES, WEIGHTED_GROUPS)` of the sum of x w^2, each rounded, by power of two; w >= 0."""
    return _products_by_power("add_weighted_twice", x, w, WEIGHTED_GROUPS)


def _products_by_power(name: str, x: FloatArray, y: FloatArray, groups: int) -> IntArray:
    x, y = _alike(x, y)
    digits = np.zeros((PLACES, groups), np.int64)
    call(name, address(x), address(y), x.size, address(digits))
    return digits


def products(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """X y, and what rounding took off it: exact where neither over- nor underflows."""
    x, y = _alike(x, y)
    product, error = np.empty_like(x), np.empty_like(x)
    call("products", address(x), address(y), x.size, address(product), address(error))
    return product, error


def score_test(
    log_odds: FloatArray, positive: NDArray[np.bool_], weights: FloatArray | None
) -> tuple[IntArray, IntArray, int]:
    """The sums of `native/score_test.h`, of rows `(n,)`; weights None for ones.

    Digits of scores `(PLACES, 2)`, and of their variances `(3, PLACES, WEIGHTED_GROUPS)`; how many are refuted.
    """
    odds, is_positive = floats(log_odds), np.ascontiguousarray(positive, np.bool_)
    given = None if weights is None else floats(weights)
    if odds.ndim != 1 or is_positive.shape != odds.shape or (given is not None and given.shape != odds.shape):
        raise ValueError("the rows of a test differ in number")
    sums, products = np.zeros((PLACES, 2), np.int64), np.zeros((3, PLACES, WEIGHTED_GROUPS), np.int64)
    refuted = np.zeros(1, np.int64)
    weighted = None if given is None else address(given)
    outputs = (address(each) for each in (sums, products, refuted))
    call("score_test", address(odds), address(is_positive), weighted, odds.size, *outputs)
    return sums, products, int(refuted[0])


def sum_exponentials(scores: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(the highest logit, log1p of the sum of e^(z - highest) over the others) `(n,)` of logits z `(K, n)`."""
    scores = floats(scores)
    columns, n = scores.shape
    highest, log1p_s = np.empty((2, n))
    call("sum_exponentials", address(scores), n, columns, address(highest), address(log1p_s))
    return highest, log1p_s


PROBABILITY, LOGIT, LOG_PROBABILITY = 0, 1, 2  # kinds of scores


class RowQuantities(NamedTuple):
    """What `native/rows.h` finds of rows, by its formulas; all `(n,)` unless said."""

    loss: FloatArray
    confidence: FloatArray
    entropy: FloatArray
    variance: FloatArray
    brier: FloatArray
    shares: FloatArray  # (K, n); (1, n) of one probability a row
    log_sum: FloatArray | None  # of several probabilities or log-probabilities a row
    log_odds: FloatArray | None  # of two classes
    rest_loss: FloatArray | None  # -log of what the top class leaves; of three classes or more
    top: NDArray[np.intp]
    tied: NDArray[np.bool_]


def score_rows(kind: int, scores: FloatArray, labels: NDArray[np.intp], normalize: bool) -> RowQuantities:
    """Quantities of rows of scores `(K, n)` without NaN, or `(1, n)` for class 1 of two, and labels `(n,)`."""
    scores, labels = floats(scores), integers(labels)
    columns, n = scores.shape
    if labels.shape != (n,):
        raise ValueError(f"{labels.shape} labels for {n} rows")
    shares = columns if columns > 1 else 1 if kind == PROBABILITY else 2
    loss, confidence, entropy, variance, brier = np.empty((5, n))
    found = RowQuantities(
        loss,
        confidence,
        entropy,
        variance,
        brier,
        shares=np.empty((shares, n)),
        log_sum=np.empty(n) if columns > 1 and kind != LOGIT else None,
        log_odds=np.empty(n) if columns <= 2 else None,
        rest_loss=np.empty(n) if columns > 2 else None,
        top=np.empty(n, np.int64),
        tied=np.empty(n, np.bool_),
    )
    addresses = (None if array is None else address(array) for array in found)
    rows = _Rows(address(scores), address(labels), n, columns, kind, normalize, *addresses)
    call("score_rows", ctypes.addressof(rows))
    return found


_TILE_ROWS = 256  # XENT_TILE_ROWS


class FitSums(NamedTuple):
    """Weighted sums of `native/fit.h`: of the loss, and of its derivatives by slope and offsets."""

    loss: float
    first: float  # a d/da
    second: float  # a^2 d^2/da^2
    largest: float  # of the losses
    gradient: FloatArray | None = None  # (1 + K,), without that by the slope
    hessian: FloatArray | None = None  # (1 + K, 1 + K), above the diagonal


def fit(
    d: FloatArray,
    true_class: NDArray[np.intp],
    weights: FloatArray,
    slope: float,
    offsets: FloatArray | None = None,
) -> FitSums:
    """Of rows with differences d `(K, n)`, classes and weights `(n,)`; derivatives by offsets `(K,)` if given."""
    d, weights = floats(d), floats(weights)
    true_class = integers(true_class)
    classes, n = d.shape
    if true_class.shape != (n,) or weights.shape != (n,) or (offsets is not None and offsets.shape != (classes,)):
        raise ValueError("the rows of a fit differ in number")
    given = np.zeros(classes) if offsets is None else floats(offsets)
    scratch, sums = np.empty(2 * classes * _TILE_ROWS), np.empty(4)
    gradient = hessian = None
    if offsets is not None:
        gradient, hessian = np.zeros(1 + classes), np.zeros((1 + classes, 1 + classes))
    derivatives = (None if array is None else address(array) for array in (gradient, hessian))
    task = _Fit(
        address(d), address(true_class), address(weights), n, classes, slope, address(given),
        address(scratch), scratch.size, address(sums), *derivatives,
    )  # fmt: skip
    call("fit", ctypes.addressof(task))
    loss, first, second, largest = sums.tolist()
    return FitSums(loss, first, second, largest, gradient, hessian)
