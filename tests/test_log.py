"""The log: one line per event, JSON or plain, with the request's id and without anybody's phone or e-mail (R-160)."""

import json
import logging

import pytest

from ivy_engine.log import JsonLine, PlainLine, masked, request_id


def record(message: str, *values: object) -> logging.LogRecord:
    return logging.LogRecord("ivy", logging.INFO, __file__, 1, message, values, None)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("sent to ana.li+x@example.co.uk twice", "sent to <e-mail> twice"),
        ("to +447700900101, now", "to <phone>, now"),
        ("to +44 (0) 7700-900101", "to <phone>"),
        ("from 447700900101", "from <phone>"),
        ("call 0199a1b2-1234-7abc-8def-0123456789ab ended", "call 0199a1b2-1234-7abc-8def-0123456789ab ended"),
        ("at 2026-11-24T22:10:00Z after 45 s", "at 2026-11-24T22:10:00Z after 45 s"),
    ],
)
def test_phones_and_addresses_are_masked_and_ids_are_not(text: str, clean: str) -> None:
    assert masked(text) == clean


def test_a_json_line_names_its_request() -> None:
    token = request_id.set("abc-1")
    try:
        line = json.loads(JsonLine().format(record("%s wrote", "ana@example.com")))
        plain = PlainLine().format(record("%s wrote", "ana@example.com"))
    finally:
        request_id.reset(token)
    assert (line["message"], line["level"], line["requestId"]) == ("<e-mail> wrote", "INFO", "abc-1")
    assert plain.endswith("<e-mail> wrote [abc-1]")


def test_a_traceback_is_one_event_and_masked() -> None:
    try:
        raise ValueError("+447700900101")
    except ValueError as error:
        failed = record("failed")
        failed.exc_info = (ValueError, error, error.__traceback__)
    text = JsonLine().format(failed)
    assert len(text.splitlines()) == 1
    assert "ValueError" in text
    assert "7700900101" not in text
