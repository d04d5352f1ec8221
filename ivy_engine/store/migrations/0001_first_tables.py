"""The first tables. Instants are milliseconds since 1970 UTC, dates YYYY-MM-DD, sums minor units."""

TABLES = """
CREATE TABLE clock (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  virtual_now INTEGER
);
CREATE TABLE charity (
  id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, description TEXT NOT NULL, category TEXT NOT NULL,
  impact_metric TEXT NOT NULL, impact_per_pound TEXT NOT NULL, logo_url TEXT, website TEXT,
  is_active INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
);
CREATE TABLE company (
  id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, contact_email TEXT NOT NULL, contact_name TEXT NOT NULL, domain TEXT,
  plan_type TEXT NOT NULL, seats_purchased INTEGER NOT NULL, current_season INTEGER NOT NULL, season_start_date TEXT,
  season_end_date TEXT, season_weeks INTEGER NOT NULL, platform_fee_per_user INTEGER NOT NULL,
  impact_wallet_per_user INTEGER NOT NULL, default_charity_id TEXT REFERENCES charity(id), auto_renew INTEGER NOT NULL,
  is_active INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
);
CREATE TABLE member (
  id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE, phone TEXT, phone_hash TEXT UNIQUE,
  first_name TEXT NOT NULL, last_name TEXT NOT NULL, timezone TEXT NOT NULL, profile_image TEXT, role TEXT NOT NULL,
  subscription_tier TEXT NOT NULL, subscription_status TEXT NOT NULL, past_due_since INTEGER,
  stripe_customer_id TEXT UNIQUE, subscription_event_at INTEGER,
  track TEXT NOT NULL, goal TEXT NOT NULL, minimum_mode TEXT, gift_frame TEXT,
  preferred_charity_id TEXT REFERENCES charity(id), company_id TEXT REFERENCES company(id),
  morning_call_time TEXT, evening_call_time TEXT, weekly_call_time TEXT, weekly_call_enabled INTEGER NOT NULL,
  call_frequency INTEGER NOT NULL, preferred_days TEXT, weekly_goal INTEGER NOT NULL,
  google_calendar_connected INTEGER NOT NULL, outlook_calendar_connected INTEGER NOT NULL,
  communication_preference TEXT NOT NULL, why_started TEXT, obstacles TEXT NOT NULL, what_works TEXT,
  call_consent INTEGER, message_consent INTEGER, consent_source TEXT, consent_at INTEGER,
  status TEXT NOT NULL, resume_date TEXT, travel_timezone TEXT,
  is_active INTEGER NOT NULL, is_onboarded INTEGER NOT NULL, onboarded_at INTEGER,
  last_call_at INTEGER, last_whatsapp_at INTEGER, plan_due_at INTEGER,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
);
CREATE INDEX member_plan_due ON member (plan_due_at) WHERE plan_due_at IS NOT NULL;
CREATE INDEX member_company ON member (company_id) WHERE company_id IS NOT NULL;
CREATE INDEX member_charity ON member (preferred_charity_id) WHERE preferred_charity_id IS NOT NULL;
CREATE TABLE coach_assignment (
  coach_id TEXT NOT NULL REFERENCES member(id), member_id TEXT NOT NULL REFERENCES member(id),
  created_at INTEGER NOT NULL, PRIMARY KEY (coach_id, member_id)
) WITHOUT ROWID;
CREATE INDEX coach_assignment_member ON coach_assignment (member_id);
CREATE TABLE magic_link (
  id TEXT PRIMARY KEY, member_id TEXT NOT NULL REFERENCES member(id), token_hash TEXT NOT NULL UNIQUE,
  code_hash TEXT NOT NULL, code_tries INTEGER NOT NULL, expires_at INTEGER NOT NULL, used_at INTEGER,
  created_at INTEGER NOT NULL
);
CREATE INDEX magic_link_member ON magic_link (member_id, created_at);
CREATE TABLE session (
  id TEXT PRIMARY KEY, member_id TEXT NOT NULL REFERENCES member(id), refresh_hash TEXT NOT NULL UNIQUE,
  refresh_expires_at INTEGER NOT NULL, user_agent TEXT, created_at INTEGER NOT NULL, last_seen_at INTEGER NOT NULL,
  ended_at INTEGER
);
CREATE INDEX session_member ON session (member_id);
CREATE TABLE workout (
  id TEXT PRIMARY KEY, member_id TEXT NOT NULL REFERENCES member(id), planned_date TEXT NOT NULL, planned_time TEXT,
  activity TEXT NOT NULL, duration INTEGER, status TEXT NOT NULL, completed_at INTEGER, skipped_reason TEXT,
  is_rest INTEGER NOT NULL, is_minimum INTEGER NOT NULL, planning_call_id TEXT, review_call_id TEXT, logged_via TEXT,
  credited_date TEXT, actual_duration INTEGER, notes TEXT, remind_at INTEGER,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
);
CREATE INDEX workout_planned ON workout (member_id, planned_date, id);
CREATE INDEX workout_credited ON workout (member_id, credited_date) WHERE credited_date IS NOT NULL;
CREATE INDEX workout_status ON workout (member_id, status, planned_date);
CREATE INDEX workout_remind ON workout (remind_at) WHERE remind_at IS NOT NULL;
CREATE TABLE day_record (
  member_id TEXT NOT NULL REFERENCES member(id), day TEXT NOT NULL, rest_declared INTEGER NOT NULL, excused TEXT,
  kind TEXT, off_day INTEGER, closed_at INTEGER, created_at INTEGER NOT NULL, PRIMARY KEY (member_id, day)
) WITHOUT ROWID;
CREATE TABLE account (
  number INTEGER PRIMARY KEY AUTOINCREMENT, member_id TEXT UNIQUE REFERENCES member(id)
);
CREATE TABLE wallet (
  id TEXT PRIMARY KEY, member_id TEXT NOT NULL UNIQUE REFERENCES member(id), monthly_limit INTEGER NOT NULL,
  daily_cap INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
);
CREATE TABLE donation (
  id TEXT PRIMARY KEY, account INTEGER NOT NULL, charity_id TEXT NOT NULL REFERENCES charity(id),
  amount INTEGER NOT NULL CHECK (amount > 0), currency TEXT NOT NULL,
  donation_type TEXT NOT NULL CHECK (donation_type IN
    ('COMPLETION', 'STREAK_7_DAY', 'STREAK_30_DAY', 'STREAK_90_DAY', 'MANUAL')),
  workout_id TEXT, streak_days INTEGER, bonus_run TEXT NOT NULL DEFAULT '', company_id TEXT,
  local_day TEXT NOT NULL, local_month TEXT NOT NULL, created_at INTEGER NOT NULL,
  day_total INTEGER, day_cap INTEGER, month_total INTEGER, month_cap INTEGER,
  CHECK (donation_type <> 'COMPLETION' OR (
    workout_id IS NOT NULL AND day_total IS NOT NULL AND day_cap IS NOT NULL AND month_total IS NOT NULL
    AND month_cap IS NOT NULL AND day_total <= day_cap AND month_total <= month_cap)),
  CHECK (local_month = substr(local_day, 1, 7))
);
CREATE UNIQUE INDEX donation_once ON donation (workout_id) WHERE donation_type = 'COMPLETION';
CREATE UNIQUE INDEX donation_bonus_once ON donation (account, donation_type, bonus_run)
  WHERE donation_type IN ('STREAK_7_DAY', 'STREAK_30_DAY', 'STREAK_90_DAY');
CREATE INDEX donation_month ON donation (account, local_month, local_day);
CREATE INDEX donation_list ON donation (account, created_at, id);
CREATE TABLE call (
  id TEXT PRIMARY KEY, member_id TEXT NOT NULL REFERENCES member(id), call_type TEXT NOT NULL,
  scheduled_at INTEGER NOT NULL, due_at INTEGER, started_at INTEGER, ended_at INTEGER, duration INTEGER,
  status TEXT NOT NULL, retell_call_id TEXT UNIQUE, transcript TEXT, recording_url TEXT, outcome TEXT, sentiment TEXT,
  needs_follow_up INTEGER NOT NULL, context_snapshot TEXT, direction TEXT NOT NULL, attempt INTEGER NOT NULL,
  retry_of_id TEXT, local_date TEXT NOT NULL, source TEXT NOT NULL, transcript_summary TEXT, analyzed INTEGER NOT NULL,
  in_voicemail INTEGER NOT NULL, extracted TEXT, effects_applied_at INTEGER, dial_tries INTEGER NOT NULL,
  claimed_by TEXT, last_error TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
);
CREATE INDEX call_due ON call (status, due_at);
CREATE INDEX call_member ON call (member_id, scheduled_at, id);
CREATE UNIQUE INDEX call_planned_once ON call (member_id, call_type, local_date)
  WHERE source = 'planner' AND attempt = 1 AND status <> 'CANCELLED';
CREATE TABLE message (
  id TEXT PRIMARY KEY, member_id TEXT NOT NULL REFERENCES member(id), channel TEXT NOT NULL, direction TEXT NOT NULL,
  message_type TEXT NOT NULL, template TEXT, params TEXT, body TEXT, is_reply INTEGER NOT NULL, status TEXT NOT NULL,
  whatsapp_id TEXT UNIQUE, twilio_sid TEXT UNIQUE, mail_id TEXT, fallback_of_id TEXT UNIQUE, call_id TEXT,
  workout_id TEXT, once_key TEXT UNIQUE, due_at INTEGER, tries INTEGER NOT NULL, claimed_by TEXT, failed_reason TEXT,
  created_at INTEGER NOT NULL, sent_at INTEGER, delivered_at INTEGER, read_at INTEGER
);
CREATE INDEX message_due ON message (status, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX message_member ON message (member_id, created_at, id);
CREATE TABLE inbound_event (
  id TEXT PRIMARY KEY, provider TEXT NOT NULL, event_id TEXT NOT NULL, kind TEXT NOT NULL, payload TEXT,
  status TEXT NOT NULL, due_at INTEGER, tries INTEGER NOT NULL, error TEXT, received_at INTEGER NOT NULL,
  handled_at INTEGER, UNIQUE (provider, event_id)
);
CREATE INDEX inbound_event_due ON inbound_event (status, due_at) WHERE due_at IS NOT NULL;
CREATE TABLE score (
  id TEXT PRIMARY KEY, member_id TEXT NOT NULL REFERENCES member(id), energy INTEGER, mood INTEGER,
  health_confidence INTEGER, week_number INTEGER NOT NULL, notes TEXT, created_at INTEGER NOT NULL
);
CREATE INDEX score_member ON score (member_id, created_at, id);
CREATE TABLE life_marker (
  id TEXT PRIMARY KEY, member_id TEXT NOT NULL REFERENCES member(id), marker TEXT NOT NULL, category TEXT NOT NULL,
  significance TEXT NOT NULL, created_at INTEGER NOT NULL
);
CREATE INDEX life_marker_member ON life_marker (member_id, created_at, id)
"""

# The ledger only grows, and refuses totals that are not the sums (DESIGN 3.5)
TRIGGERS = (
    """CREATE TRIGGER donation_is_final BEFORE UPDATE ON donation
       BEGIN SELECT RAISE(ABORT, 'the giving ledger is append-only'); END""",
    """CREATE TRIGGER donation_stays BEFORE DELETE ON donation
       BEGIN SELECT RAISE(ABORT, 'the giving ledger is append-only'); END""",
    """CREATE TRIGGER donation_totals BEFORE INSERT ON donation WHEN NEW.donation_type = 'COMPLETION' AND (
         NEW.day_total <> NEW.amount + (SELECT COALESCE(SUM(amount), 0) FROM donation WHERE account = NEW.account
           AND local_month = NEW.local_month AND local_day = NEW.local_day AND donation_type = 'COMPLETION')
         OR NEW.month_total <> NEW.amount + (SELECT COALESCE(SUM(amount), 0) FROM donation WHERE account = NEW.account
           AND local_month = NEW.local_month AND donation_type = 'COMPLETION'))
       BEGIN SELECT RAISE(ABORT, 'the totals of a donation are not the sums'); END""",
)


def up(migrator, db):
    for statement in TABLES.split(";\n"):
        db.execute_sql(statement)
    for statement in TRIGGERS:
        db.execute_sql(statement)
