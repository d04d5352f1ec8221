"""`/api/users`: sign-up, the own profile, onboarding."""

from typing import Any

from ivy_engine.actions import members, profiles
from ivy_engine.web.endpoint import Asked


def sign_up(asked: Asked) -> Any:
    return members.sign_up(asked.ivy, **asked.body.model_dump())


def mine(asked: Asked) -> Any:
    return profiles.profile(asked.ivy, asked.who.id)


def change(asked: Asked) -> Any:
    return members.update(asked.ivy, asked.who.id, asked.body.changes())


def onboard(asked: Asked) -> Any:
    return members.onboard(asked.ivy, asked.who.id, asked.body.changes())
