"""Which column is what: decided once, from options, names and types, before the first row is scored."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from msgspec.structs import replace

from xentcli.columns.class_order import with_classes, with_targets
from xentcli.columns.column_types import holds_numbers, is_label, refuse_label_type, refuse_number_type
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
from xentcli.columns.layouts import by_names, score_columns
from xentcli.columns.lookup import ColumnLookup, first_repeated
from xentcli.columns.names import (
    PLAIN_NUMBER,
    SINGLE_NAMES,
    Family,
    class_in,
    families,
    label_candidates,
    more_label_candidates,
)
from xentcli.columns.peek import Peek
from xentcli.columns.predicted import refuse_predicted
from xentcli.columns.selection import Selected
from xentcli.columns.suggestions import is_token_list, refuse_around_tokens, refuse_turned
from xentcli.core.batch import InputKind
from xentcli.errors import ContentError, RequestError
from xentcli.wording import few, first_and_last, nearest, suggest, typed

_KNOWN = "\0known"  # in the place of a label column, where the classes are known without one


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
        refuse_turned(self)
        given = {"--label": spec.label is not None, "--target": spec.target, "--target-logit": spec.target_logit}
        options = [option for option, value in given.items() if value]
        if len(options) > 1:
            raise self.error("two_labels", f"{' and '.join(options)} exclude each other", "use one of them")
        weight, size = self.find_if_given(spec.weight, "weight"), self.find_if_given(spec.bytes, "bytes")
        predicted = self.find_if_given(spec.predicted, "predicted class")
        soft = tuple(each.column for each in self.expand(spec.soft, {weight, size, predicted}))
        keys = self._group_columns()
        optional = spec.known is not None or spec.unlabelled
        tokens = not spec.soft and not optional and self._is_token()
        label = None if spec.soft or tokens else self._label_if_any() if optional else self._label()
        if label is not None and spec.label is None and holds_numbers(self.types[label]):
            soft, label = () if optional else (label,), None  # an array (n, K) of soft or one-hot labels
        for name in (label, predicted):
            if name is not None:  # before its values are looked at
                refuse_label_type(self.types[name], self.where, name)
        naming = label  # the column whose labels say what classes there are
        if spec.known is not None:
            naming = _KNOWN
            self.peek.know(naming, spec.known)
        family, explicit = self._scores(naming, {label, weight, size, predicted, *soft})
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
            naming, scores, family.kind, None, None, weight, None, size,
            detected=not (spec.prob or spec.logit or spec.logprob), ordered=spec.classes is not None, keys=keys,
            target_logits=bool(spec.target_logit), missing=spec.na, nats=self._nats(family.kind),
            listed_bytes=scores.layout is ScoreLayout.TOKENS and size is not None and self.is_nested(size),
            multilabel=spec.labels, predicted=predicted,
        )  # fmt: skip
        refuse_predicted(self, base, family, soft=bool(soft))
        if naming is None and not soft and not spec.unlabelled:
            return base
        settled = with_classes(self, base, family, explicit, soft)
        if spec.unlabelled:
            label = None if spec.label is None else label
        if optional:
            return replace(settled, label=label, unlabelled=label is None)
        return with_targets(self, soft, settled) if soft else settled

    def _nats(self, kind: InputKind) -> float:
        """What 1 is in the base of the logarithms."""
        if self.spec.log_base is not None and kind is not InputKind.LOG_PROBABILITY:
            message = f"--log-base is of log-probabilities, not of {kind.value.replace('_', '-')} columns"
            raise self.unused("--log-base", message, "--logprob COL names log-probabilities")
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
        keys = GroupColumns(
            tuple(by), bins, cluster, doc, id_, show, where, self.find_if_given(spec.fold, "folds")
        )
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
        refuse_around_tokens(self, name)
        own = self.spec.bytes is not None or self.spec.doc is not None or is_token_list(self, name)
        if self.spec.label is not None or (label_candidates(self.names) and not own):
            return False
        if own or not self.is_nested(name):
            return True
        kind = self.types[name]
        return (
            not self.peek.lists_names(name) if kind is None else holds_numbers(kind)
        ) and not self.peek.are_distributions(name)

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
        names = [name for name in self.names if name != self.spec.predicted]
        found = label_candidates(names)
        if not found and not any(map(PLAIN_NUMBER.fullmatch, names)):
            found = more_label_candidates(names)
        if len(found) == 1:
            return found[0]
        from xentcli.columns.advice import advise_two_labels, no_label  # only errors need it

        if found:
            both = " and ".join(f'"{name}"' for name in found)
            raise self.error("two_labels", f"{both} could each be the label", advise_two_labels(self, found))
        raise no_label(self)

    def _label_if_any(self) -> str | None:
        """The column of the label, where there need be none: only one that is clear by its name, or asked for."""
        if self.spec.label is not None:
            return self._label()
        found = label_candidates(self.names)
        kinds = [self.types[name] for name in found]
        return found[0] if len(found) == 1 and (kinds[0] is None or is_label(kinds[0])) else None

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
            return self._selected(kind, self.expand(patterns, taken))
        found = families(self.names, taken, self.is_nested)
        if len(found) > 1:
            raise self._two_families(found)
        if not found and label not in self.unnamed and (bare := tuple(self.unnamed - taken)):
            bare = tuple(sorted(bare, key=int))  # a file of scores and nothing else
            self._refuse_words(bare)
            return Family(InputKind.PROBABILITY, bare, self._class_names(bare), counted=True), True
        if found and self.types[found[0].columns[0]] is not None and self.is_nested(found[0].columns[0]):
            return replace(found[0], nested=True), False
        return (found[0] if found else self._family_like_labels(label, taken)), False

    def _refuse_words(self, columns: Sequence[str]) -> None:
        """Raise where one of some columns without names holds words: a predicted class?"""
        words = self.peek.words(columns)
        if words:
            from xentcli.columns.advice import advise_predicted

            message = f'column "{words[0]}" holds no numbers, and no option says which are the scores'
            raise self.error("no_scores", message, advise_predicted(self, columns, words))

    def _selected(self, kind: InputKind, columns: Sequence[Selected]) -> tuple[Family, bool]:
        """The columns that options select, and whether they were listed rather than found by a pattern."""
        names = tuple(each.column for each in columns)
        classes = self._class_names(names)
        said = tuple(of if each.of is None else each.of for each, of in zip(columns, classes, strict=True))
        stars = tuple(each.column if each.star is None else each.star for each in columns)
        return Family(
            kind, names, said,
            nested=len(names) == 1 and self.is_nested(names[0]),
            readings=(stars,) if stars != names else (names,) if names != classes else (),
            stated=any(each.of is not None for each in columns),
            counted=not self.unnamed.isdisjoint(names),
        ), all(each.star is None for each in columns)  # fmt: skip

    def _two_families(self, found: Sequence[Family]) -> RequestError:
        """That there is more than one set of score columns, and what chooses each."""
        groups = " or ".join(first_and_last(family.columns, 3) for family in found)
        return self.error(
            "two_families", f"more than one set of score columns: {groups}", "choose with --prob or --logit COL"
        )

    def _class_names(self, columns: Sequence[str]) -> tuple[str | None, ...]:
        """The class that each column's name gives. Columns without names are in the order of labels 0..K-1."""
        if not self.unnamed.isdisjoint(columns):
            return (None,) if len(columns) == 1 else tuple(map(str, range(len(columns))))
        return tuple(class_in(self.last_key(name)) or self.last_key(name) for name in columns)

    def _family_like_labels(self, label: str | None, taken: set[str | None]) -> Family:
        from xentcli.columns.like_labels import family_like_labels  # as few columns are called so

        found = family_like_labels(self, label, taken)
        if found is not None:
            return found
        from xentcli.columns.advice import advise_no_scores

        if self.peek.is_empty():
            raise ContentError("no_rows", "no rows", where=self.where)
        raise self.error(
            "no_scores",
            "no score columns (looked for prob_<class>, p_<class>, logit_<class>, logprob_<class>, "
            f"{', '.join(SINGLE_NAMES)}, and columns named like the labels)",
            advise_no_scores(self, label, taken),
        )
