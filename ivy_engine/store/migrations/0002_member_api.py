"""Day close, wallet periods, the longest run, milestones, spent refresh tokens, idempotency keys and the audit log."""

STATEMENTS = (
    "ALTER TABLE member ADD COLUMN closed_through TEXT",
    "ALTER TABLE member ADD COLUMN close_due_at INTEGER",
    "ALTER TABLE member ADD COLUMN deactivated_at INTEGER",
    "ALTER TABLE workout ADD COLUMN entered_late INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX member_close_due ON member (close_due_at) WHERE close_due_at IS NOT NULL",
    "UPDATE member SET close_due_at = created_at WHERE is_active = 1",
    "ALTER TABLE wallet ADD COLUMN month_start INTEGER",
    "ALTER TABLE wallet ADD COLUMN roll_due_at INTEGER",
    "CREATE INDEX wallet_roll_due ON wallet (roll_due_at) WHERE roll_due_at IS NOT NULL",
    "UPDATE wallet SET roll_due_at = created_at",
    """CREATE TABLE streak_record (
         member_id TEXT PRIMARY KEY REFERENCES member(id), longest INTEGER NOT NULL, longest_start TEXT, longest_end TEXT,
         updated_at INTEGER NOT NULL
       ) WITHOUT ROWID""",
    "INSERT INTO streak_record SELECT id, 0, NULL, NULL, created_at FROM member",
    """CREATE TABLE milestone (
         member_id TEXT NOT NULL REFERENCES member(id), name TEXT NOT NULL, reached_at INTEGER NOT NULL,
         PRIMARY KEY (member_id, name)
       ) WITHOUT ROWID""",
    """CREATE TABLE spent_refresh (
         hash TEXT PRIMARY KEY, session_id TEXT NOT NULL REFERENCES session(id), spent_at INTEGER NOT NULL
       ) WITHOUT ROWID""",
    "CREATE INDEX spent_refresh_session ON spent_refresh (session_id)",
    "CREATE TABLE refused_code (id INTEGER PRIMARY KEY CHECK (id = 1), times INTEGER NOT NULL)",
    "INSERT INTO refused_code VALUES (1, 0)",
    """CREATE TABLE idempotency (
         key TEXT PRIMARY KEY, member_id TEXT REFERENCES member(id), fingerprint TEXT NOT NULL, status INTEGER NOT NULL,
         answer TEXT NOT NULL, created_at INTEGER NOT NULL
       ) WITHOUT ROWID""",
    "CREATE INDEX idempotency_age ON idempotency (created_at)",
    "CREATE INDEX idempotency_member ON idempotency (member_id) WHERE member_id IS NOT NULL",
    """CREATE TABLE audit (
         id TEXT PRIMARY KEY, at INTEGER NOT NULL, actor_id TEXT, actor_role TEXT NOT NULL, action TEXT NOT NULL,
         member_id TEXT, why TEXT NOT NULL
       ) WITHOUT ROWID""",
    "CREATE INDEX audit_member ON audit (member_id, at) WHERE member_id IS NOT NULL",
)


def up(migrator, db):
    for statement in STATEMENTS:
        db.execute_sql(statement)
