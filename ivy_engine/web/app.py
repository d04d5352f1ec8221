"""Every URL of the engine on one page, and the WSGI app made of them."""

from collections import defaultdict
from typing import Any

import falcon

from ivy_engine.domain.errors import Conflict, Forbidden, InvalidLink, IvyError, NotFound, TierRequired, Unauthorized, Unavailable
from ivy_engine.domain.members import SUPERADMIN
from ivy_engine.engine import Ivy
from ivy_engine.web.api import (
    calls,
    consents,
    giving,
    members,
    messages,
    operations,
    pauses,
    preferences,
    sign_in,
    simulator,
    stats,
    streaks,
    workouts,
)
from ivy_engine.web.cors import Cors
from ivy_engine.web.endpoint import Asks, Door, Endpoint, Route
from ivy_engine.web.errors import handle_crash, handle_http, handle_refusal
from ivy_engine.web.health import Health, Ready
from ivy_engine.web.hooks import Hook, WhatsappHook
from ivy_engine.web.limits import RateLimits
from ivy_engine.web.loopback import SimulatorDoor
from ivy_engine.web.middleware import ReadOnlyFiles, RequestId, SafeHeaders
from ivy_engine.web.openapi.served import OpenApi
from ivy_engine.web.pages.explorer import ExplorerPage, machinery
from ivy_engine.web.pages.front import STATIC, FrontPage
from ivy_engine.web.pages.preferences import PreferencesPage, Unsubscribe
from ivy_engine.web.schemas import calls as call_schemas
from ivy_engine.web.schemas import consents as consent_schemas
from ivy_engine.web.schemas import explanations as explanation_schemas
from ivy_engine.web.schemas import giving as giving_schemas
from ivy_engine.web.schemas import members as member_schemas
from ivy_engine.web.schemas import messages as message_schemas
from ivy_engine.web.schemas import operations as operation_schemas
from ivy_engine.web.schemas import pauses as pause_schemas
from ivy_engine.web.schemas import preferences as preference_schemas
from ivy_engine.web.schemas import simulator as simulator_schemas
from ivy_engine.web.schemas import stats as stats_schemas
from ivy_engine.web.schemas import workouts as workout_schemas
from ivy_engine.web.schemas.lists import PageMeta, Paging

PUBLIC, MEMBER, LOOPBACK = Door.PUBLIC, Door.MEMBER, Door.LOOPBACK
m, w, g, s, z = member_schemas, workout_schemas, giving_schemas, stats_schemas, simulator_schemas
c, e, p, o = call_schemas, explanation_schemas, pause_schemas, operation_schemas
k, f, n = consent_schemas, preference_schemas, message_schemas

API = (
    Route("POST", "/api/auth/magic-link", sign_in.magic_link, m.LinkSent, PUBLIC, body=m.LinkRequest),
    Route("POST", "/api/auth/verify", sign_in.verify, m.SignedIn, PUBLIC, body=m.Verification, refuses=(InvalidLink,)),
    Route("GET", "/api/auth/me", sign_in.me, m.Profile),
    Route("POST", "/api/auth/refresh", sign_in.refresh, m.Tokens, PUBLIC, body=m.RefreshRequest, refuses=(Unauthorized,)),
    Route("POST", "/api/auth/logout", sign_in.sign_out, m.SignedOut),
    Route("GET", "/api/auth/sessions", sign_in.sessions, list[m.Session]),
    Route("DELETE", "/api/auth/sessions/{id}", sign_in.end_session, m.DeviceSignedOut),
    Route("POST", "/api/users", members.sign_up, m.NewMember, PUBLIC, body=m.SignUp, status=201, refuses=(Conflict,)),
    Route("GET", "/api/users/me", members.mine, m.Profile),
    Route("PATCH", "/api/users/me", members.change, m.Profile, body=m.ProfileChange, refuses=(Conflict,)),
    Route("POST", "/api/users/me/onboard", members.onboard, m.Onboarded, body=m.ProfileChange, refuses=(Conflict,)),
    Route("POST", "/api/users/me/pause", pauses.pause, p.PauseState, body=p.NewPause),
    Route("POST", "/api/users/me/resume", pauses.resume, p.PauseState),
    Route("POST", "/api/users/me/rest-days", pauses.rest_day, p.RestDay, body=p.NewRestDay),
    Route("GET", "/api/users/me/consents", consents.own_consents, k.ConsentStates),
    Route("PUT", "/api/users/me/consents", consents.change_consents, k.ConsentStates, body=k.ConsentChange),
    Route("GET", "/api/users/me/preferences", preferences.own_preferences, f.Preferences),
    Route("PUT", "/api/users/me/preferences", preferences.change_preferences, f.Preferences, body=f.PreferenceChange),
    Route("GET", "/api/users/{id}", members.one, m.Profile, refuses=(Forbidden,)),
    Route("PATCH", "/api/users/{id}", members.change_one, m.Profile, body=m.ProfileChange, refuses=(Forbidden, Conflict)),
    Route("DELETE", "/api/users/{id}", members.deactivate, m.Farewell, refuses=(Forbidden,)),
    Route("POST", "/api/workouts", workouts.plan, w.Workout, body=w.NewWorkout, status=201),
    Route("GET", "/api/workouts", workouts.listed, list[w.Workout], query=w.WorkoutQuery, meta=PageMeta),
    Route("GET", "/api/workouts/{id}", workouts.one, w.Workout),
    Route("PATCH", "/api/workouts/{id}", workouts.change, w.ChangedWorkout, body=w.WorkoutChange, refuses=(Conflict,)),
    Route(
        "POST", "/api/workouts/{id}/complete", workouts.complete, w.CompletedWorkout,
        body=w.WorkoutCompletion, refuses=(Conflict,),
    ),
    Route("DELETE", "/api/workouts/{id}", workouts.delete, w.WorkoutDeleted),
    Route(
        "POST", "/api/calls/initiate", calls.initiate, c.Initiated, body=c.NewCall, status=201, limit="call_start",
        refuses=(Forbidden, NotFound, Conflict, Unavailable), asks=Asks(calls.initiated, calls.begun),
    ),
    Route("POST", "/api/calls/schedule", calls.schedule, c.Call, body=c.BookedCall, refuses=(Forbidden, NotFound, Conflict)),
    Route("GET", "/api/calls", calls.listed, list[c.Call], query=c.CallQuery, meta=PageMeta),
    Route(
        "GET", "/api/calls/upcoming", calls.upcoming, list[c.Call],
        query=c.UpcomingQuery, meta=PageMeta, roles=(SUPERADMIN,),
    ),
    Route("GET", "/api/calls/{id}", calls.one, c.CallWithDecisions),
    Route(
        "DELETE", "/api/calls/{id}", calls.cancel, c.CallCancelled,
        refuses=(Conflict, Unavailable), asks=Asks(calls.cancelled, calls.cancelled),
    ),
    Route("POST", "/api/calls/{id}/reschedule", calls.reschedule, c.Call, body=c.MovedCall, refuses=(Conflict,)),
    Route(
        "POST", "/api/calls/{id}/outcome", calls.outcome, c.Call,
        body=c.KnownOutcome, roles=(SUPERADMIN,), refuses=(Conflict,),
    ),
    Route("GET", "/api/messages", messages.listed, list[n.Message], query=n.MessageQuery, meta=PageMeta),
    Route(
        "POST", "/api/messages/send", messages.send, n.Message, body=n.NewMessage, status=201, limit="message_send",
        refuses=(Forbidden, NotFound, Conflict),
    ),
    Route("GET", "/api/donations/charities", giving.charities, list[g.Charity], PUBLIC),
    Route("GET", "/api/donations/charities/{id}", giving.charity, g.Charity, PUBLIC),
    Route("GET", "/api/donations", giving.listed, list[g.Donation], query=g.DonationQuery, meta=PageMeta),
    Route("GET", "/api/donations/impact-wallet", giving.wallet, g.ImpactWallet, refuses=(NotFound,)),
    Route(
        "PATCH", "/api/donations/impact-wallet", giving.change_wallet, g.WalletRow,
        body=g.WalletChange, refuses=(Forbidden, NotFound),
    ),
    Route(
        "POST", "/api/donations/manual", giving.give, g.Donation,
        body=g.ManualGift, status=201, roles=(SUPERADMIN,), refuses=(NotFound,),
    ),
    Route("GET", "/api/donations/receipts", giving.receipt, g.Receipt, query=g.ReceiptQuery),
    Route("GET", "/api/donations/stats", giving.stats, g.DonationStats),
    Route("GET", "/api/stats", stats.overview, s.Overview, refuses=(NotFound,)),
    Route("GET", "/api/stats/streak", stats.streak, s.StreakDetails),
    Route("GET", "/api/stats/weekly", stats.weekly, s.Weekly, asked_at=("week", "end")),
    Route("GET", "/api/stats/monthly", stats.monthly, s.Monthly, asked_at=("month", "end")),
    Route("POST", "/api/stats/transformation", stats.record_score, s.Score, body=s.NewScore, status=201, refuses=(TierRequired,)),
    Route("GET", "/api/stats/transformation", stats.score_history, s.ScoreHistory, query=s.ScoreQuery),
    Route("GET", "/api/stats/transformation/latest", stats.latest_score, s.Score | None),
    Route(
        "POST", "/api/stats/life-markers", stats.record_marker, s.LifeMarker,
        body=s.NewLifeMarker, status=201, refuses=(TierRequired,),
    ),
    Route("GET", "/api/stats/life-markers", stats.markers, list[s.LifeMarker], query=s.LifeMarkerQuery, meta=s.LifeMarkerMeta),
    Route("GET", "/api/stats/streak/explain", streaks.explain, e.Explanation),
    Route("GET", "/api/admin/jobs", operations.jobs, list[o.JobQueue], roles=(SUPERADMIN,)),
    Route(
        "GET", "/api/admin/jobs/{queue}/failed", operations.failed_jobs, list[o.FailedJob],
        query=Paging, meta=PageMeta, free=("queue",), roles=(SUPERADMIN,), refuses=(NotFound,),
    ),
    Route(
        "POST", "/api/admin/jobs/{queue}/resume", operations.resume_queue, o.ResumedQueue,
        free=("queue",), roles=(SUPERADMIN,), refuses=(NotFound, Conflict),
    ),
    Route(
        "POST", "/api/admin/jobs/{queue}/{id}/retry", operations.retry_job, o.ChangedJob,
        free=("queue",), roles=(SUPERADMIN,), refuses=(Conflict,),
    ),
    Route(
        "POST", "/api/admin/jobs/{queue}/{id}/cancel", operations.cancel_job, o.ChangedJob,
        free=("queue",), roles=(SUPERADMIN,), refuses=(Conflict,),
    ),
)  # fmt: skip

SIMULATOR = (
    Route("GET", "/simulator/outbox", simulator.outbox, list[z.OutboxEntry], LOOPBACK, query=z.OutboxQuery),
    Route("GET", "/simulator/clock", simulator.clock, z.ClockState, LOOPBACK),
    Route("POST", "/simulator/clock", simulator.set_clock, z.ClockState, LOOPBACK, body=z.ClockChange, refuses=(Conflict,)),
    Route("POST", "/simulator/advance", simulator.advance, z.Advanced, LOOPBACK, body=z.Advance, refuses=(Conflict, Unavailable)),
    Route("POST", "/simulator/jobs/{name}", simulator.run_job, z.JobRun, LOOPBACK, free=("name",), refuses=(NotFound, Conflict)),
    Route("GET", "/simulator/phone", simulator.phone, list[z.Ringing], LOOPBACK, query=z.PhoneQuery),
    Route(
        "POST", "/simulator/phone/{callId}", simulator.pick_up, z.Done, LOOPBACK,
        body=z.PhoneAction, free=("callId",), refuses=(NotFound, Conflict),
    ),
    Route("POST", "/simulator/messages", simulator.message, z.Done, LOOPBACK, body=z.MemberMessage, refuses=(NotFound,)),
    Route("POST", "/simulator/status", simulator.status, z.Done, LOOPBACK, body=z.MessageStatus, refuses=(NotFound,)),
    Route(
        "POST", "/simulator/checkout/{sessionId}", simulator.checkout, z.Done, LOOPBACK,
        body=z.CheckoutAction, free=("sessionId",), refuses=(NotFound,),
    ),
    Route("GET", "/simulator/faults", simulator.faults, z.FaultStates, LOOPBACK),
    Route("POST", "/simulator/sign-in", simulator.demo_member, m.SignedIn, LOOPBACK),
    Route("POST", "/simulator/operator", simulator.operator, z.Granted, LOOPBACK, body=z.Grant, refuses=(NotFound, Conflict)),
    Route("PUT", "/simulator/faults", simulator.set_faults, z.FaultStates, LOOPBACK, body=z.Faults),
)  # fmt: skip


def routes_of(simulator_mounted: bool) -> tuple[Route, ...]:
    """The routes that an engine serves, and its /openapi.json describes."""
    return (*API, *SIMULATOR) if simulator_mounted else API


def create_app(ivy: Ivy) -> Any:
    """The app, mounted on the seam, so that simulated webhooks reach it."""
    limits = RateLimits(ivy)
    cors = Cors(ivy)
    door = SimulatorDoor(ivy.settings.simulator.public, cors.allowed)
    app: Any = falcon.App(
        middleware=[RequestId(ivy.clock), cors, limits, SafeHeaders(), ReadOnlyFiles(), door], cors_enable=False
    )
    app.req_options.strip_url_path_trailing_slash = True
    app.req_options.keep_blank_qs_values = True
    for error, handler in (
        (Exception, handle_crash),
        (falcon.HTTPError, handle_http),
        (IvyError, handle_refusal),
    ):
        app.add_error_handler(error, handler)
    routes = routes_of(ivy.settings.simulator_mounted)
    for path, methods in _by_path(routes).items():
        app.add_route(path, Endpoint(ivy, methods, limits))
    for name in ("retell", "twilio", "stripe"):
        app.add_route(f"/webhooks/{name}", Hook(ivy, name))
    app.add_route("/webhooks/whatsapp", WhatsappHook(ivy, "whatsapp"))
    app.add_route("/health", Health(ivy))
    app.add_route("/ready", Ready(ivy))
    app.add_route("/openapi.json", OpenApi(routes))
    app.add_route("/", FrontPage(ivy))
    app.add_route("/preferences", PreferencesPage(ivy))
    app.add_route("/unsubscribe", Unsubscribe(ivy))
    app.add_route("/docs", ExplorerPage(ivy))
    app.add_static_route("/static", STATIC)
    app.add_static_route("/static/swagger-ui", machinery())
    ivy.seam.mount(app)
    return app


def _by_path(routes: tuple[Route, ...]) -> dict[str, list[Route]]:
    grouped: dict[str, list[Route]] = defaultdict(list)
    for route in routes:
        grouped[route.path].append(route)
    return grouped
