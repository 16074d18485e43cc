"""Which column is what: decided once, from options, names and types, before the first row is scored."""

from __future__ import annotations

import fnmatch
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import pyarrow as pa

from xentcli.core.scores import InputKind
from xentcli.data.column_types import is_list, is_number, refuse_label_type, refuse_number_types
from xentcli.data.columns import Columns, ColumnSpec, Layout, Peek, ScoreColumns, nearest, parse_list, reordered
from xentcli.data.families import LABEL_NAMES, SINGLE_NAMES, Family, class_in, families
from xentcli.data.labels import TELLING, LabelCoder, loose
from xentcli.data.source import Field
from xentcli.errors import ContentError, RequestError, Where

_MOST_OTHERS = 100  # columns that are looked at to see whether they could be classes


def resolve(spec: ColumnSpec, fields: Sequence[Field], file: str, peek: Peek) -> Columns:
    """Settle the role of each column of `file`.

    Raises `RequestError` where a column is missing or the choice is not clear, `ContentError` where a column
    cannot hold what is asked of it.
    """
    finder = _Finder(spec, fields, Where(file), peek)
    columns = finder.columns()
    refuse_number_types(columns.wanted, finder.types, Where(file))
    return columns


class _Finder:
    """Looks every name up in a table: tens of thousands of columns are no more than many."""

    def __init__(self, spec: ColumnSpec, fields: Sequence[Field], where: Where, peek: Peek) -> None:
        self.spec, self.where, self.peek = spec, where, peek
        self.types = {field.name: field.type for field in fields}
        self.names = tuple(self.types)
        self.counted = {field.name for field in fields if field.counted}

    def error(self, code: str, message: str, hint: str | None = None) -> RequestError:
        return RequestError(code, message, hint=hint, where=self.where)

    def listed(self) -> str:
        shown = ", ".join(self.names[:40])
        return f"columns: {shown}{f' and {len(self.names) - 40} more' if len(self.names) > 40 else ''}"

    def existing(self, name: str, role: str) -> str:
        if name in self.types:
            return name
        close = nearest(name, self.names)
        meant = f'did you mean "{close}"? ' if close is not None else ""
        raise self.error("no_such_column", f'no column "{name}" for the {role}', f"{meant}{self.listed()}")

    def columns(self) -> Columns:
        spec = self.spec
        if spec.target and spec.label is not None:
            raise self.error("two_labels", "--label and --target exclude each other", "use one of them")
        weight = None if spec.weight is None else self.existing(spec.weight, "weight")
        size = None if spec.bytes is None else self.existing(spec.bytes, "bytes")
        soft = self._expand(spec.target, {weight, size})[0] if spec.target else ()
        label = None if spec.target or self._is_token() else self.label()
        if label is not None:  # before its values are looked at
            refuse_label_type(self.types[label], self.where, label)
        family, explicit = self._scores(label, {label, weight, size, *soft})
        scores = self._placed(family)
        if size is not None and (label is not None or soft):
            raise self.error("bytes", "--bytes is for token log-probabilities, which have no label")
        base = Columns(
            label, scores, family.kind, None, None, weight, None, size,
            detected=not (spec.prob or spec.logit or spec.logprob), ordered=spec.classes is not None,
        )  # fmt: skip
        if label is None and not soft:
            return base
        settled = self._classes(base, family, explicit, soft=bool(soft))
        return replace(settled, targets=self._targets(soft, settled)) if soft else settled

    def _is_token(self) -> bool:
        """One column of log-probabilities and no label at all: a language model's tokens."""
        found = [name for name in self.names if name.casefold() in LABEL_NAMES]
        one = len(self.spec.logprob) == 1 and self.spec.logprob[0] in self.types
        return one and self.spec.label is None and not found and not self._nested(self.spec.logprob[0])

    def label(self) -> str:
        if self.spec.label is not None:
            return self.existing(self.spec.label, "label")
        found = [name for name in self.names if name.casefold() in LABEL_NAMES]
        if len(found) == 1:
            return found[0]
        if found:
            both = " and ".join(f'"{name}"' for name in found)
            raise self.error("two_labels", f"{both} could each be the label", "choose with --label COL")
        close = nearest("label", self.names)
        hint = f"--label COL names it{f', perhaps --label {close}' if close else ''}; {self.listed()}"
        if len(self.names) == 1 and (mark := re.search(r"[ :^~]", self.names[0])):
            hint = f"one column: do the fields end at {mark[0]!r}? --delimiter CHAR says so; {hint}"
        if _looks_like_data(self.names):
            hint = f"the first line looks like data: --no-header reads it as such; {hint}"
        raise self.error("no_label", f"no label column (looked for {', '.join(LABEL_NAMES)})", hint)

    def _scores(self, label: str | None, taken: set[str | None]) -> tuple[Family, bool]:
        """The score columns, and whether they were asked for in this order."""
        asked = {
            InputKind.PROBABILITY: self.spec.prob,
            InputKind.LOGIT: self.spec.logit,
            InputKind.LOG_PROBABILITY: self.spec.logprob,
        }
        given = [(kind, patterns) for kind, patterns in asked.items() if patterns]
        if len(given) > 1:
            raise self.error("two_kinds", "--prob, --logit and --logprob exclude each other", "use one of them")
        if given:
            kind, patterns = given[0]
            names, starred = self._expand(patterns, taken)
            nested = len(names) == 1 and self._nested(names[0])
            return Family(kind, names, self._class_names(names), nested, tuple(starred)), not starred
        found = families(self.names, taken)
        if len(found) > 1:
            groups = " or ".join(_brief(family.columns) for family in found)
            hint = "choose with --prob or --logit COL"
            raise self.error("two_families", f"more than one set of score columns: {groups}", hint)
        if not found and label not in self.counted and (bare := tuple(self.counted - taken)):
            bare = tuple(sorted(bare, key=int))  # a file of scores and nothing else
            return Family(InputKind.PROBABILITY, bare, self._class_names(bare)), True
        return (found[0] if found else self._named_like_labels(label, taken)), False

    def _class_names(self, columns: Sequence[str]) -> tuple[str | None, ...]:
        """The class that each column's name gives. Columns without names are in the order of labels 0..K-1."""
        if not self.counted.isdisjoint(columns):
            return (None,) if len(columns) == 1 else tuple(map(str, range(len(columns))))
        return tuple(class_in(name) or name for name in columns)

    def _nested(self, name: str) -> bool:
        """Whether a column holds a list or struct a row; text holds one if its values begin with `[`."""
        kind = self.types[name]
        if kind is not None:
            return is_list(kind) or pa.types.is_struct(kind)
        first = next(iter(self.peek.texts(name)), "")
        return first.lstrip().startswith("[")

    def _placed(self, family: Family) -> ScoreColumns:
        """Where the scores of a family are."""
        if not family.nested:
            return ScoreColumns(family.columns)
        [name] = family.columns
        kind = self.types[name]
        if kind is not None and pa.types.is_struct(kind):
            return self._struct(name, kind)
        if kind is not None and not is_list(kind):
            raise ContentError(
                "not_a_list", f"has type {kind}, not a list of numbers", where=self.where, column=name,
                hint="--prob or --logit names the score columns",
            )  # fmt: skip
        fixed = kind is not None and pa.types.is_fixed_size_list(kind)
        size = kind.list_size if fixed and kind is not None else self.peek.size(name)
        if size < 2:
            raise ContentError("list_length", "holds no list of two or more scores", where=self.where, column=name)
        return ScoreColumns((name,), Layout.LIST, size)

    def _struct(self, name: str, kind: pa.StructType) -> ScoreColumns:
        order = tuple(field.name for field in kind)
        twice = _repeated(order)
        if twice is not None:
            message = f'has more than one field "{twice}"'
            raise RequestError("duplicate_column", message, where=self.where, column=name)
        return ScoreColumns((name,), Layout.STRUCT, order=order)

    def _expand(self, patterns: Sequence[str], taken: set[str | None]) -> tuple[tuple[str, ...], list[str]]:
        """The columns; and if patterns found them all, what the star stands for in each."""
        columns: list[str] = []
        starred: list[str] = []
        for pattern in patterns:
            if pattern in self.types:
                columns.append(pattern)
                continue
            for item in parse_list(pattern):
                if item in self.types or not any(char in item for char in "*?["):
                    columns.append(self.existing(item, "scores"))
                    continue
                matches = [name for name in self.names if fnmatch.fnmatchcase(name, item) and name not in taken]
                if not matches:
                    raise self.error("no_such_column", f'no column matches "{item}"', self.listed())
                columns += matches
                starred += [_starred(item, name) for name in matches]
        twice = _repeated(columns)
        if twice is not None:
            raise self.error("column_twice", f'column "{twice}" is given twice')
        return tuple(columns), starred

    def _named_like_labels(self, label: str | None, taken: set[str | None]) -> Family:
        free = ((name, kind) for name, kind in self.types.items() if name not in taken | self.counted)
        numeric = [name for name, kind in free if kind is None or is_number(kind)]
        coder = LabelCoder(tuple(numeric), False)
        seen = {coder.index(text) for text in (self.peek.labels(label) if label is not None else ())} - {-1}
        columns = tuple(name for i, name in enumerate(coder.classes) if i in seen)
        if not columns:
            raise self.error(
                "no_scores",
                "no score columns (looked for prob_<class>, p_<class>, logit_<class>, logprob_<class>, "
                f"{', '.join(SINGLE_NAMES)}, and columns named like the labels)",
                f"--prob COL or --logit COL names them; {self.listed()}",
            )
        self._refuse_unseen(columns, [name for name in numeric if name not in columns])
        return Family(InputKind.PROBABILITY, columns, columns)

    def _refuse_unseen(self, columns: tuple[str, ...], others: list[str]) -> None:
        """A column that may be of a class without a row at the beginning: the labels seen must not decide."""
        if not others:
            return
        unseen = self.peek.have_room(columns, others) if len(others) <= _MOST_OTHERS else others
        if unseen:
            shown = f"{', '.join(unseen[:10])}{', ...' if len(unseen) > 10 else ''}"
            message = f"columns {', '.join(columns[:10])} are named like labels; could {shown} be classes too?"
            hint = "no label at the beginning says so: --prob A,B,... names the columns of all classes"
            raise self.error("classes", message, f"{hint}; {self.listed()}")

    def _classes(self, base: Columns, family: Family, explicit: bool, *, soft: bool) -> Columns:
        """Give each score its class."""
        given = self.spec.classes
        if given is not None and len(set(given)) < len(given):
            raise self.error("class_twice", "--classes names a class twice")
        if base.scores.rows == 1:
            return self._one_column(base, family, soft)
        if self.spec.positive is not None:
            hint = "drop it: each score has its class"
            raise self.error("positive", f"--positive is for one score column, not {base.scores.rows}", hint)
        self._refuse_twins(family)
        names = tuple(name or "" for name in family.classes)
        if given is not None and len(family.starred) == len(names) and set(names) != set(given):
            names = family.starred
        if base.scores.layout is Layout.LIST:
            names = tuple(str(k) for k in range(base.scores.size))
        elif base.scores.layout is Layout.STRUCT:
            names = base.scores.order
        return replace(base, classes=names) if given is None else self._order(base, names, given, explicit)

    def _order(self, base: Columns, names: tuple[str, ...], classes: tuple[str, ...], explicit: bool) -> Columns:
        if len(classes) != len(names):
            shown = ", ".join(base.scores.names)
            message = f"--classes names {len(classes)} classes for {len(names)} scores"
            raise self.error("classes", message, f"score columns: {shown}")
        numbered = sorted(names) == sorted(str(i) for i in range(len(names)))
        if set(names) == set(classes):
            order = _places(names, classes)
        elif numbered:
            order = _places(names, map(str, range(len(names))))
        elif explicit:
            order = list(range(len(names)))
        else:
            shown = f"{','.join(classes)} does not fit the classes of the columns: {', '.join(names)}"
            hint = "list the columns in the order of the classes with --prob or --logit"
            raise self.error("classes", f"--classes {shown}", hint)
        return replace(base, scores=reordered(base.scores, order), classes=classes)

    def _one_column(self, base: Columns, family: Family, soft: bool) -> Columns:
        name, column = family.classes[0], family.columns[0]
        if name == column and not base.detected and self._tells_nothing(name, base.label):
            name = None
        positive = self.spec.positive if self.spec.positive is not None else name
        classes = self.spec.classes
        if classes is None and soft:
            positive = positive if positive is not None else "1"
            other = "0" if positive == "1" else f"not {positive}"
            return replace(base, positive=positive, classes=(other, positive))
        if classes is None:
            return replace(base, positive=positive)
        if len(classes) != 2:
            raise self.error("classes", f"--classes names {len(classes)} classes for one score column")
        if positive is None or positive not in classes:
            message = f'the class that "{column}" is the score of is not clear'
            raise self.error("positive", message, "--positive CLASS names it")
        other = next(each for each in classes if each != positive)
        return replace(base, positive=positive, classes=(other, positive))

    def _tells_nothing(self, name: str, label: str | None) -> bool:
        """Whether the name of a column that was asked for is no class: labels such as 0/1 tell the classes."""
        labels = self.peek.labels(label) if label is not None else ()
        return name not in labels and all(loose(text) in TELLING for text in labels)

    def _targets(self, names: tuple[str, ...], used: Columns) -> ScoreColumns:
        """Soft labels in the order of the classes."""
        classes = used.classes or ()
        nested = len(names) == 1 and self._nested(names[0])
        placed = self._placed(Family(used.kind, names, (None,) * len(names), nested))
        if placed.rows == 1 and len(classes) == 2:
            return placed
        if placed.rows != len(classes):
            raise self.error("targets", f"{placed.rows} targets for {len(classes)} classes: {', '.join(classes)}")
        given = placed.order if placed.layout is Layout.STRUCT else _remainders(names)
        if placed.layout is not Layout.LIST and set(given) == set(classes):
            return reordered(placed, _places(given, classes))
        counted = placed.layout is Layout.LIST and classes == tuple(str(k) for k in range(len(classes)))
        if self.spec.classes is not None or counted:
            return placed
        raise self.error(
            "targets", f"which class is each target of? the classes are {', '.join(classes)}",
            "--classes gives the order of scores and targets",
        )  # fmt: skip

    def _refuse_twins(self, family: Family) -> None:
        twin = _repeated(family.classes)
        if twin is not None:
            twins = [column for column, name in zip(family.columns, family.classes, strict=True) if name == twin]
            both = " and ".join(f'"{column}"' for column in twins)
            raise self.error("two_columns", f'{both} are both columns of class "{twin}"', "choose with --prob")


def _starred(pattern: str, name: str) -> str:
    """What the star at one end of a pattern stands for; the name, if there is another wildcard or nothing left."""
    before, _, after = pattern.partition("*")
    if (before and after) or any(char in before + after for char in "*?["):
        return name
    return name[len(before) : len(name) - len(after)] or name


def _places(names: Sequence[str], wanted: Iterable[str]) -> list[int]:
    """Where each of `wanted` stands among `names`."""
    place = {name: i for i, name in enumerate(names)}
    return [place[name] for name in wanted]


def _repeated(names: Sequence[str | None]) -> str | None:
    """The first name that occurs more than once."""
    counts = Counter(names)
    return next((name for name in names if counts[name] > 1), None)


def _remainders(names: Sequence[str]) -> tuple[str, ...]:
    """What follows the prefix that all names share, up to a separator: `t_cat`, `t_dog` give `cat`, `dog`."""
    first, last = min(names), max(names)
    shared = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    cut = max(first.rfind(mark, 0, shared) for mark in "_. ") + 1
    return tuple(name[cut:] for name in names)


def _brief(columns: Sequence[str]) -> str:
    return ", ".join(columns) if len(columns) < 4 else f"{columns[0]}, ... {columns[-1]} ({len(columns)})"


def _looks_like_data(names: Sequence[str]) -> bool:
    return any(re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", name) for name in names)
