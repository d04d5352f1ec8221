"""Why dialling has stopped and for how long in a row, the call that tries again, outcomes that an operator has set."""

STATEMENTS = (
    "ALTER TABLE dialling ADD COLUMN halted_at INTEGER",
    "ALTER TABLE dialling ADD COLUMN waits INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE dialling ADD COLUMN probe_id TEXT",
    # what stood here was a reason of the provider's, not one of the two kinds of halt
    "UPDATE dialling SET why = CASE WHEN halted_until IS NULL THEN NULL ELSE 'account' END, halted_at = halted_until",
    "CREATE INDEX member_operator ON member (id) WHERE role = 'superadmin'",
    "ALTER TABLE call ADD COLUMN outcome_known INTEGER NOT NULL DEFAULT 0",
)


def up(migrator, db):
    for statement in STATEMENTS:
        db.execute_sql(statement)
