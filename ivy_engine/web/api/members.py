"""`/api/users`: sign-up, profiles, onboarding, the end of a membership."""

from typing import Any

from ivy_engine.actions import members, profiles
from ivy_engine.web.endpoint import Asked


def sign_up(asked: Asked) -> Any:
    return members.sign_up(asked.ivy, **asked.body.model_dump())


def mine(asked: Asked) -> Any:
    return profiles.profile(asked.ivy, asked.who.id)


def change(asked: Asked) -> Any:
    return members.update(asked.ivy, asked.actor, asked.who.id, asked.body.changes())


def onboard(asked: Asked) -> Any:
    return members.onboard(asked.ivy, asked.who.id, asked.body.changes())


def one(asked: Asked) -> Any:
    return profiles.profile_for(asked.ivy, asked.actor, asked.params["id"])


def change_one(asked: Asked) -> Any:
    return members.update(asked.ivy, asked.actor, asked.params["id"], asked.body.changes())


def deactivate(asked: Asked) -> Any:
    user = members.deactivate(asked.ivy, asked.actor, asked.params["id"])
    return {"message": "This account is closed.", "user": user}
