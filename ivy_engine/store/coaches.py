"""Which coach looks after which member."""

from peewee import CompositeKey, TextField

from ivy_engine.store.db import Instant, Table


class CoachAssignment(Table):
    coach_id = TextField()
    member_id = TextField()
    created_at = Instant()

    class Meta:
        primary_key = CompositeKey("coach_id", "member_id")
