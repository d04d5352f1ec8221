"""The links of mails: to the page where one chooses what one gets, and to switching a kind of mail off at once (RFC 8058).

Their token is the right: they work signed out, and as long as the account does. Nothing is switched off by opening one.
"""

from collections.abc import Collection

from ivy_engine.actions import preferences
from ivy_engine.domain.errors import InvalidLink
from ivy_engine.domain.preferences import VOLUNTARY, Preferences
from ivy_engine.engine import Ivy
from ivy_engine.keys import BadToken
from ivy_engine.store import members as member_rows

PAGE, UNSUBSCRIBE = "preferences", "unsubscribe"
_REFUSED = "This link is not complete, or its account is closed. Please open it once more from the mail."


def page(ivy: Ivy, member_id: str) -> str:
    """The address of a member's preference page."""
    return f"{ivy.settings.public_url}/preferences?token={ivy.keys.sign_link(PAGE, member_id)}"


def one_click(ivy: Ivy, member_id: str, kind: str) -> str:
    """The address that switches off a voluntary kind of mail when it is posted to."""
    return f"{ivy.settings.public_url}/unsubscribe?token={ivy.keys.sign_link(UNSUBSCRIBE, member_id, kind)}"


def chosen(ivy: Ivy, token: str) -> Preferences:
    """What the member of a preference page has chosen; 400 INVALID_LINK for a token that is not ours."""
    return preferences.of_member(ivy, _member_of(ivy, PAGE, token))


def choose(ivy: Ivy, token: str, wanted: Collection[str]) -> None:
    """Switch the wanted kinds on and all others off."""
    preferences.change(ivy, _member_of(ivy, PAGE, token), {kind: kind in wanted for kind in VOLUNTARY})


def switch_off(ivy: Ivy, token: str) -> str:
    """Switch off the kind of a mail's one-click link; which one it was."""
    member_id, kind = _said(ivy, UNSUBSCRIBE, token)
    preferences.change(ivy, member_id, {kind: False})
    return kind


def page_instead(ivy: Ivy, token: str) -> str:
    """The address of the preference page for somebody who has opened a one-click link."""
    return page(ivy, _member_of(ivy, UNSUBSCRIBE, token))


def _member_of(ivy: Ivy, purpose: str, token: str) -> str:
    return _said(ivy, purpose, token)[0]


def _said(ivy: Ivy, purpose: str, token: str) -> list[str]:
    try:
        says = ivy.keys.read_link(purpose, token)
    except BadToken:
        raise InvalidLink(_REFUSED) from None
    with ivy.db.read():
        member = member_rows.by_id(says[0])
    if member is None or not member.is_active:
        raise InvalidLink(_REFUSED)
    return says
