"""Transformation scores and life markers (R-70, R-74)."""

from peewee import IntegerField, TextField

from ivy_engine.store.db import Encrypted, Instant, Table


class Score(Table):
    id = TextField(primary_key=True)
    member_id = TextField()
    energy = IntegerField(null=True)
    mood = IntegerField(null=True)
    health_confidence = IntegerField(null=True)
    week_number = IntegerField()
    notes = Encrypted(null=True)
    created_at = Instant()


class LifeMarker(Table):
    id = TextField(primary_key=True)
    member_id = TextField()
    marker = Encrypted()
    category = TextField()
    significance = TextField()
    created_at = Instant()
