"""Being away, decisions before dialling, dialling at a pace."""

STATEMENTS = (
    "ALTER TABLE member ADD COLUMN pause_reason TEXT",
    "ALTER TABLE member ADD COLUMN keep_structure INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE member ADD COLUMN away_since TEXT",
    "ALTER TABLE member ADD COLUMN resume_due_at INTEGER",
    "CREATE INDEX member_resume_due ON member (resume_due_at) WHERE resume_due_at IS NOT NULL",
    "ALTER TABLE call ADD COLUMN window_ends_at INTEGER",
    "ALTER TABLE call ADD COLUMN dialled_at INTEGER",
    "ALTER TABLE call ADD COLUMN held TEXT",
    "ALTER TABLE call ADD COLUMN cancelled_by TEXT",
    "CREATE INDEX call_dialled ON call (dialled_at) WHERE dialled_at IS NOT NULL",
    "CREATE INDEX call_held ON call (held) WHERE held IS NOT NULL",
    "CREATE UNIQUE INDEX call_retry_of ON call (retry_of_id) WHERE retry_of_id IS NOT NULL",
    """CREATE TABLE call_decision (
         id TEXT PRIMARY KEY, call_id TEXT NOT NULL REFERENCES call(id), at INTEGER NOT NULL, allowed INTEGER NOT NULL,
         reasons TEXT NOT NULL
       ) WITHOUT ROWID""",
    "CREATE INDEX call_decision_call ON call_decision (call_id, at)",
    "ALTER TABLE member ADD COLUMN phone_unreachable INTEGER NOT NULL DEFAULT 0",
    "CREATE TABLE dialling (id INTEGER PRIMARY KEY CHECK (id = 1), halted_until INTEGER, why TEXT)",
    "INSERT INTO dialling VALUES (1, NULL, NULL)",
)


def up(migrator, db):
    for statement in STATEMENTS:
        db.execute_sql(statement)
