"""Who a member is and whether they may be called (R-2 to R-4, R-12, R-15, R-22, R-91, R-120, D-4)."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ivy_engine.domain import members
from ivy_engine.domain.errors import Invalid

STEADY = settings(derandomize=True, deadline=None, max_examples=150)
NOW = datetime(2026, 5, 4, 8, tzinfo=UTC)


@pytest.mark.parametrize("text", ["Ana@Example.com", "  ANA@example.COM\n", "ana@example.com"])
def test_an_email_is_trimmed_and_in_lower_case(text: str) -> None:
    """R-2, S-1."""
    assert members.normal_email(text) == "ana@example.com"


@pytest.mark.parametrize(
    "text", ["x", "", "@example.com", "ana@", "ana@example", "ana li@example.com", "a@b@c.org", "ana@example..com", "a\n@b.org"]
)
def test_what_is_no_email(text: str) -> None:
    """S-2."""
    with pytest.raises(Invalid, match=r"body\.email"):
        members.normal_email(text)


def test_an_email_has_at_most_254_characters() -> None:
    assert members.normal_email("a" * 242 + "@example.com")
    with pytest.raises(Invalid):
        members.normal_email("a" * 243 + "@example.com")


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("+447700900101", "+447700900101"),
        ("+44 20 7946 0018", "+442079460018"),
        ("+1 (212) 555-0143", "+12125550143"),
        ("  +44-7700-900101 ", "+447700900101"),
        ("", None),
        ("   ", None),
        (None, None),
    ],
)
def test_a_phone_is_kept_as_e164(text: str | None, phone: str | None) -> None:
    """R-3: empty text means none."""
    assert members.normal_phone(text) == phone


@pytest.mark.parametrize("text", ["07700900003", "+44", "+999123456789", "12", "call me", "+", "-", "()", "+4477009001012345678"])
def test_what_is_no_international_number(text: str) -> None:
    """R-3, S-2: 422."""
    with pytest.raises(Invalid, match=r"body\.phone"):
        members.normal_phone(text)


@STEADY
@given(st.text(max_size=30) | st.from_regex(r"\+?[\d ()x.-]{0,25}", fullmatch=True))
def test_a_phone_is_e164_or_none_or_refused(text: str) -> None:
    """R-3: whatever was typed, only E.164 is stored."""
    try:
        phone = members.normal_phone(text)
    except Invalid:
        return
    assert phone is None or re.fullmatch(r"\+[1-9][0-9]{3,16}", phone)


def test_a_zone_is_one_of_the_iana_database() -> None:
    """R-4, S-2."""
    assert members.check_zone("Asia/Kathmandu") == "Asia/Kathmandu"
    with pytest.raises(Invalid, match=r"body\.timezone"):
        members.check_zone("Mars/Base")


@pytest.mark.parametrize(
    ("text", "stored"),
    [("7:05", "07:05"), ("07:05", "07:05"), (" 23:59 ", "23:59"), ("0:00", "00:00"), ("", None), ("  ", None), (None, None)],
)
def test_a_time_of_day_is_padded(text: str | None, stored: str | None) -> None:
    """R-22."""
    assert members.normal_time("plannedTime", text) == stored


@pytest.mark.parametrize("text", ["24:00", "7:60", "7", "7:5", "07:05:00", "7.05", "-1:00", "noon", "007:05"])
def test_what_is_no_time_of_day(text: str) -> None:
    with pytest.raises(Invalid, match=r"body\.plannedTime"):
        members.normal_time("plannedTime", text)


@STEADY
@given(st.text(max_size=8) | st.from_regex(r"\d{1,2}:\d{2}", fullmatch=True))
@example("٧:٠٥")
def test_a_stored_time_is_always_hh_mm(text: str) -> None:
    """R-22: in plain digits, whatever digits were typed."""
    try:
        stored = members.normal_time("plannedTime", text)
    except Invalid:
        return
    assert stored is None or re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", stored)


@pytest.mark.parametrize(
    ("given_days", "stored"),
    [
        (["friday", "Monday", " MONDAY "], ("monday", "friday")),
        ('["wednesday", "monday"]', ("monday", "wednesday")),
        ("sunday", ("sunday",)),
        (["sunday"], ("sunday",)),
        (list(members.WEEKDAYS), members.WEEKDAYS),
        ([], None),
        ("[]", None),
        ("", None),
        (None, None),
    ],
)
def test_preferred_days_are_lower_case_and_monday_first(given_days: object, stored: tuple[str, ...] | None) -> None:
    """RULEBOOK 7.2 #6: a list, or JSON-array text."""
    assert members.normal_days(given_days) == stored


@pytest.mark.parametrize(
    "given_days",
    [
        ["mon"],
        "lundi",
        '["monday", 3]',
        [["monday"]],
        '{"monday": true}',
        "7",
        [None],
        '["monday"',
        pytest.param("[" * 100_000, id="nested deeply"),
    ],
)
def test_what_is_no_list_of_weekdays(given_days: object) -> None:
    """RULEBOOK 7.2 #6: 422 for everything else, however strange."""
    with pytest.raises(Invalid, match=r"body\.preferredDays"):
        members.normal_days(given_days)


def test_preferred_days_are_returned_as_json_text() -> None:
    assert members.days_text(("monday", "friday")) == '["monday", "friday"]'
    assert members.days_text(None) is None


CALLABLE = members.Standing(
    is_active=True,
    is_onboarded=True,
    subscription_status="active",
    past_due_since=None,
    has_phone=True,
    call_consent=True,
    message_consent=True,
    status="active",
    keep_structure=False,
    communication_preference="calls",
)


def test_who_may_be_called() -> None:
    """R-91; a cancelled subscription is no bar (D-4), nor is a mixed preference."""
    assert members.callable_now(CALLABLE, NOW)
    assert members.callable_now(replace(CALLABLE, subscription_status="cancelled"), NOW)
    assert members.callable_now(replace(CALLABLE, communication_preference="mixed"), NOW)


@pytest.mark.parametrize(
    "bar",
    [
        {"is_active": False},
        {"is_onboarded": False},
        {"subscription_status": "paused"},
        {"has_phone": False},
        {"call_consent": False},
        {"call_consent": None},
        {"status": "paused"},
        {"status": "sick"},
        {"communication_preference": "async"},
    ],
    ids=str,
)
def test_who_may_not_be_called(bar: dict[str, object]) -> None:
    """R-91, R-12, R-120: one thing is enough."""
    assert not members.callable_now(replace(CALLABLE, **bar), NOW)


@pytest.mark.parametrize(
    ("days_due", "usable"), [(timedelta(), True), (timedelta(days=7), True), (timedelta(days=7, milliseconds=1), False)]
)
def test_a_late_payment_has_seven_days_of_grace(days_due: timedelta, usable: bool) -> None:
    """R-15, D-4."""
    assert members.subscription_usable("past_due", NOW - days_due, NOW) is usable


@pytest.mark.parametrize(("status", "usable"), [("active", True), ("cancelled", True), ("paused", False)])
def test_what_a_subscription_status_bars(status: str, usable: bool) -> None:
    assert members.subscription_usable(status, None, NOW) is usable


@pytest.mark.parametrize(
    "bar", [{"is_active": False}, {"has_phone": False}, {"message_consent": False}, {"message_consent": None}], ids=str
)
def test_who_may_not_be_written_to(bar: dict[str, object]) -> None:
    """R-120: no automatic message without consent."""
    assert members.messageable(CALLABLE)
    assert not members.messageable(replace(CALLABLE, **bar))


@pytest.mark.parametrize(
    ("given_consents", "onboarded", "phone", "strict", "after"),
    [
        ((None, None), True, True, False, (True, True)),
        ((False, None), True, True, False, (False, True)),
        ((None, False), True, True, False, (True, False)),
        ((True, True), True, True, True, (True, True)),
        ((None, None), True, True, True, (None, None)),
        ((None, None), False, True, False, (None, None)),
        ((None, None), True, False, False, (None, None)),
        ((False, True), False, False, True, (False, True)),
    ],
)
def test_consent_after_onboarding(
    given_consents: tuple[bool | None, bool | None],
    onboarded: bool,
    phone: bool,
    strict: bool,
    after: tuple[bool | None, bool | None],
) -> None:
    """R-120: silence is consent only after onboarding with a phone, and never with the strict setting."""
    assert members.consents_after(given_consents, onboarded, phone, strict) == after
