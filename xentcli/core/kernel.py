"""The compiled kernel: `native/`, a plain shared library, which nothing else in the package calls.

Functions take NumPy arrays, whose types, layouts and lengths are checked here; the C checks its lengths again.
ctypes releases the interpreter's lock during a call. The level of SIMD is the best that the CPU has, or what
XENT_SIMD says; the bits of every result are the same at each.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xentcli.errors import AccessError, RequestError, is_of_memory

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LIBRARY = Path(__file__).with_name("native") / "libxent.so"
LEVELS = ("base", "avx2", "avx512")  # by what xent_best_level counts

_VERSION = 9  # of what the library exports
DIGIT, LOWEST = 37, -1104  # digit p of an exact total counts 2^(DIGIT p + LOWEST)
PLACES = 60  # digits that any exact total fits into
MOST_TERMS = 1 << 24  # values that may be added at once
PRODUCT_GROUPS, WEIGHTED_GROUPS = 5, 27

_OK, _NOT_FINITE, _FULL = 0, 2, 8  # what a call returns, or a sum of codes of `native/xent.h`
BROKEN, ODD = 16, 32  # of `score_block`

_POINTER, _LONG, _INT, _DOUBLE = ctypes.c_void_p, ctypes.c_int64, ctypes.c_int32, ctypes.c_double


class _Block(ctypes.Structure):
    """XentBlock of `native/xent.h`."""

    _fields_ = (
        ("columns", _POINTER),
        *((name, _LONG) for name in ("count", "there", "row_major", "float32")),
        ("rows", _POINTER),
        ("n", _LONG),
        *((name, _POINTER) for name in ("labels", "targets")),
        ("target_count", _LONG),
        *((name, _POINTER) for name in ("weights", "sizes", "numbers")),
        ("start", ctypes.c_uint64),
        *((name, _LONG) for name in ("kind", "normalize")),
        *((name, ctypes.c_double) for name in ("least", "most", "smoothing", "tolerance")),
        ("ordinal", _LONG),
        ("scratch", _POINTER),
        ("room", _LONG),
    )


class _Rows(ctypes.Structure):
    """XentRows of `native/xent.h`."""

    _fields_ = tuple(
        (name, _POINTER)
        for name in (
            "loss", "confidence", "entropy", "variance", "brier", "log_sum", "log_odds", "top_loss",
            "target_entropy", "label_share", "shares", "log_q", "class_loss", "top", "tied",
        )
    )  # fmt: skip


_TOTALS_ARRAYS = ("pair_digits", "pair_infinite", "cell_rows", "cell_largest", "cell_span", "odds", "kept")


class _Totals(ctypes.Structure):
    """XentTotals of `native/xent.h`."""

    _fields_ = (
        *((name, _LONG) for name in ("classes", "breakdown")),
        ("digits", _POINTER),
        ("groups", _LONG),
        ("counts", _POINTER),
        ("numbers", _LONG),
        *((name, _POINTER) for name in _TOTALS_ARRAYS),
    )


class _Fit(ctypes.Structure):
    """XentFit of `native/xent.h`."""

    _fields_ = (
        *((name, _POINTER) for name in ("d", "true_class", "weights")),
        *((name, _LONG) for name in ("n", "classes")),
        ("slope", _DOUBLE),
        *((name, _POINTER) for name in ("offsets", "scratch")),
        ("room", _LONG),
        *((name, _POINTER) for name in ("sums", "gradient", "hessian")),
    )


class Odds(ctypes.Structure):
    """XentOdds of `native/xent.h`; `odds.table` holds what it points to."""

    _fields_ = (("entries", _POINTER), *((name, _LONG) for name in ("words", "capacity", "used", "rows", "shift")))


class Keys(ctypes.Structure):
    """XentKeys of `native/xent.h`; `integer_keys` holds what it points to."""

    _fields_ = (("table", _POINTER), ("distinct", _POINTER), ("slots", _LONG), ("count", _LONG))


class Kept(ctypes.Structure):
    """XentKept of `native/xent.h`; `kept_room` holds what it points to."""

    _fields_ = (
        *((name, _POINTER) for name in ("log_q", "targets", "labels", "weights", "keys")),
        *((name, _LONG) for name in ("classes", "capacity", "count", "level", "total")),
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
        ("text", _POINTER),
        *((name, _LONG) for name in ("size", "line", "delimiter", "decimal", "trims", "comment")),
        *((name, _POINTER) for name in ("spelling", "spelling_ends")), ("spellings", _LONG), ("spelled", _POINTER),
        ("places", _POINTER), *((name, _LONG) for name in ("columns", "numbers", "texts", "room")),
        *((name, _POINTER) for name in ("values", "missing", "missing_rows", "words", "lines")),
        *((name, _POINTER) for name in ("begins", "ends", "record_ends")),
        *((name, _LONG) for name in ("rows", "full", "not_utf8")),
        *((f"stray_{name}", _LONG) for name in ("rows", "row", "line", "last", "column", "begin", "close")),
        *((f"wrong_{name}", _LONG) for name in ("line", "fields")),
        *((f"bad_{name}", _LONG) for name in ("rows", "row", "line", "last", "place", "begin", "end")),
    )  # fmt: skip


# What the library says of itself.
_STRUCTURES = (_Block, _Rows, _Totals, _Fit, Odds, Keys, Kept, WordsTask, TextTask)
_FACTS = (_VERSION, DIGIT, LOWEST, PLACES, MOST_TERMS, *map(ctypes.sizeof, _STRUCTURES))
_ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "exp": (_POINTER, _POINTER, _LONG),
    "expm1": (_POINTER, _POINTER, _LONG),
    "log": (_POINTER, _POINTER, _LONG),
    "log1p": (_POINTER, _POINTER, _LONG),
    "erfc": (_POINTER, _POINTER, _LONG),
    "lgamma": (_POINTER, _POINTER, _LONG),
    "places": (_POINTER, _LONG, _POINTER),
    "add_rows": (_POINTER, _LONG, _POINTER, _LONG, _INT, _INT),
    "add_by": (_POINTER, _POINTER, _LONG, _POINTER, _LONG, _INT, _INT),
    "number_keys": (_POINTER, _POINTER, _LONG, _POINTER, _POINTER),
    "carry": (_POINTER, _LONG, _INT),
    "add_products": (_POINTER, _POINTER, _LONG, _POINTER),
    "products": (_POINTER, _POINTER, _LONG, _POINTER, _POINTER),
    "score_block": (_POINTER, _POINTER, _POINTER, _POINTER),
    "diverge": (_POINTER, _POINTER, _POINTER, _POINTER),
    "fit": (_POINTER,),
    "add_odds": (_POINTER, _POINTER, _POINTER, _LONG, _POINTER),
    "add_weighted_odds": (_POINTER, _POINTER, _POINTER, _POINTER, _LONG, _POINTER),
    "move_odds": (_POINTER, _POINTER),
    "row_keys": (_LONG, _POINTER, _LONG, _LONG, _POINTER),
    "keep_rows": (_POINTER, _POINTER, _POINTER, _POINTER, _POINTER, _POINTER, _LONG, _POINTER),
    "drop_rows": (_POINTER, _LONG),
    "add_hashes": (_POINTER, _LONG, _LONG, _LONG, _POINTER),
    "mix": (_POINTER, _LONG),
    "pool_adjacent": (_POINTER, _POINTER, _LONG, _POINTER, _POINTER, _POINTER, _POINTER),
    "resample": (*(_POINTER,) * 5, _LONG, _LONG, _POINTER, _LONG, _POINTER, _LONG, _POINTER, _POINTER),
    "mix_losses": (_POINTER, _POINTER, _LONG, _DOUBLE, _POINTER, _POINTER),
    "solve": (_POINTER, _POINTER, _LONG),
    "cut": (_POINTER, _LONG, _LONG, _LONG, _LONG, _POINTER),
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


def call(name: str, *arguments: Any) -> bool:
    """Call the function of the level in use. Whether there was room for all; what else its code says is raised."""
    code = _functions[name](*arguments)
    if code == _FULL:
        return False
    if code == _NOT_FINITE:
        raise ValueError("only finite values have an exact sum")
    if code != _OK:
        raise ValueError(f"the kernel refused the arguments of {name}: {code}")
    return True


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


def alike(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Two arrays of one shape, contiguous."""
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


def erfc(x: FloatArray) -> FloatArray:
    """1 - erf x, off by less than 5 units in the last place, in its tail as well."""
    return _map("erfc", x)


def lgamma(x: FloatArray) -> FloatArray:
    """Log gamma(x) for x >= 0, off by less than 5 units in the last place; NaN below."""
    return _map("lgamma", x)


def exp_of(x: float) -> float:
    """e^x of one number, as the other functions ending in `_of`; infinite beyond float64.

    What turns totals into results takes these: the C library, which `math` calls, has other versions of exp, log,
    erfc and pow for other CPUs. Square roots, `fsum` and `ldexp` are the same everywhere.
    """
    return float(exp(np.array([x], np.float64))[0])


def log_of(x: float) -> float:
    """Log x."""
    return float(log(np.array([x], np.float64))[0])


def log1p_of(x: float) -> float:
    """log(1 + x)."""
    return float(log1p(np.array([x], np.float64))[0])


def erfc_of(x: float) -> float:
    """1 - erf x."""
    return float(erfc(np.array([x], np.float64))[0])


def lgamma_of(x: float) -> float:
    """Log gamma(x)."""
    return float(lgamma(np.array([x], np.float64))[0])


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


def number_keys(table: Keys, keys: IntArray, numbers: IntArray) -> int:
    """Write the number of each of `keys` `(n,)` to `numbers` `(n,)`; how many there was room for in the table."""
    keys, done = integers(keys), ctypes.c_int64()
    if numbers.shape != keys.shape or numbers.dtype != np.int64 or not numbers.flags.c_contiguous:
        raise ValueError(f"numbers are contiguous int64 {keys.shape}, not {numbers.dtype} {numbers.shape}")
    call("number_keys", ctypes.byref(table), address(keys), keys.size, address(numbers), ctypes.byref(done))
    return done.value


def carry(digits: IntArray) -> None:
    """Carry digits `(places, G)`, in place; the last place takes what comes out of the others."""
    digits = _digits(digits)
    call("carry", address(digits), digits.shape[1], len(digits))


def add_products(x: FloatArray, y: FloatArray) -> IntArray:
    """Digits `(PLACES, PRODUCT_GROUPS)` of the exact sum of x y, by power of two; all `(n,)` and finite."""
    x, y = alike(x, y)
    digits = np.zeros((PLACES, PRODUCT_GROUPS), np.int64)
    call("add_products", address(x), address(y), x.size, address(digits))
    return digits


def products(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """X y, and what rounding took off it: exact where neither over- nor underflows."""
    x, y = alike(x, y)
    product, error = np.empty_like(x), np.empty_like(x)
    call("products", address(x), address(y), x.size, address(product), address(error))
    return product, error


PROBABILITY, LOGIT, LOG_PROBABILITY = 0, 1, 2  # kinds of scores


TILES, MOST_PAIRS, CELLS = 5, 100, 1 << 16  # XENT_TILES, XENT_MOST_PAIRS, XENT_CELLS
TILE_ROWS, _MOST_AT_ONCE = 256, 1 << 15  # XENT_TILE_ROWS; rows times classes
_MADE = {"top": np.int64, "tied": np.bool_}  # outputs that are not float64
_BY_CLASS = ("shares", "log_q", "class_loss")


class Scores(NamedTuple):
    """How a block's rows are scored: XentBlock, but for the arrays."""

    kind: int
    normalize: bool
    least: float = 0.0
    most: float = np.inf
    smoothing: float = 0.0
    tolerance: float = np.inf
    ordinal: bool = False


class TotalsArrays(NamedTuple):
    """What rows are added to, all written to in place; see `native/totals.h`."""

    classes: int
    breakdown: bool
    digits: IntArray  # (PLACES, groups)
    counts: IntArray
    pair_digits: IntArray | None  # (PLACES, K K)
    pair_infinite: IntArray | None  # (K K,)
    cell_rows: IntArray  # (CELLS,)
    cell_largest: FloatArray
    cell_span: IntArray  # (2,)
    odds: int | None  # the address of an `Odds`
    kept: int | None  # of a `Kept`


def score_block(
    how: Scores,
    scores: FloatArray | Sequence[FloatArray],
    labels: IntArray | None,
    targets: FloatArray | None = None,
    weights: FloatArray | None = None,
    sizes: FloatArray | None = None,
    rows: IntArray | None = None,
    numbers: IntArray | None = None,
    start: int = 0,
    wanted: Sequence[str] = (),
    totals: TotalsArrays | None = None,
    make_room: Callable[[], None] | None = None,
) -> tuple[dict[str, NDArray[Any]], int]:
    """Score rows; (what is `wanted` of each, by the names of XentRows; 0 or a sum of BROKEN and ODD).

    `scores` are K columns `(there,)`, or one array `(there, K)`, of float64 or float32; K = 1 of class 1 of two
    or of tokens, which have neither labels nor targets. `totals` get what the rows `(n,)`, or all, add up to.
    """
    columns, count, row_major = _columns_of(scores)
    there = len(columns[0])
    given = [None if array is None else floats(array) for array in (weights, sizes)]
    soft = [] if targets is None else [floats(each) for each in targets]
    index, classes_of, numbers = (None if array is None else integers(array) for array in (rows, labels, numbers))
    if not {*wanted} <= {field[0] for field in _Rows._fields_}:
        raise ValueError("nobody knows that of a row")
    if any(array is not None and array.shape != (there,) for array in (*given, *soft, classes_of, numbers)):
        raise ValueError("the rows of a block differ in number")
    n = there if index is None else index.size
    tokens = labels is None and not soft
    classes = 0 if tokens else max(2, count)
    scratch = _scratch(count)
    found: dict[str, NDArray[Any]] = {
        name: np.empty((classes, n) if name in _BY_CLASS else n, _MADE.get(name, np.float64)) for name in wanted
    }
    held = [_pointers(columns), _pointers(soft)]
    block = _Block(
        address(held[0]), count, there, row_major, columns[0].dtype == np.float32, _optional(index), n,
        _optional(classes_of), address(held[1]) if soft else None, len(soft), *map(_optional, (*given, numbers)),
        start, *how, address(scratch), scratch.size,
    )  # fmt: skip
    outputs = _Rows(**{name: address(array) for name, array in found.items()})
    to = None
    if totals is not None:
        _check_totals(totals)
        to = _Totals(
            totals.classes, totals.breakdown, address(_digits(totals.digits)), totals.digits.shape[1],
            address(totals.counts), totals.counts.size, *map(_optional, totals[4:9]), *totals[9:],
        )  # fmt: skip
    following = ctypes.c_int64(0)
    structs = (block, outputs, to, following)
    addresses = [None if each is None else ctypes.addressof(each) for each in structs]
    found_of_all = 0
    while True:
        code = _functions["score_block"](*addresses)
        found_of_all |= code & (BROKEN | ODD)
        if code & ~(BROKEN | ODD | _FULL):
            raise ValueError(f"the kernel refused the arguments of score_block: {code}")
        if not code & _FULL or make_room is None:
            return found, found_of_all
        make_room()


def _columns_of(scores: FloatArray | Sequence[FloatArray]) -> tuple[list[FloatArray], int, bool]:
    """The arrays that scores are in, how many scores a row has, and whether these lie side by side."""
    row_major = isinstance(scores, np.ndarray)
    columns = [_scores(each) for each in ([scores] if isinstance(scores, np.ndarray) else scores)]
    if len({(each.dtype, each.shape) for each in columns}) != 1:
        raise TypeError("scores are of one type and length")
    return columns, columns[0].shape[1] if row_major else len(columns), row_major


def _scratch(count: int) -> FloatArray:
    """Room for the tiles of a block of so many scores a row."""
    classes = max(2, count)
    return np.empty(TILES * classes * max(16, min(TILE_ROWS, _MOST_AT_ONCE // classes)))


DIVERGENCES = (
    "kl",
    "kl_reverse",
    "js",
    "tv",
    "max_dp",
    "entropy_change",
    "same_top",
)  # as native/diverge.h has them


def diverge(
    base: tuple[Scores, FloatArray | Sequence[FloatArray]],
    new: tuple[Scores, FloatArray | Sequence[FloatArray]],
    order: IntArray,
) -> tuple[FloatArray, bool]:
    """The DIVERGENCES `(7, n)` of rows of two models; whether the scores of some row are no distribution.

    Scores are as for `score_block`; class k of `new` is class `order[k]` `(K,)` of `base`.
    """
    blocks, held = [], []
    for how, scores in (base, new):
        columns, count, row_major = _columns_of(scores)
        pointers, scratch = _pointers(columns), _scratch(count)
        n = len(columns[0])
        held += [*columns, pointers, scratch]
        blocks.append(_Block(
            columns=address(pointers), count=count, there=n, row_major=row_major,
            float32=columns[0].dtype == np.float32, n=n, kind=how.kind, normalize=how.normalize,
            tolerance=how.tolerance, scratch=address(scratch), room=scratch.size,
        ))  # fmt: skip
    order = integers(order)
    if {order.size} != {max(2, block.count) for block in blocks} or blocks[0].n != blocks[1].n:
        raise ValueError("two blocks of other rows or classes")
    found = np.empty((len(DIVERGENCES), blocks[0].n))
    code = _functions["diverge"](*(ctypes.addressof(each) for each in blocks), address(order), address(found))
    if code & ~(BROKEN | ODD):
        raise ValueError(f"the kernel refused the arguments of diverge: {code}")
    return found, bool(code)


def _check_totals(totals: TotalsArrays) -> None:
    """Whether the kernel may write to them; `native/level.c` counts the groups and numbers."""
    pairs = totals.classes**2
    sizes = (totals.counts.size, PLACES * pairs, pairs, CELLS, CELLS, 2)
    for array, size in zip(totals[3:9], sizes, strict=True):
        if array is None:
            continue
        kind = np.float64 if array is totals.cell_largest else np.int64
        if array.dtype != kind or array.size != size or not array.flags.carray:
            raise TypeError("totals are contiguous, writeable arrays of their sizes")


def _scores(array: FloatArray) -> FloatArray:
    if array.dtype not in (np.float64, np.float32):
        raise TypeError(f"float64 or float32 is wanted, not {array.dtype}")
    return np.require(array, requirements=("C", "A"))


def _pointers(arrays: Sequence[NDArray[Any]]) -> NDArray[np.uintp]:
    return np.array([address(each) for each in arrays], np.uintp)


def _optional(array: NDArray[Any] | None) -> int | None:
    return None if array is None else address(array)


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
    scratch, sums = np.empty(2 * classes * TILE_ROWS), np.empty(4)
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


def solve(matrix: FloatArray, vector: FloatArray) -> FloatArray:
    """The x with matrix `(n, n)` x = vector `(n,)`; not finite where the matrix is singular."""
    n = len(vector)
    if matrix.shape != (n, n) or vector.shape != (n,):
        raise ValueError(f"shapes differ: {matrix.shape} and {vector.shape}")
    spent, x = floats(matrix).copy(), floats(vector).copy()
    call("solve", address(spent), address(x), n)
    return x
