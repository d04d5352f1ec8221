"""`/api/users/me/preferences`: how and about what a member wants to be written to."""

from typing import Any

from ivy_engine.actions import preferences
from ivy_engine.web.endpoint import Asked


def own_preferences(asked: Asked) -> Any:
    """The own preferences.

    What was never chosen has its default.
    """
    return preferences.of_member(asked.ivy, asked.who.id)


def change_preferences(asked: Asked) -> Any:
    """Change the own preferences.

    What is named changes, the rest stays, and the answer is the whole. A kind that is switched off is not sent any more, what
    waits included; answers to one's own messages, sign-in mails and help always come.
    """
    return preferences.change(asked.ivy, asked.who.id, asked.body.changes())
