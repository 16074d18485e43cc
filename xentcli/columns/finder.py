"""Which column is what: decided once, from options, names and types, before the first row is scored."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

from msgspec.structs import replace

from xentcli.columns.class_order import with_classes, with_targets
from xentcli.columns.column_types import holds_numbers, is_number, refuse_label_type, refuse_number_type
from xentcli.columns.columns import (
    LOG_BASES,
    Columns,
    ColumnSpec,
    GroupColumns,
    ScoreColumns,
    ScoreLayout,
    split_lists,
)
from xentcli.columns.conditions import Condition, first_reading, parse_condition
from xentcli.columns.labels import LabelCoder
from xentcli.columns.layouts import by_names, score_columns
from xentcli.columns.lookup import ColumnLookup, first_repeated
from xentcli.columns.names import LABEL_NAMES, SINGLE_NAMES, Family, class_in, families, label_candidates
from xentcli.columns.peek import Peek
from xentcli.columns.suggestions import (
    is_token_list,
    suggest_label,
    suggest_scores,
    suggest_targets,
    suggest_tokens,
)
from xentcli.core.batch import InputKind
from xentcli.errors import ContentError, RequestError
from xentcli.wording import few, first_and_last, nearest, suggest, typed

_PLAIN_NUMBER = re.compile(r"[+-]?(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][+-]?\d++)?+")
_MOST_OTHERS = 100  # columns that are looked at to see whether they could be classes


def resolve(spec: ColumnSpec, peek: Peek) -> Columns:
    """Settle the role of each column of an input.

    Raises `RequestError` where a column is missing or the choice is not clear, `ContentError` where a column
    cannot hold what is asked of it.
    """
    finder = _Finder(spec, peek)
    columns = finder.columns()
    for group in filter(None, (columns.scores, columns.targets)):
        if group.layout in (ScoreLayout.LIST, ScoreLayout.STRUCT, ScoreLayout.TOKENS):
            refuse_number_type(finder.types[group.names[0]], finder.where, group.names[0], nested=True)
    for name in columns.projection.numbers:
        refuse_number_type(finder.types[name], finder.where, name)
    return columns


class _Finder(ColumnLookup):
    def columns(self) -> Columns:
        """All roles."""
        spec = self.spec
        given = {"--label": spec.label is not None, "--target": spec.target, "--target-logit": spec.target_logit}
        options = [option for option, value in given.items() if value]
        if len(options) > 1:
            raise self.error("two_labels", f"{' and '.join(options)} exclude each other", "use one of them")
        weight, size = self.find_if_given(spec.weight, "weight"), self.find_if_given(spec.bytes, "bytes")
        soft = self.expand(spec.soft, {weight, size})[0] if spec.soft else ()
        keys = self._group_columns()
        tokens = not spec.soft and self._is_token()
        label = None if spec.soft or tokens else self._label()
        if label is not None and spec.label is None and holds_numbers(self.types[label]):
            soft, label = (label,), None  # an array (n, K) of soft labels, or of one-hot ones
        if label is not None:  # before its values are looked at
            refuse_label_type(self.types[label], self.where, label)
        family, explicit = self._scores(label, {label, weight, size, *soft})
        if tokens and family.nested:
            scores = ScoreColumns(family.columns, ScoreLayout.TOKENS, size=1)
        else:
            scores = by_names(self, score_columns(self, family))
        for name in soft:
            if name in family.columns:
                message = f'column "{name}" cannot be the score and the target'
                raise self.error("column_twice", message, "--target and --prob or --logit name different columns")
        if family.nested and family.columns[0] in keys.texts:
            message = f'column "{family.columns[0]}" holds the scores as a list, and has no text'
            raise self.error("column_twice", message)
        for option, column in (("bytes", size), ("doc", keys.doc)):
            if column is not None and not tokens:
                raise self.error(option, f"--{option} is for token log-probabilities, which have no label")
        base = Columns(
            label, scores, family.kind, None, None, weight, None, size,
            detected=not (spec.prob or spec.logit or spec.logprob), ordered=spec.classes is not None, keys=keys,
            target_logits=bool(spec.target_logit), nats=self._nats(family.kind),
            listed_bytes=scores.layout is ScoreLayout.TOKENS and size is not None and self.is_nested(size),
            multilabel=spec.labels,
        )  # fmt: skip
        if label is None and not soft:
            return base
        settled = with_classes(self, base, family, explicit, soft=bool(soft))
        return with_targets(self, soft, settled) if soft else settled

    def _nats(self, kind: InputKind) -> float:
        """What 1 is in the base of the logarithms."""
        if self.spec.log_base is not None and kind is not InputKind.LOG_PROBABILITY:
            message = f"--log-base is of log-probabilities, not of {kind.value.replace('_', '-')} columns"
            raise self.error("log_base", message, "--logprob COL names log-probabilities")
        return LOG_BASES[self.spec.log_base or "e"]

    def _group_columns(self) -> GroupColumns:
        """The columns of slices, clusters and ids, and those to show."""
        spec = self.spec
        by = [self._parse_crossed(each) for each in spec.by]
        by += [(name,) for name, _ in spec.bins if all(name not in names for names in by)]
        for names in spec.sliced:
            if set(names) not in map(set, by):
                by.append(tuple(self.find(name, "slices") for name in names))
        bins = tuple((self.find(name, "bins"), edges) for name, edges in spec.bins)
        twice = first_repeated([name for name, _ in bins]) or first_repeated([",".join(names) for names in by])
        if twice is not None:
            raise self.error("column_twice", f'"{twice}" is given twice')
        cluster, id_ = self.find_if_given(spec.cluster, "cluster"), self.find_if_given(spec.id, "id")
        doc = self.find_if_given(spec.doc, "documents")
        show = tuple(self.find(name, "rows shown") for name in spec.show)
        where = tuple(self._condition(text) for text in spec.where)
        keys = GroupColumns(tuple(by), bins, cluster, doc, id_, show, where)
        for name in keys.texts:
            refuse_label_type(self.types[name], self.where, name, "be read as text")
        return keys

    def _condition(self, text: str) -> Condition:
        """What `--where` says of a column."""
        found = parse_condition(text, self.types)
        if found is not None:
            return found
        meant = first_reading(text)
        try:
            return replace(meant, column=self.find(meant.column, "filter"))
        except RequestError as error:
            close = nearest(meant.column, self.names)
            if close is not None:
                error.hint = f"{suggest(typed('--where', str(replace(meant, column=close))))} {self.column_list()}"
            raise

    def _parse_crossed(self, columns: str) -> tuple[str, ...]:
        """One column, or several of a comma list."""
        names = split_lists([columns], self.types)
        if first_repeated(names) is not None:
            raise self.error("column_twice", f'column "{first_repeated(names)}" is crossed with itself')
        return tuple(self.find(name, "slices") for name in names)

    def _is_token(self) -> bool:
        """A language model's tokens: one column of log-probabilities, and no label, or what only tokens have."""
        if len(self.spec.logprob) != 1 or (name := self.known(self.spec.logprob[0])) not in self.types:
            return False
        own = self.spec.bytes is not None or self.spec.doc is not None or is_token_list(self, name)
        if self.spec.label is not None or (label_candidates(self.names) and not own):
            return False
        return own or not self.is_nested(name) or not self.peek.are_distributions(name)

    def _refuse_several(self, label: str) -> None:
        """Raise for a pattern or a list that names the columns of several labels."""
        items = [] if label in self.types else split_lists([label], self.types)
        found = [name for item in items for name in self.names if name == item or fnmatchcase(name, item)]
        if len(found) > 1:
            message = f"--label names {len(found)} columns: {few(found, 5)}"
            raise self.error("several_labels", message, "--multilabel takes them as labels that are each 0 or 1")

    def _label(self) -> str:
        """The column of the label."""
        if self.spec.label is not None:
            self._refuse_several(self.spec.label)
            return self.find(self.spec.label, "label")
        found = label_candidates(self.names)
        if len(found) == 1:
            return found[0]
        if found:
            both = " and ".join(f'"{name}"' for name in found)
            raise self.error("two_labels", f"{both} could each be the label", "choose with --label COL")
        close, inside, tokens = nearest("label", self.names), suggest_label(self), suggest_tokens(self)
        perhaps = inside or (None if close is None else typed("--label", close))
        hint = (
            f"{f'tokens? {tokens}; ' if tokens else ''}--label COL names it"
            f"{f', perhaps {perhaps}' if perhaps else ''}, --labels FILE has it, --target COL is for soft labels; "
            f"{self.column_list()}"
        )
        if targets := suggest_targets(self):
            hint = f"soft labels? {targets}; {hint}"
        if len(self.names) == 1 and (mark := re.search(r"[ :^~]", self.names[0])):
            hint = f"one column: do the fields end at {mark[0]!r}? --delimiter CHAR says so; {hint}"
        if any(map(_PLAIN_NUMBER.fullmatch, self.names)):
            hint = f"the first line looks like data: --no-header reads it as such; {hint}"
        raise self.error("no_label", f"no label column (looked for {', '.join(LABEL_NAMES)})", hint)

    def _scores(self, label: str | None, taken: set[str | None]) -> tuple[Family, bool]:
        """The score columns, and whether they were asked for in this order."""
        options = (
            (InputKind.PROBABILITY, self.spec.prob),
            (InputKind.LOGIT, self.spec.logit),
            (InputKind.LOG_PROBABILITY, self.spec.logprob),
        )
        given = [(kind, patterns) for kind, patterns in options if patterns]
        if len(given) > 1:
            raise self.error("two_kinds", "--prob, --logit and --logprob exclude each other", "use one of them")
        if given:
            kind, patterns = given[0]
            names, star_texts = self.expand(patterns, taken)
            nested = len(names) == 1 and self.is_nested(names[0])
            return Family(kind, names, self._class_names(names), nested, tuple(star_texts)), not star_texts
        found = families(self.names, taken)
        if len(found) > 1:
            groups = " or ".join(first_and_last(family.columns, 3) for family in found)
            hint = "choose with --prob or --logit COL"
            raise self.error("two_families", f"more than one set of score columns: {groups}", hint)
        if not found and label not in self.unnamed and (bare := tuple(self.unnamed - taken)):
            bare = tuple(sorted(bare, key=int))  # a file of scores and nothing else
            return Family(InputKind.PROBABILITY, bare, self._class_names(bare)), True
        if found and self.types[found[0].columns[0]] is not None and self.is_nested(found[0].columns[0]):
            return replace(found[0], nested=True), False
        return (found[0] if found else self._family_like_labels(label, taken)), False

    def _class_names(self, columns: Sequence[str]) -> tuple[str | None, ...]:
        """The class that each column's name gives. Columns without names are in the order of labels 0..K-1."""
        if not self.unnamed.isdisjoint(columns):
            return (None,) if len(columns) == 1 else tuple(map(str, range(len(columns))))
        return tuple(class_in(name) or name for name in columns)

    def _family_like_labels(self, label: str | None, taken: set[str | None]) -> Family:
        free = ((name, self.types[name]) for name in self.names if name not in taken | self.unnamed)
        numeric = [name for name, kind in free if kind is None or is_number(kind)]
        coder = LabelCoder(tuple(numeric), False)
        seen = set() if label is None else set(map(coder.index, self.peek.labels(label)))
        columns = tuple(name for i, name in enumerate(coder.classes) if i in seen)
        if not columns:
            if self.peek.is_empty():
                raise ContentError("no_rows", "no rows", where=self.where)
            inside = suggest_scores(self, label)
            raise self.error(
                "no_scores",
                "no score columns (looked for prob_<class>, p_<class>, logit_<class>, logprob_<class>, "
                f"{', '.join(SINGLE_NAMES)}, and columns named like the labels)",
                f"{inside or '--prob COL or --logit COL names them'}; {self.column_list()}",
            )
        self._refuse_unseen(columns, [name for name in numeric if name not in columns])
        return Family(InputKind.PROBABILITY, columns, columns)

    def _refuse_unseen(self, columns: tuple[str, ...], others: list[str]) -> None:
        """A column that may be of a class without a row at the beginning: the labels seen must not decide."""
        if not others:
            return
        unseen = self.peek.have_room(columns, others) if len(others) <= _MOST_OTHERS else others
        if unseen:
            used = few(columns, 10, "")
            message = f"columns {used} are named like labels; could {few(unseen, 10)} be classes too?"
            hint = "no label at the beginning says so: --prob A,B,... names the columns of all classes"
            raise self.error("classes", message, f"{hint}; {self.column_list()}")
