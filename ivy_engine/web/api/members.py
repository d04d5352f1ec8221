"""`/api/users`: sign-up, profiles, onboarding, the end of a membership."""

from typing import Any

from ivy_engine.actions import members, profiles
from ivy_engine.web.endpoint import Asked


def sign_up(asked: Asked) -> Any:
    """Sign up.

    Sends a mail that signs in. 409 when the address or the phone is taken (R-1 to R-8).
    """
    return members.sign_up(asked.ivy, **asked.body.model_dump())


def mine(asked: Asked) -> Any:
    """The own profile."""
    return profiles.profile(asked.ivy, asked.who.id)


def change(asked: Asked) -> Any:
    """Change the own profile.

    Only what is named changes; protected fields (e-mail, role, tier) are ignored. Calls are planned anew (R-97).
    """
    return members.update(asked.ivy, asked.actor, asked.who.id, asked.body.changes())


def onboard(asked: Asked) -> Any:
    """Complete the onboarding.

    With any field of the profile beside it; a second time changes nothing (R-10).
    """
    return members.onboard(asked.ivy, asked.who.id, asked.body.changes())


def one(asked: Asked) -> Any:
    """Somebody's profile.

    One's own, or with a role that sees it; that is written down (R-167).
    """
    return profiles.profile_for(asked.ivy, asked.actor, asked.params["id"])


def change_one(asked: Asked) -> Any:
    """Change somebody's profile.

    One's own, or as an operator.
    """
    return members.update(asked.ivy, asked.actor, asked.params["id"], asked.body.changes())


def deactivate(asked: Asked) -> Any:
    """Close an account.

    One's own, or as an operator. Sessions end, calls and messages stop.
    """
    user = members.deactivate(asked.ivy, asked.actor, asked.params["id"])
    return {"message": "This account is closed.", "user": user}
