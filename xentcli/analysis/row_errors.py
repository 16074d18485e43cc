"""Words for what the tally counted: errors that end the run, and notices that go with the result."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from xentcli.analysis.unknown_labels import MOST_TYPED, unknown_label
from xentcli.columns.class_names import remainders
from xentcli.columns.columns import Columns, ScoreLayout, list_text
from xentcli.core.batch import InputKind, Policy
from xentcli.decoding.decode import LACKING
from xentcli.decoding.missing_values import SPELLED
from xentcli.decoding.named_scores import NOT_NAMED
from xentcli.decoding.number_columns import FALLING
from xentcli.decoding.tally import Entry, Tally
from xentcli.decoding.tokens import LEADING
from xentcli.errors import ContentError, Notice, XentError
from xentcli.wording import brief, few, first_of, plural, typed


class _Complaint(Struct, frozen=True):
    """`{value}` is what was found in the first place."""

    message: str
    hint: str | None = None


_SKIP = "--missing skip leaves such rows out, and counts them"
_ERRORS: dict[str, _Complaint] = {
    "label_missing": _Complaint("the label is missing", _SKIP),
    "score_missing": _Complaint("the score is missing (empty or null)", _SKIP),
    "weight_missing": _Complaint("the weight is missing"),
    "cluster_missing": _Complaint("the cluster is missing"),
    "fold_missing": _Complaint("the fold is missing"),
    "weight_not_finite": _Complaint("the weight is {value}; weights are finite and >= 0"),
    "weight_negative": _Complaint("the weight is {value}; weights are finite and >= 0"),
    "weight_too_large": _Complaint(
        "the square of the weight {value}, or its product with the row's loss, is beyond float64",
        "divide all weights by a constant",
    ),
    "weight_too_small": _Complaint(
        "the weight {value} times a loss is below what float64 can hold", "multiply all weights by a constant"
    ),
    "score_nan": _Complaint("the score is NaN", _SKIP),
    "log_probability_positive": _Complaint(
        "{value} is not a log-probability: it is above 0", "--logit reads logits, --prob probabilities"
    ),
    "logit_infinite": _Complaint("a logit of +inf is certainty beyond any other class: it has no log loss"),
    "all_minus_infinity": _Complaint("all logits of the row are -inf: no class is possible"),
    "document_missing": _Complaint("the document is missing"),
    "bytes_length": _Complaint("the lists of bytes hold {value} numbers, and those of tokens another number"),
    "bytes_missing": _Complaint("the number of bytes is missing"),
    "bytes": _Complaint("{value} is not a number of bytes"),
    "predicted_missing": _Complaint("the predicted class is missing", _SKIP),
    "predicted_unknown": _Complaint(
        "the predicted class is none of the two",
        "--positive CLASS names one of them",
    ),
    "target_missing": _Complaint("the target is missing (empty or null)", _SKIP),
    "target_none": _Complaint("all targets of the row are 0: they name no class"),
    "target_logit": _Complaint("the logits of the target have no softmax: the highest is {value}"),
    "list_length": _Complaint("the list has {value} scores, unlike the first row's"),
    "names_length": _Complaint("there are {value} names of classes, and another number of scores"),
    "class_unnamed": _Complaint("a score has no name of its class (empty or null)"),
    "class_twice": _Complaint("a class is named twice"),
    "class_unknown": _Complaint("a class is named that none of the first rows has"),
    "calibrated_nan": _Complaint("the row has probability only for classes to which the calibration gives none"),
    "calibrated_infinite": _Complaint(
        "its calibrated logit is infinite, and no logit column can hold that",
        "without --logits probabilities stay probabilities",
    ),
    "all_zero": _Complaint("all probabilities of the row are 0: no class is possible"),
}


SEVERAL = "several_classes"  # comes first: sums of probabilities mean nothing there
_NOT_PERCENTAGES = "not_percentages"  # a row out of range whose scores are no percentages either
_COUNTS = (SEVERAL, "list_length", "bytes_length", "names_length", "bytes")  # their values are whole numbers


def first_error(
    tally: Tally, columns: Columns, classes: Sequence[str], policy: Policy, rows: int
) -> XentError | None:
    """The error at the first place of the `rows` of the input, with how many more there are of its kind."""
    no_errors = {*_NOTICES, LACKING, SPELLED, "ignored_label", _NOT_PERCENTAGES}
    broken = [(key, entry) for key, entry in tally.entries.items() if key[0] not in no_errors]
    if not broken:
        return None
    (code, of), entry = min(broken, key=lambda item: (item[0][0] != SEVERAL, item[1].examples[0]))
    if code == "label_unknown":
        return unknown_label(tally.of(code), columns, classes)
    if code == "probability_out_of_range":
        complaint = _out_of_range(entry, not tally.of(_NOT_PERCENTAGES))
    elif code == "row_sum":
        complaint = _row_sum(entry, columns, policy)
    elif code == SEVERAL:
        complaint = _Complaint("{value} classes of the row are true", _as_labels(columns))
    elif code in ("target_out_of_range", "target_sum"):
        complaint = _target(code, entry, columns, policy)
    elif of is not None:
        return _class_missing(tally, columns, rows)
    else:
        complaint = _ERRORS[code]
    if complaint.hint == _SKIP and _lack_in_all(tally, rows) and columns.scores.layout is not ScoreLayout.TOKENS:
        complaint = replace(complaint, hint=None)
    first = entry.examples[0]
    return ContentError(
        code,
        complaint.message.format(value=first.value.removesuffix(".0") if code in _COUNTS else first.value)
        + _more(entry)
        + _other_kind(code, tally),
        hint=complaint.hint,
        where=first.where[1],
        column=first.column or None,
    )


def _lack_in_all(tally: Tally, rows: int) -> bool:
    """Whether each of the rows lacks something, so that none would be left."""
    return sum(entry.count for entry in tally.of(LACKING).values()) >= rows


def _class_missing(tally: Tally, columns: Columns, rows: int) -> XentError:
    """Rows whose objects, or lists with names, do not have all classes: top-k lists, or zeros left out."""
    found = [(of, entry) for code in ("score_missing", NOT_NAMED) for of, entry in tally.of(code).items()]
    first = min(entry.examples[0] for of, entry in found if of is not None)
    lack = Counter[str | None]()
    for of, entry in found:
        lack[of] += entry.count
    order = [of for of in columns.scores.order if of in lack]
    counts = few((f'"{brief(of)}" ({plural(lack[of], "row")})' for of in order), 10, " and {left} more")
    lacking = sum(entry.count for entry in tally.of(LACKING).values())
    hint = "are these the top classes only? write the scores of all classes in every row, 0 where there is none"
    return ContentError(
        "score_missing",
        f"no score of class {counts}: {lacking:,} of {plural(rows, 'row')} lack some class",
        hint=hint,
        where=first.where[1],
        column=first.column or None,
    )


_OTHER_KIND = {"score_missing": ("score_nan", "NaN"), "score_nan": ("score_missing", "no score")}


def _other_kind(code: str, tally: Tally) -> str:
    """Empty scores and NaN are counted apart: what there is of the other kind."""
    other, name = _OTHER_KIND.get(code, ("", ""))
    counts = [entry.count for entry in tally.of(other).values()]
    return f"; besides, {plural(sum(counts), 'row', '')} with {name}" if counts else ""


def _more(entry: Entry) -> str:
    if entry.count == 1:
        return ""
    others = [example.where[1].in_file for example in entry.examples[1:]]
    return f" ({entry.count - 1} more: {first_of(others, entry.count - 1)})"


_CODES = (-1, -9, -99, -999, -9999, -99999, 999, 9999, 99999)  # that programs write for missing numbers


def _out_of_range(entry: Entry, percentages: bool) -> _Complaint:
    """What a score may be that is no probability; `percentages` could be all scores of such rows."""
    values = [float(example.value) for example in entry.examples]
    if percentages:
        hint = "percentages? divide by 100"
    elif values[0] in _CODES:
        code = f"{values[0]:g}"
        hint = f"does {code} stand for a missing score? {typed('--na', code)} takes it as missing; logits? --logit"
    else:
        hint = "logits? --logit reads them; log-probabilities? --logprob"
    return _Complaint("{value} is not a probability", hint)


def _row_sum(entry: Entry, columns: Columns, policy: Policy) -> _Complaint:
    sums = [float(example.value) for example in entry.examples]
    if all(abs(total - 100) < 1 for total in sums):
        hint = "percentages: divide by 100"
    elif columns.kind is InputKind.LOG_PROBABILITY:
        hint = "logits? --logit reads them; --normalize divides each row by its sum"
    else:
        hint = "logits? --logit reads them; --normalize divides each row by its sum; --sum-tolerance X allows more"
    limit = f"{policy.sum_tolerance:g}"
    return _Complaint(f"the probabilities of the row sum to {{value}}, not to 1 within {limit}", hint)


def _target(code: str, entry: Entry, columns: Columns, policy: Policy) -> _Complaint:
    """What soft labels are where they are no distribution: logits if one is negative, otherwise perhaps votes."""
    values = [float(example.value) for example in entry.examples]
    if not all(0 <= value < math.inf for value in values):
        hint = f"logits? {_as_target_logits(columns)}"
    elif policy.normalize:
        hint = None
    else:
        hint = "votes? --normalize divides the targets of each row, and its probabilities, by their sum"
    if code == "target_sum":
        return _Complaint("the targets of the row sum to {value}, not to 1", hint)
    return _Complaint("the target {value} is not " + ("a vote" if policy.normalize else "within 0 and 1"), hint)


def _as_labels(columns: Columns) -> str:
    """What to type where each class is true or false by itself; the scores are asked for, or found by name."""
    if columns.targets is not None and columns.targets.layout is not ScoreLayout.COLUMNS:
        return "several labels a row? with a column for each label and each score, --multilabel scores them"
    names = () if columns.targets is None else columns.targets.column_of
    shared = names[0][: -len(remainders(names)[0])] if names else ""
    labels = list_text(names) if len(names) <= MOST_TYPED else f"{shared}*"
    return f"several labels a row? --multilabel {typed('--label', labels)}"


def _as_target_logits(columns: Columns) -> str:
    names = () if columns.targets is None else columns.targets.names
    if len(names) > MOST_TYPED:
        return "--target-logit COL in place of --target takes their softmax"
    whole = (",".join(names),) if not any(mark in name for name in names for mark in ',"') else names
    return f"{typed('--target-logit', *whole)} in place of --target takes their softmax"


_NOTICES = {
    "infinite_loss": "the true class was given probability 0: the log loss is infinite (--clip EPS limits it)",
    "loss_overflow": "the loss is beyond float64 and counts as infinite",
    LEADING: "the first token of a list has no log-probability (null), as nothing precedes it: left out",
    "skipped_nan": "left out for a score that is NaN",
    "probability_rounded": "scores just outside their range (by up to 1e-4, log-probabilities by 1e-6) "
    "were taken as its end",
    "target_rounded": "targets up to 1e-4 outside 0 and 1 were taken as 0 or 1",
    FALLING: "the scores of every list fall: were they sorted? then --classes-in COL must name the classes",
    "looks_like_probabilities": "every logit is within 0 and 1: are these probabilities? --prob reads them",
}

_OF_ALL = ("looks_like_probabilities", FALLING)  # worth a word if it is so of all rows
_DOUBTS = ("skipped_nan", *_OF_ALL)  # what may make the numbers wrong


_ROWS_OF_TWO, _ROWS_OF_MORE = 30, 5  # that fall by chance once in 2^30, or 6^5 times


def row_notices(tally: Tally, scored: int, classes: int) -> list[Notice]:
    """A notice for each kind of odd rows, among so many that were scored."""
    few_rows = scored < _ROWS_OF_TWO if classes == 2 else scored < _ROWS_OF_MORE
    return [
        Notice(
            code,
            entry.count,
            message if entry.examples else f"{plural(entry.count, 'row')}: {message}",
            tuple(each.where[1] for each in entry.examples),
            code in _DOUBTS,
        )
        for code, message in _NOTICES.items()
        for entry in tally.of(code).values()
        if (code not in _OF_ALL or entry.count == scored) and not (code == FALLING and few_rows)
    ]
