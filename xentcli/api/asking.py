"""From the arguments of a Python call to the parts of a request."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from numbers import Real
from types import SimpleNamespace
from typing import Any

from msgspec.structs import replace

from xentcli.analysis.request import EngineRequest, InputRequest, name_text, policy
from xentcli.api.arguments import (
    ARRAYS,
    base_of_logarithms,
    bin_edges,
    class_names,
    classes_in_order,
    column_name,
    column_names,
    refuse_beside_arrays,
    refuse_text,
    refuse_two_kinds,
    refuse_weights,
    text_options,
    texts,
)
from xentcli.api.parameters import InputArguments, PolicyArguments, arguments_in
from xentcli.columns.columns import ColumnSpec
from xentcli.core.batch import Policy
from xentcli.errors import RequestError
from xentcli.sources.source import TextOptions
from xentcli.wording import brief_repr


def spec_of(asked: SimpleNamespace) -> ColumnSpec:
    """The columns that are named; `asked` may lack what its function does not take."""
    has = vars(asked).get
    return ColumnSpec(
        label=column_name("label", asked.label),
        prob=column_names("prob", asked.prob),
        logit=column_names("logit", asked.logit),
        logprob=column_names("logprob", asked.logprob),
        target=column_names("target", has("target", ())),
        target_logit=column_names("target_logit", has("target_logit", ())),
        classes=classes_in_order(asked.classes),
        classes_in=column_name("classes_in", asked.classes_in),
        positive=None if asked.positive is None else name_text("positive", asked.positive),
        predicted=column_name("predicted", has("predicted")),
        weight=column_name("weight", has("weight")),
        class_column=column_name("class_column", has("class_column")),
        multilabel=bool(has("multilabel")),
        bytes=column_name("bytes", has("bytes")),
        where=texts("where", has("where", ())),
        doc=column_name("doc", has("doc")),
        log_base=base_of_logarithms(asked.log_base),
        by=column_names("by", has("by", ())),
        bins=bin_edges(has("bins") or {}),
        cluster=column_name("cluster", has("cluster")),
        fold=has("fold"),
        show=column_names("show", has("show", ())),
        na=class_names("na", asked.na),
    )


def inputs_of(data: Any, asked: SimpleNamespace, *, names_rows: bool = False) -> InputRequest:
    """What `data` and the arguments about it ask for; where `on` `names_rows` anyway, it needs no file to join."""
    request, name = without_data(asked), vars(asked).get("name")
    refuse_no_name(data, name)
    given = scores_of(asked)
    if given:
        refuse_beside_arrays(list(given), request.spec, request.text, joined_by(request))
        return with_arrays(request, data, given, asked.weights, name)
    refuse_weights(asked.weights)
    request = with_data(request, data, name)
    if request.tables and request.labels is None:
        refuse_text(request.text)
    return replace(request, on=None) if names_rows and request.labels is None else request


def without_data(asked: SimpleNamespace) -> InputRequest:
    """All that the arguments say of inputs."""
    spec = spec_of(asked)
    text = text_of(asked, spec)
    on, given = column_name("on", asked.on), frozenset(_options(asked))
    return InputRequest((), spec, text, asked.labels, on, asked.allow_extra, given=given)


def text_of(asked: SimpleNamespace, spec: ColumnSpec) -> TextOptions:
    """How text is read."""
    return text_options(
        asked.delimiter,
        asked.decimal,
        asked.header,
        asked.input_format,
        asked.comment,
        asked.skip_lines,
        spec.na,
    )


def _options(asked: SimpleNamespace) -> Iterator[str]:
    """The options that the given arguments stand for, so that one without effect is refused."""
    for group in (InputArguments, PolicyArguments):
        for name, argument in arguments_in(group).items():
            value = vars(asked).get(name, argument.default)
            plain = value is None or isinstance(value, str | Real)
            if not (plain and value in (None, argument.default)):
                yield "--no-header" if name == "header" else f"--{name.replace('_', '-')}"


def pair_of(base: Any, new: Any, asked: SimpleNamespace) -> tuple[InputRequest, InputRequest]:
    """BASE and NEW, each of which may be a file, a table, or labels with scores in memory."""
    request = without_data(asked)
    of_base, of_new = scores_of(asked, "base_"), scores_of(asked)
    refuse_two_kinds([*of_base], "base_")
    refuse_two_kinds([*of_new])
    if of_base and of_new:
        refuse_beside_arrays([*of_new], request.spec, request.text, joined_by(request))
    elif not of_base and not of_new:
        refuse_weights(asked.weights)
    if new is None:
        new = base
    base_spec = base_columns(asked, replace(request.spec, by=(), bins=(), cluster=None))
    found = []
    for name, data, given, spec in (("base", base, of_base, base_spec), ("new", new, of_new, request.spec)):
        if given:
            own = ColumnSpec(classes=spec.classes, positive=spec.positive, na=spec.na)
            side = InputRequest((), own, request.text, given=request.given)
            found.append(with_arrays(side, data, given, asked.weights))
            continue
        side = _table_or_files(replace(request, spec=spec), data, None if new is base else name)
        found.append(replace(side, on=None) if side.labels is None else side)
    if request.labels is None and all(side.tables for side in found):
        refuse_text(request.text)
    return found[0], found[1]


def _table_or_files(request: InputRequest, data: Any, name: str | None) -> InputRequest:
    """A side without scores in memory; labels by themselves are told what to write for two models."""
    try:
        return with_data(request, data, name)
    except RequestError as error:
        if error.code == "data":
            error.hint = "compare(y, base_probs=P, probs=Q) compares arrays, with the labels first"
        raise


def base_columns(asked: SimpleNamespace, spec: ColumnSpec) -> ColumnSpec:
    """With the score columns of BASE, if they have names of their own."""
    names = ("prob", "logit", "logprob")
    own: dict[str, Any] = {name: column_names(f"base_{name}", getattr(asked, f"base_{name}")) for name in names}
    return replace(spec, **own) if any(own.values()) else spec


def scores_of(asked: SimpleNamespace, whose: str = "") -> dict[str, Any]:
    """The arrays of scores that are given, by their kinds in a `ColumnSpec`."""
    found = {kind: getattr(asked, f"{whose}{name}") for kind, name in ARRAYS.items()}
    return {kind: values for kind, values in found.items() if values is not None}


def joined_by(request: InputRequest) -> list[str]:
    """The arguments that join a file of labels."""
    return [name for name in ("labels", "on", "allow_extra") if getattr(request, name)]


def with_arrays(
    request: InputRequest, labels: Any, given: Mapping[str, Any], weights: Any, name: str | None = None
) -> InputRequest:
    """With the labels, scores and weights of arrays, under a name."""
    from xentcli.api.frames import of_arrays

    source, spec = of_arrays(labels, given, weights, request.spec, name)
    return replace(request, spec=spec, tables=(source,))


def refuse_no_name(data: Any, name: Any) -> None:
    """Raise a `RequestError` unless `name` is None, or the name of data in memory."""
    if name is None:
        return
    if not isinstance(name, str) or not name:
        raise RequestError("name", f"name= is a text, not {brief_repr(name)}")
    name_text("name", name)
    if isinstance(data, str | os.PathLike) or are_paths(data):
        raise RequestError("name", "name= is of a table in memory; files go by their own names")


def with_data(request: InputRequest, data: Any, name: str | None = None) -> InputRequest:
    """With the paths that are given, or the table, which is called by its `name`."""
    if isinstance(data, str | os.PathLike):
        return replace(request, paths=(data,))
    if are_paths(data):
        return replace(request, paths=tuple(data))
    from xentcli.api.frames import of_table

    return replace(request, tables=(of_table(data, name),))


def are_paths(data: object) -> bool:
    """Whether these are several paths."""
    return isinstance(data, list | tuple) and bool(data) and all(isinstance(x, str | os.PathLike) for x in data)


def policy_of(asked: SimpleNamespace) -> Policy:
    """What is done to the predictions."""
    return policy(
        vars(asked).get("clip"),
        asked.normalize,
        asked.sum_tolerance,
        asked.missing,
        class_names("ignore_label", asked.ignore_label),
        asked.class_weight or {},
        vars(asked).get("label_smoothing", 0.0),
        vars(asked).get("ordinal", False),
    )


def engine_of(asked: SimpleNamespace) -> EngineRequest:
    """Where to score."""
    return EngineRequest(asked.engine, asked.scheduler, asked.threads)
