"""`/api/auth`: a link by mail, spent for a token."""

from typing import Any

from ivy_engine.actions import profiles, sign_in
from ivy_engine.actions.inbound import events as inbound
from ivy_engine.domain.errors import Invalid, Problem
from ivy_engine.web.endpoint import Asked

SENT = {"message": "If this address is registered, a sign-in link is on its way to it."}


def magic_link(asked: Asked) -> Any:
    """Ask for a sign-in link.

    The same answer for every address, known or not (C-29).
    """
    inbound.link_requested(asked.ivy, asked.body.email)
    return SENT


def verify(asked: Asked) -> Any:
    """Sign in.

    With the token of the link, or with e-mail and code. Works once, for 15 minutes.
    """
    body = asked.body
    if body.token:
        return sign_in.verify_token(asked.ivy, body.token, asked.user_agent)
    if body.email and body.code:
        return sign_in.verify_code(asked.ivy, body.email, body.code, asked.user_agent)
    raise Invalid(Problem("body.token", "send the token of the link, or email and code"))


def me(asked: Asked) -> Any:
    """Who is signed in.

    The whole profile.
    """
    return profiles.profile(asked.ivy, asked.who.id)


def refresh(asked: Asked) -> Any:
    """The next pair of tokens.

    A refresh token works once; a spent one ends its session (C-40).
    """
    return sign_in.refresh(asked.ivy, asked.body.refresh_token)


def sign_out(asked: Asked) -> Any:
    """Sign out.

    Ends this session.
    """
    sign_in.end_session(asked.ivy, asked.who, asked.who.session_id)
    return {"message": "You are signed out."}


def sessions(asked: Asked) -> Any:
    """The devices that are signed in."""
    return sign_in.sessions(asked.ivy, asked.who)


def end_session(asked: Asked) -> Any:
    """Sign a device out."""
    sign_in.end_session(asked.ivy, asked.who, asked.params["id"])
    return {"message": "That device is signed out."}
