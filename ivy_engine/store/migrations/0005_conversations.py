"""Open questions, consents with their history, preferences, safety holds; what messages wait for, and who is due for which."""

STATEMENTS = (
    "ALTER TABLE message ADD COLUMN expires_at INTEGER",
    "ALTER TABLE message ADD COLUMN counted_on TEXT",
    "ALTER TABLE message ADD COLUMN asks_about TEXT",
    "ALTER TABLE message ADD COLUMN check_at INTEGER",
    "ALTER TABLE message ADD COLUMN any_hour INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX message_check ON message (check_at) WHERE check_at IS NOT NULL",
    "CREATE INDEX message_counted ON message (member_id, counted_on) WHERE counted_on IS NOT NULL",
    """CREATE TABLE question (
         id TEXT PRIMARY KEY, member_id TEXT NOT NULL REFERENCES member(id), kind TEXT NOT NULL, workout_id TEXT, about TEXT,
         asked_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, closed_at INTEGER
       ) WITHOUT ROWID""",
    "CREATE INDEX question_open ON question (member_id, asked_at) WHERE closed_at IS NULL",
    """CREATE TABLE consent (
         id TEXT PRIMARY KEY, member_id TEXT NOT NULL REFERENCES member(id), kind TEXT NOT NULL, granted INTEGER NOT NULL,
         source TEXT NOT NULL, text_version TEXT NOT NULL, at INTEGER NOT NULL
       ) WITHOUT ROWID""",
    "CREATE INDEX consent_member ON consent (member_id, kind, at, id)",
    "ALTER TABLE member ADD COLUMN preferences TEXT",
    "ALTER TABLE member ADD COLUMN hold_since INTEGER",
    "ALTER TABLE member ADD COLUMN hold_why TEXT",
    "ALTER TABLE member ADD COLUMN needs_follow_up INTEGER NOT NULL DEFAULT 0",
    # 0: look at everybody once, and see when their time comes
    *(
        statement
        for name in ("summary", "receipt", "pulse", "checkin", "bedtime")
        for statement in (
            f"ALTER TABLE member ADD COLUMN {name}_due_at INTEGER",
            f"UPDATE member SET {name}_due_at = 0 WHERE is_active",
            f"CREATE INDEX member_{name}_due ON member ({name}_due_at) WHERE {name}_due_at IS NOT NULL",
        )
    ),
    "ALTER TABLE workout ADD COLUMN check_due_at INTEGER",
    "CREATE INDEX workout_check_due ON workout (check_due_at) WHERE check_due_at IS NOT NULL",
)


def up(migrator, db):
    for statement in STATEMENTS:
        db.execute_sql(statement)
