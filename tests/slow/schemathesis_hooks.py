"""What schemathesis cannot know: what our formats look like, and how the one who asks is signed in."""

import hashlib
import os
import re
from datetime import date, datetime
from typing import Any

import httpx
import schemathesis
from hypothesis import strategies as st

URL, EMAIL = os.environ["IVY_FUZZED"], os.environ.get("IVY_FUZZED_AS")
ZONES = ("Europe/London", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati", "UTC")

schemathesis.openapi.format("iana-zone", st.sampled_from(ZONES))
schemathesis.openapi.format("phone", st.integers(0, 99_999).map(lambda number: f"+4477009{number:05}"))
schemathesis.openapi.format("email", st.from_regex(r"[a-z0-9]{1,20}@[a-z]{1,10}\.example", fullmatch=True))
schemathesis.openapi.format("language", st.sampled_from(("en-GB",)))
DATES = st.dates(date(2000, 1, 1), date(2199, 12, 31)).map(date.isoformat)
MOMENTS = st.datetimes(datetime(2000, 1, 2), datetime(2199, 12, 30)).map(lambda moment: f"{moment.isoformat()}Z")
schemathesis.openapi.format("date-or-date-time", DATES | MOMENTS)
schemathesis.openapi.format("date-time", MOMENTS)


def _signed_in() -> tuple[str, str]:
    """A token of the member who asks, by a link from the outbox, and their id."""
    with httpx.Client(base_url=URL, timeout=10) as client:
        client.post("/api/auth/magic-link", json={"email": EMAIL}).raise_for_status()
        [mail] = client.get("/simulator/outbox", params={"kind": "email", "to": EMAIL, "limit": 1}).json()["data"]
        found = client.post("/api/auth/verify", json={"token": mail["token"]}).raise_for_status().json()["data"]
    return found["accessToken"], found["user"]["id"]


CHARITY_ID = httpx.get(f"{URL}/api/donations/charities", timeout=10).json()["data"][0]["id"]
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_KEY = "Idempotency-Key"


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case, kwargs: dict[str, Any]) -> None:
    """Asks as a client would: a key belongs to one body, a tag was seen before, a charity is one of those there are.

    Left to chance, next to nothing would get past 412, IDEMPOTENCY_MISMATCH and "no such charity", which other tests have.
    """
    body = case.body if isinstance(case.body, dict) else {}
    for name, real in (("preferredCharityId", CHARITY_ID), ("charityId", CHARITY_ID), ("userId", MEMBER_ID)):
        if isinstance(body.get(name), str) and _UUID.fullmatch(body[name]):
            body[name] = real
    headers = case.headers
    if headers.get("If-Match") not in (None, "*"):
        del headers["If-Match"]
    key = headers.get(_KEY)
    if isinstance(key, str) and 0 < len(key) < 100:
        headers[_KEY] = f"{key}-{hashlib.sha256(repr(case.body).encode()).hexdigest()}"


@schemathesis.hook
def filter_case(context: schemathesis.HookContext, case: schemathesis.Case) -> bool:
    """Not the own account's end: nothing could be asked after it. And not what forms send and we take beyond the schema."""
    own = (case.path_parameters or {}).get("id") == MEMBER_ID
    if own and case.method == "DELETE" and case.operation.path == "/api/users/{id}":
        return False
    body = case.body if isinstance(case.body, dict) else {}
    return not any(isinstance(body.get(name), str) for name in TEXT_FROM_FORMS)


TEXT_FROM_FORMS = ("callFrequency", "weeklyGoal", "duration", "actualDuration", "preferredDays")
MEMBER_ID = ""
if EMAIL:
    _, MEMBER_ID = _signed_in()

    @schemathesis.auth(refresh_interval=None)
    class Session:
        """One session for all requests, until one of them ends it."""

        token: str | None = None

        def get(self, case: schemathesis.Case, context: schemathesis.AuthContext) -> str:
            if Session.token is None:
                Session.token, _ = _signed_in()
            return Session.token

        def set(self, case: schemathesis.Case, data: str, context: schemathesis.AuthContext) -> None:
            case.headers["Authorization"] = f"Bearer {data}"

    @schemathesis.hook
    def after_call(context: schemathesis.HookContext, case: schemathesis.Case, response: schemathesis.Response) -> None:
        ended = response.status_code == 401 or case.operation.path.startswith(("/api/auth/logout", "/api/auth/sessions/"))
        if ended:
            Session.token = None
