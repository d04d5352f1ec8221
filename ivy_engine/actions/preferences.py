"""What a member has chosen about messages (RULEBOOK 7.3): the channel, the language, which kinds, a bedtime."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ivy_engine.actions import rhythms
from ivy_engine.domain import members, preferences
from ivy_engine.domain.errors import invalid
from ivy_engine.domain.preferences import Preferences
from ivy_engine.engine import Ivy
from ivy_engine.store import members as member_rows
from ivy_engine.store.members import Member
from ivy_engine.wording import templates


def of_member(ivy: Ivy, member_id: str) -> Preferences:
    with ivy.db.read():
        return preferences.read(member_rows.existing(member_id).preferences)


def change(ivy: Ivy, member_id: str, changes: Mapping[str, Any]) -> Preferences:
    """Change what is named; 422 for what cannot be chosen. A kind that is switched off is not sent, what waits included."""
    with ivy.db.write():
        member = member_rows.existing(member_id)
        chosen = replace(preferences.read(member.preferences), **_fit(changes))
        _save(ivy, member, chosen)
        return chosen


def _fit(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is left as it is by null; only the bedtime can be none."""
    fit = {name: value for name, value in changes.items() if value is not None or name == "bedtime"}
    if "channel" in fit:
        preferences.check_channel(fit["channel"])
    if "language" in fit:
        check_language(fit["language"])
    if "bedtime" in fit:
        fit["bedtime"] = members.normal_time("bedtime", fit["bedtime"])
    return fit


def check_language(language: str) -> str:
    """422 unless messages are written in it."""
    if language not in templates.languages():
        raise invalid("language", f"use one of {', '.join(templates.languages())}")
    return language


def _save(ivy: Ivy, member: Member, chosen: Preferences) -> None:
    now, before = ivy.clock.now(), preferences.read(member.preferences)
    if chosen == before:
        return
    member.preferences, member.updated_at = preferences.stored(chosen), now
    if chosen.bedtime != before.bedtime:
        rhythms.follow_bedtime(member, now)
    member_rows.save(member)
