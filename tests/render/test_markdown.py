"""Markdown shows every string as it is, with as few signs added as that takes."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from xentcli.render.markdown import escape

GITHUB = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
SIGNS = st.sampled_from([*"\\`*_~[]()<>&#+-=.!|:{}'\"1a é ", "www.", "http://", "<b>", "&lt;", "1. ", "# ", "---"])


@given(st.lists(SIGNS, max_size=20).map("".join))
def test_a_string_is_shown_as_it_is(text: str) -> None:
    """In a paragraph, a heading, an item of a list, strong text, and a cell of a table."""
    escaped = escape(text)
    shown = " ".join(text.split())
    for page in (escaped, f"### {escaped}", f"1. {escaped}", f"> a: {escaped}", f"a {escaped} b"):
        found = GITHUB.render(page)
        assert not re.search(r"<(?!/?(p|h3|ol|li|blockquote)\b)", found), (page, found)
        words = " ".join(html.unescape(re.sub("<[^>]*>", "", found)).split())
        assert shown in words


@pytest.mark.parametrize(
    "text",
    ["prob_malignant", "1 - p", "0.1399 nats (95 %: 0.08 to 0.2)", "log_loss <= 0.5", "a.csv, b-c.csv", "50 * 2"],
)
def test_a_plain_string_stays_readable(text: str) -> None:
    assert escape(text) == text


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("*a*", r"\*a\*"),
        ("_a_", r"\_a\_"),
        ("<b>", "&lt;b>"),
        ("@team", "&#64;team"),
        ("[a](b)", r"[a\](b)"),
        ("[x] a", r"\[x] a"),
        ("---", r"\---"),
        ("x [a](b)", r"x [a\](b)"),
        ("# a #", r"\# a \#"),
        ("- a", r"\- a"),
        ("1. a", r"1\. a"),
        ("a|b", r"a\|b"),
        ("http://a.b", r"http\://a.b"),
        ("www.a.b", r"www\.a.b"),
    ],
)
def test_what_would_be_markup_is_escaped(text: str, escaped: str) -> None:
    assert escape(text) == escaped
