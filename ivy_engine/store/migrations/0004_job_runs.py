"""What jobs did last, and what finds the rows that failed or are finished."""

STATEMENTS = (
    """CREATE TABLE job_run (
         name TEXT PRIMARY KEY, started_at INTEGER NOT NULL, finished_at INTEGER NOT NULL, changed INTEGER NOT NULL,
         error TEXT, seconds REAL NOT NULL
       ) WITHOUT ROWID""",
    "CREATE INDEX call_failed ON call (scheduled_at, id) WHERE status = 'FAILED'",
    "CREATE INDEX message_failed ON message (created_at, id) WHERE status = 'FAILED'",
    """CREATE INDEX message_finished ON message (created_at)
         WHERE direction = 'OUTBOUND' AND status IN ('SENT', 'DELIVERED', 'READ')""",
    "CREATE INDEX inbound_event_failed ON inbound_event (received_at, id) WHERE status = 'FAILED'",
    "CREATE INDEX inbound_event_handled ON inbound_event (received_at) WHERE status = 'HANDLED'",
)


def up(migrator, db):
    for statement in STATEMENTS:
        db.execute_sql(statement)
