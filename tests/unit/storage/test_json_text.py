"""Serialized JSON, and how the MySQL driver quotes it."""

import json

from hypothesis import given
from hypothesis import strategies as st
from pymysql.converters import escape_string

from storage.json_text import JsonText, to_json_text


@given(st.text())
def test_json_text_is_escaped_as_any_other_text(text: str) -> None:
    assert escape_string(JsonText(text)) == escape_string(text)


def test_json_text_is_escaped_with_every_character_that_the_driver_escapes() -> None:
    text = "".join(map(chr, range(256))) * 2
    assert escape_string(JsonText(text)) == escape_string(text)


def test_to_json_text_serializes_once() -> None:
    text = to_json_text({"a": [1.5, "'"]})
    assert json.loads(text) == {"a": [1.5, "'"]}
    assert to_json_text(text) is text
