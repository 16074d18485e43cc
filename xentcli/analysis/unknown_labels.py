"""Labels of no class: the error, and what to type."""

from __future__ import annotations

import re
from collections.abc import Sequence

from xentcli.columns.columns import OPTIONS, Columns, ScoreLayout, list_text
from xentcli.columns.labels import class_number, in_other_case
from xentcli.columns.layouts import natural
from xentcli.decoding.tally import Entry, Example
from xentcli.errors import ContentError, RequestError, XentError
from xentcli.wording import brief, few, nearest, plural, suggest, takes_as_missing, typed

MOST_TYPED = 20  # columns that a hint has one type
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._]")  # of R


def unknown_label(entries: dict[str | None, Entry], columns: Columns, classes: Sequence[str]) -> XentError:
    """The error of the first of these labels, by text, that no class has."""
    first = min(entry.examples[0] for entry in entries.values())
    if not classes:
        return _no_positive(entries, first, columns)
    text = first.value
    close = nearest(text, classes)
    if whole := _in_other_case([*entries], columns, classes) or _made_names([*entries], columns):
        hint = whole
    elif takes_as_missing(text):
        hint = f"{typed('--ignore-label', text)} leaves such rows out; {takes_as_missing(text)}"
    elif text.strip() != text and text.strip() in classes:
        hint = "the label has spaces around it"
    elif close is not None:
        hint = suggest(f'"{brief(close)}"')
    elif columns.scores.layout is ScoreLayout.LIST and not columns.ordered:
        hint = "--classes A,B,... gives the order of the lists"
    elif all((at := class_number(name)) is not None and at < len(classes) for name in entries if name):
        hint = _counted_hint(classes)
    else:
        hint = "--prob or --logit names the score columns"
    return ContentError(
        "label_unknown",
        f'no score column is of class "{brief(text)}" ({_unknown_rows(text, entries)})',
        hint=f"{hint}; classes: {few(map(brief, classes), 20)}",
        where=first.where[1],
        column=columns.label,
    )


def _in_other_case(labels: Sequence[str | None], columns: Columns, classes: Sequence[str]) -> str | None:
    """The option that gives each score column its class as the labels spell it, if only case tells them apart."""
    one_each = columns.scores.layout is ScoreLayout.COLUMNS and len(columns.scores.names) == len(classes)
    if not one_each or len(classes) > MOST_TYPED or None in labels:
        return None
    spelled = {in_other_case(label, classes): label for label in labels if label is not None}
    if None in spelled or len(spelled) < len(labels):
        return None
    pairs = zip(classes, columns.scores.column_of, strict=True)
    return typed(OPTIONS[columns.kind], list_text([f"{spelled.get(of, of)}={column}" for of, column in pairs]))


def _made_names(labels: Sequence[str | None], columns: Columns) -> str | None:
    """Likewise where R put dots into names for what no name may hold: `.pred_Iris.setosa` is of `Iris-setosa`."""
    names = columns.scores.column_of
    if columns.scores.layout is not ScoreLayout.COLUMNS or len(labels) != len(names) or len(names) > MOST_TYPED:
        return None
    made = {name: _NOT_IN_NAMES.sub(".", name) for name in names}
    found: dict[str, str] = {}
    for label in labels:
        ending = _NOT_IN_NAMES.sub(".", label or "")
        of_label = [name for name in names if ending and made[name].endswith(ending)]
        if len(of_label) != 1 or of_label[0] in found:
            return None
        found[of_label[0]] = label or ""
    return typed(OPTIONS[columns.kind], list_text([f"{found[name]}={name}" for name in names]))


def _counted_hint(classes: Sequence[str]) -> str:
    """Labels that count the classes from 0: `LABEL_0`, `LABEL_1`, ... (Hugging Face) say so themselves."""
    ordered = sorted(classes, key=natural)
    numbers = [re.search(r"(?<![0-9])[0-9]++$", name) for name in ordered]
    if [found and int(found[0]) for found in numbers] == [*range(len(classes))]:
        return f"{typed('--classes', list_text(ordered))} if the labels count them"
    return "labels that count the classes need --classes A,B,... to give the order"


def _unknown_rows(text: str, entries: dict[str | None, Entry]) -> str:
    """How many rows have this label, how many other labels there are like it, and how many rows in all."""
    said = [plural(entries[text].count, "row", "")] if text in entries else []
    if len(entries) > 1 or None in entries:
        least = "at least " if None in entries else ""  # labels beyond those told apart
        said.append(f"{least}{len(entries) - 1} more labels without a column")
    rows = plural(sum(each.count for each in entries.values()), "row", "")
    return rows if said == [rows] else f"{', '.join(said)}; {rows} in all"


def _no_positive(entries: dict[str | None, Entry], first: Example, columns: Columns) -> XentError:
    shown = few((f'"{brief(text)}"' for text in sorted(filter(None, entries))), 10)
    return RequestError(
        "positive",
        f'cannot tell which class "{columns.scores.names[0]}" belongs to; labels found: {shown}',
        hint="--positive CLASS names it",
        where=first.where[1],
        column=columns.label,
    )
