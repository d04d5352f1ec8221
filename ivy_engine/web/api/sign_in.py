"""`/api/auth`: a link by mail, spent for a token."""

from typing import Any

from ivy_engine.actions import inbound, profiles, sign_in
from ivy_engine.domain.errors import Invalid, Problem
from ivy_engine.web.endpoint import Asked

SENT = {"message": "If this address is registered, a sign-in link is on its way to it."}


def magic_link(asked: Asked) -> Any:
    inbound.link_requested(asked.ivy, asked.body.email)
    return SENT


def verify(asked: Asked) -> Any:
    body = asked.body
    if body.token:
        return sign_in.verify_token(asked.ivy, body.token, asked.user_agent)
    if body.email and body.code:
        return sign_in.verify_code(asked.ivy, body.email, body.code, asked.user_agent)
    raise Invalid(Problem("body.token", "send the token of the link, or email and code"))


def me(asked: Asked) -> Any:
    return profiles.profile(asked.ivy, asked.who.id)


def refresh(asked: Asked) -> Any:
    return sign_in.refresh(asked.ivy, asked.body.refresh_token)


def sign_out(asked: Asked) -> Any:
    sign_in.end_session(asked.ivy, asked.who, asked.who.session_id)
    return {"message": "You are signed out."}


def sessions(asked: Asked) -> Any:
    return sign_in.sessions(asked.ivy, asked.who)


def end_session(asked: Asked) -> Any:
    sign_in.end_session(asked.ivy, asked.who, asked.params["id"])
    return {"message": "That device is signed out."}
