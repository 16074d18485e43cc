"""Strings of the input, where a terminal, a build log or a parser reads them."""

from __future__ import annotations

import json

import pytest

from xentcli.render.json import document
from xentcli.render.text import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error::cat", "\\x3a:error::cat"),
        ("\t ::add-mask::cat", "\\t \\x3a:add-mask::cat"),
        ("a::error::cat", "a::error::cat"),  # the runner looks at the start of a line only
        ("##[error]cat", "\\x23#[error]cat"),
        ("a ##[add-mask]cat ##[error]", "a \\x23#[add-mask]cat \\x23#[error]"),  # and here anywhere in it
        ("a ##vso[task.complete]", "a \\x23#vso[task.complete]"),
        ("# #[ ##", "# #[ ##"),
    ],
)
def test_what_a_build_log_obeys_is_written_out(text: str, shown: str) -> None:
    """ActionCommand.cs of actions/runner: `TryParseV2` trims and looks at the start, `TryParse` uses IndexOf."""
    assert visible(text) == shown


def test_json_is_exact_and_no_command() -> None:
    names = ["a ##[error]cat", "##vso[task.complete]", "::error::cat", "#"]
    text = document(names)
    assert json.loads(text) == names
    assert "##[" not in text
    assert "##vso[" not in text
