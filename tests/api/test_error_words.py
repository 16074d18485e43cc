"""From the options that an error names to the arguments of the same meaning."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xentcli import score
from xentcli.api.error_words import in_arguments
from xentcli.api.parameters import CompareArguments, ScoreArguments, arguments_in
from xentcli.errors import RequestError
from xentcli.wording import typed

KNOWN = [*arguments_in(ScoreArguments), *arguments_in(CompareArguments)]


def translated(hint: str, *, arrays: bool = False) -> str:
    error = RequestError("code", "wrong", hint=hint)
    in_arguments(error, KNOWN, arrays=arrays)
    assert error.__notes__ == [f"hint: {error.hint}"]
    return error.hint or ""


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        ("--label y", 'label="y"'),
        ("--prob 'a b', or leave it out", 'prob="a b", or leave it out'),
        ("--class-column c --on id --label y", 'class_column="c", on="id", label="y"'),
        ("--target-logit a --target-logit b in place of --target takes their softmax",
         'target_logit=["a", "b"] in place of target= takes their softmax'),
        ("--skip-lines 3 --no-header reads the rows below", "skip_lines=3, header=False reads the rows below"),
        ("--classes no,yes if the labels count them", 'classes=["no", "yes"] if the labels count them'),
        ("--classes A,B,... gives the order", 'classes=["A", "B", ...] gives the order'),
        ("--normalize divides each row by its sum; --sum-tolerance X allows more",
         "normalize=True divides each row by its sum; sum_tolerance=X allows more"),
        ("--bins COL=0,18,65 slices", 'bins={"COL": [0,18,65]} slices'),
        ("--class-weight a=2,b=1", 'class_weight={"a": 2, "b": 1}'),
        ("a decimal comma? --decimal , reads it", 'a decimal comma? decimal="," reads it'),
        ("choose with --prob or --logit COL", 'choose with prob= or logit="COL"'),
        ("--require 'log_loss <= 0.35'", 'require="log_loss <= 0.35"'),
        ("--missing skip leaves such rows out", 'missing="skip" leaves such rows out'),
        ("--where split=test, or --where Usage!=Ignored", 'where="split=test", or where="Usage!=Ignored"'),
        ("did you mean --require 'rows >= 5'?", 'did you mean require="rows >= 5"?'),
        ("xent compare 'a b.csv' c.csv", 'compare("a b.csv", "c.csv")'),
        ("same? xent compare a b --labels 't u' --on id", 'same? compare("a", "b", labels="t u", on="id")'),
        ("xent rank a 'b c' d --labels t --on id", 'rank(["a", "b c", "d"], labels="t", on="id")'),
        ("all of them: xent rank a --model 'x y=p x' --model b=p --positive 1",
         'all of them: rank("a", models={"x y": "p x", "b": "p"}, positive="1")'),
        ("xent rank A B C finds it", "xent rank A B C finds it"),
        ("xent explain lists them all", "explain() lists them all"),
        ("--config FILE has it", "--config FILE has it"),
        ("lz4 -dc FILE | xent score -", "lz4 -dc FILE | xent score -"),
        ("a plain -- dash, and --no-such thing", "a plain -- dash, and --no-such thing"),
    ],
)  # fmt: skip
def test_hints(hint: str, expected: str) -> None:
    assert translated(hint) == expected


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("--label and --target exclude each other", "label= and target= exclude each other"),
        ("--clip 0.7 is not between 0 and 0.5", "clip=0.7 is not between 0 and 0.5"),
        ("--classes names 2 classes for 3 scores", "classes= names 2 classes for 3 scores"),
        ("--scheduler needs --engine dask", 'scheduler= needs engine="dask"'),
        ('--missing is "error" or "skip", not "x"', 'missing= is "error" or "skip", not "x"'),
        ("3 rows left out by --where", "3 rows left out by where="),
    ],
)
def test_messages(message: str, expected: str) -> None:
    error = RequestError("code", message)
    in_arguments(error, KNOWN)
    assert error.message == str(error) == expected
    assert not hasattr(error, "__notes__")


def test_scores_in_memory_are_arguments_of_their_own() -> None:
    assert translated("logits? --logit reads them", arrays=True) == "logits? logits= reads them"
    hint = "--prob CLASS=prob or --positive CLASS names it"
    assert translated(hint, arrays=True) == 'positive="CLASS" names it'


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1))
def test_any_name_that_is_quoted_comes_through(name: str) -> None:
    """A name that a shell takes as it is could also be the next word of the sentence."""
    hint = typed("--label", name)
    if "'" in hint and "\r" not in name:
        namespace: dict[str, str] = {}
        exec(translated(hint), namespace)
        assert namespace["label"] == name


def test_an_array_of_one_score_is_named_as_the_argument_it_is() -> None:
    with pytest.raises(RequestError) as refused:
        score(["a", "b"], probs=[0.2, 0.3])
    assert refused.value.message == "probs= does not say which class it is of"
