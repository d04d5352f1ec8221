"""The `ivy` command. Data goes to stdout, talk to stderr; exit codes as CONTRACT 5 lists them."""

import json
import logging
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import click

from ivy_engine import __version__, demo, jobs, log
from ivy_engine import serve as serving
from ivy_engine.actions import coaches, giving, members, operations, safety, seeds, sign_in
from ivy_engine.doctor import examine
from ivy_engine.domain.audit import COMMAND_LINE
from ivy_engine.domain.errors import IvyError
from ivy_engine.domain.members import ROLES
from ivy_engine.domain.money import Money
from ivy_engine.domain.operations import QUEUES
from ivy_engine.engine import FolderInUse, FolderLock, Ivy, open_ivy
from ivy_engine.settings import Settings, SettingsError, load
from ivy_engine.web.app import create_app, routes_of
from ivy_engine.web.endpoint import adapter_of
from ivy_engine.web.openapi.collection import collection
from ivy_engine.web.openapi.document import document
from ivy_engine.web.schemas.operations import ChangedJob, FailedJob, JobQueue, ResumedQueue
from ivy_engine.wording import previews, templates

FAILED, USAGE, CONFIGURATION, NOT_FOUND, CONFLICT, VERIFICATION = 1, 2, 3, 4, 5, 6
_EXIT_CODES = {"VALIDATION_ERROR": USAGE, "NOT_FOUND": NOT_FOUND, "CONFLICT": CONFLICT}


@click.group()
@click.version_option(__version__, prog_name="ivy")
@click.option("--config", type=click.Path(dir_okay=False, path_type=Path), help="The settings file; ivy.toml by default.")
@click.pass_context
def main(context: click.Context, config: Path | None) -> None:
    """Ivy: planned workouts, kind calls, streaks and small gifts, in one process."""
    context.obj = config


def _settings(context: click.Context, **overrides: Any) -> Settings:
    try:
        settings = load(context.obj, os.environ)
        named = {name: value for name, value in overrides.items() if value is not None}
        web = settings.web.model_copy(update={key: named[key] for key in ("host", "port") if key in named})
        if web.port == 0:  # known before anything is built: links in mails carry it
            web = web.model_copy(update={"port": serving.free_port(web.host)})
        rest = {key: value for key, value in named.items() if key not in ("host", "port")}
        return settings.model_copy(update={"web": web, **rest})
    except SettingsError as error:
        _end(CONFIGURATION, f"The configuration cannot be used:\n{error}")


def _end(code: int, message: str) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(code)


def _lock(folder: Path) -> FolderLock:
    try:
        return FolderLock(folder)
    except FolderInUse as error:
        _end(CONFLICT, f"{error}.".capitalize())
    except OSError as error:
        _end(CONFIGURATION, f"The data folder {folder} cannot be used: {error}")


def _open(settings: Settings, lock: FolderLock) -> Ivy:
    try:
        ivy = open_ivy(settings, lock)
    except SettingsError as error:
        lock.release()
        _end(CONFIGURATION, f"Ivy cannot start:\n{error}")
    other = giving.other_currency(ivy)
    if other:
        ivy.close()
        _end(CONFIGURATION, f"Ivy cannot start:\ngiving.currency is {settings.giving.currency}, but the ledger is in {other}")
    return ivy


host_option = click.option("--host", help="The address to listen on.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
port_option = click.option("--port", type=click.IntRange(0, 65535), help="The port to listen on; 0 takes a free one.")


@main.command()
@host_option
@port_option
@click.pass_context
def serve(context: click.Context, host: str | None, port: int | None) -> None:
    """Run the engine: API, webhooks, jobs."""
    settings = _settings(context, host=host, port=port)
    log.start(settings.log)
    ivy = _open(settings, _lock(settings.data_dir))
    seeds.load_charities(ivy)
    sys.exit(serving.run(ivy, _listen(ivy, create_app(ivy)), _announce))


def _listen(ivy: Ivy, app: Any) -> Any:
    try:
        return serving.listen(ivy, app)
    except serving.PortInUse as error:
        ivy.close()
        _end(CONFLICT, f"{error}.".capitalize())
    except OSError as error:
        ivy.close()
        _end(CONFIGURATION, f"Ivy cannot listen on {ivy.settings.web.host}: {error}")


def _announce(ivy: Ivy, address: str) -> None:
    """Which providers are simulated (R-168), and where we are."""
    for provider in ivy.providers.every():
        if provider.simulated:
            click.echo(f"Simulated: {provider.check()}.", err=True)
    click.echo(f"Ivy {__version__} listens on {address}", err=True)


@main.command()
@click.option("--as", "form", type=click.Choice(["openapi", "postman"]), default="openapi", help="postman: a collection.")
@click.pass_context
def openapi(context: click.Context, form: str) -> None:
    """Print the API's description: the OpenAPI 3.1 document that /openapi.json answers with, or a Postman collection of it."""
    settings = _settings(context)
    described = document(routes_of(settings.simulator_mounted), settings.public_url)
    _print_json(collection(described) if form == "postman" else described)


@main.command("demo")
@host_option
@port_option
@click.option("--no-serve", is_flag=True, help="End after the day instead of serving it.")
@click.pass_context
def demo_command(context: click.Context, host: str | None, port: int | None, no_serve: bool) -> None:
    """Live one whole day of a demo gym in simulation, show it, and keep serving."""
    settings = _settings(context, host=host, port=port, data_dir=demo.FOLDER)
    if not settings.simulator_mounted:
        _end(CONFIGURATION, "The demo needs the simulator: set simulator.enabled, and environment to development.")
    log.start(settings.log)
    logging.getLogger().setLevel(logging.WARNING)
    lock = _lock(settings.data_dir)
    demo.clear(settings.data_dir)
    ivy = _open(settings, lock)
    app = create_app(ivy)
    server = None if no_serve else _listen(ivy, app)
    jobs.prepare(ivy)
    day = demo.live_yesterday(ivy, app, lambda line: click.echo(f"  {line}", err=True))
    _show_day(ivy, demo.picture(ivy, day))
    if server is None:
        ivy.close()
        return
    logging.getLogger().setLevel(logging.INFO)
    sys.exit(serving.run(ivy, server, _announce))


def _show_day(ivy: Ivy, days: Iterable[demo.MemberDay]) -> None:
    heads = ("member", "tier", "called", "planned", "done", "given", "streak")
    rows = [(row.name, row.tier, row.called, row.planned, row.done, row.given, row.streak) for row in days]
    click.echo()
    _show_table(heads, rows, indent="  ")
    click.echo()


def _show_table(heads: Sequence[str], rows: Sequence[Sequence[str]], indent: str = "") -> None:
    lines = [heads, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    for line in lines:
        click.echo((indent + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))).rstrip())


@main.command()
@json_option
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Say what is live, what is simulated and what is missing."""
    report = examine(_settings(context))
    if as_json:
        click.echo(json.dumps([vars(finding) for finding in report], indent=2))
    else:
        width = max(len(finding.subject) for finding in report)
        for finding in report:
            click.echo(f"{finding.subject.ljust(width)}  {finding.state.ljust(9)}  {finding.says}")
    if any(finding.state == "broken" for finding in report):
        sys.exit(CONFIGURATION)


@contextmanager
def _beside(context: click.Context) -> Iterator[Ivy]:
    """The engine on an existing data folder, beside a process that may be serving it; refusals become exit codes."""
    settings = _settings(context)
    if not (settings.data_dir / "ivy.db").exists():
        _end(NOT_FOUND, f"There is no Ivy database in {settings.data_dir}.")
    try:
        ivy = open_ivy(settings)
    except SettingsError as error:
        _end(CONFIGURATION, f"The data folder cannot be used:\n{error}")
    try:
        yield ivy
    except IvyError as refusal:
        _end(_EXIT_CODES.get(refusal.code, FAILED), refusal.message)
    finally:
        ivy.close()


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


@main.group()
def member() -> None:
    """Members, their roles and their coaches."""


@member.command("list")
@json_option
@click.pass_context
def member_list(context: click.Context, as_json: bool) -> None:
    """Everybody, with tier and role."""
    with _beside(context) as ivy:
        found = members.listed(ivy, COMMAND_LINE)
    names = ("id", "email", "first_name", "last_name", "subscription_tier", "role", "is_active")
    if as_json:
        _print_json([{name: getattr(row, name) for name in names} for row in found])
        return
    _show_table(
        ("e-mail", "name", "tier", "role", "account", "id"),
        [
            (row.email, f"{row.first_name} {row.last_name}", row.subscription_tier, row.role,
             "open" if row.is_active else "closed", row.id)
            for row in found
        ],
    )  # fmt: skip


@member.command("link")
@click.argument("email")
@click.pass_context
def member_link(context: click.Context, email: str) -> None:
    """Print a link that signs a member in, once, within 15 minutes."""
    with _beside(context) as ivy:
        click.echo(sign_in.link_for(ivy, COMMAND_LINE, email))


@member.command("role")
@click.argument("email")
@click.argument("role", type=click.Choice(ROLES))
@click.option("--company", "company_id", help="The id of the company that an admin is to see.")
@json_option
@click.pass_context
def member_role(context: click.Context, email: str, role: str, company_id: str | None, as_json: bool) -> None:
    """Give a member a role."""
    with _beside(context) as ivy:
        _show_granted(coaches.grant_role(ivy, COMMAND_LINE, email, role, company_id), as_json)


@member.command("assign")
@click.argument("coach")
@click.argument("members_named", metavar="MEMBER...", nargs=-1, required=True)
@json_option
@click.pass_context
def member_assign(context: click.Context, coach: str, members_named: tuple[str, ...], as_json: bool) -> None:
    """Put members, by e-mail or id, into a coach's care."""
    with _beside(context) as ivy:
        _show_granted(coaches.assign(ivy, COMMAND_LINE, coach, members_named), as_json)


@member.command("release")
@click.argument("email")
@json_option
@click.pass_context
def member_release(context: click.Context, email: str, as_json: bool) -> None:
    """End a safety hold: calls and messages go on, the days of the hold stay excused."""
    with _beside(context) as ivy:
        released = safety.release(ivy, COMMAND_LINE, email)
    if as_json:
        _print_json({"email": released, "held": False})
    else:
        click.echo(f"calls and messages to {released} go on")


def _show_granted(granted: coaches.Granted, as_json: bool) -> None:
    if as_json:
        _print_json(vars(granted))
    else:
        care = f", {len(granted.members)} in their care" if granted.members else ""
        click.echo(f"{granted.email} is {granted.role}{care}")


@main.group()
def ledger() -> None:
    """The giving ledger."""


@ledger.command("verify")
@json_option
@click.pass_context
def ledger_verify(context: click.Context, as_json: bool) -> None:
    """Work out every sum, cap and key again; exit 6 and the first bad row when one is not right."""
    with _beside(context) as ivy:
        found = giving.verify_ledger(ivy)
        total = Money(found.total, ivy.settings.giving.currency)
    if as_json:
        bad = vars(found.bad) if found.bad else None
        _print_json({"rows": found.rows, "total": total.major, "currency": total.currency, "bad": bad})
    elif found.bad is None:
        click.echo(f"{found.rows} donations, {total.text} in all: every sum and cap is right")
    if found.bad is not None:
        _end(VERIFICATION, f"Row {found.rows}, donation {found.bad.id}: {found.bad.says}.")


@main.group("jobs", invoke_without_command=True)
@json_option
@click.pass_context
def jobs_command(context: click.Context, as_json: bool) -> None:
    """The queues: what waits, runs and has failed, and each job's last and next run."""
    if context.invoked_subcommand is not None:
        return
    with _beside(context) as ivy:
        queues = jobs.overview(ivy)
    if as_json:
        _print_answer(list[JobQueue], queues)
        return
    _show_table(
        ("queue", "waiting", "running", "failed", "kept", "oldest due", "lag"),
        [
            (one.queue, *map(str, (one.waiting, one.running, one.failed, one.kept)), _moment(one.oldest_due), _seconds(one.lag))
            for one in queues
        ],
    )
    click.echo()
    _show_table(
        ("job", "queue", "last run", "changed", "took", "error", "next run", "lag"),
        [(job.name, one.queue, *_last_run(job.last_run), _moment(job.next_run), _seconds(job.lag))
         for one in queues for job in one.jobs],
    )  # fmt: skip
    for one in queues:
        _say_paused(one.paused)


def _say_paused(halt: Any) -> None:
    if halt is not None:
        reason = "the provider refuses our account" if halt.why == "account" else "the provider has no line free"
        click.echo(
            f"\nCalls have been paused since {_moment(halt.at)}, until {_moment(halt.until)}: {reason}. Go on: ivy jobs resume"
        )


def _print_answer(answer: Any, value: Any) -> None:
    """JSON as the API answers it."""
    adapter = adapter_of(answer)
    _print_json(adapter.dump_python(adapter.validate_python(value, from_attributes=True), mode="json", by_alias=True))


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else "-"


def _seconds(lag: int) -> str:
    return f"{lag} s" if lag else "-"


def _last_run(run: Any) -> tuple[str, str, str, str]:
    return (_moment(run.finished_at), str(run.changed), f"{run.seconds:.3f} s", run.error or "-") if run else ("-",) * 4


@jobs_command.command("failed")
@click.argument("queue", type=click.Choice(list(QUEUES)))
@json_option
@click.pass_context
def jobs_failed(context: click.Context, queue: str, as_json: bool) -> None:
    """What has failed in a queue, newest first, with the ids that retry takes."""
    with _beside(context) as ivy:
        found, _ = operations.failed(ivy, queue, after=None, page=1, limit=QUEUES[queue].failed)
    if as_json:
        _print_answer(list[FailedJob], found)
    else:
        _show_table(
            ("id", "kind", "at", "reason"), [(row.id, row.kind, _moment(row.at), log.masked(row.reason)) for row in found]
        )


@jobs_command.command("retry")
@click.argument("row_id", metavar="ID")
@json_option
@click.pass_context
def jobs_retry(context: click.Context, row_id: str, as_json: bool) -> None:
    """Try a call, a message or an event again that has failed."""
    with _beside(context) as ivy:
        _show_changed(operations.retry(ivy, COMMAND_LINE, row_id), as_json)


@jobs_command.command("cancel")
@click.argument("row_id", metavar="ID")
@json_option
@click.pass_context
def jobs_cancel(context: click.Context, row_id: str, as_json: bool) -> None:
    """End a call, a message or an event that waits."""
    with _beside(context) as ivy:
        _show_changed(operations.cancel(ivy, COMMAND_LINE, row_id), as_json)


@jobs_command.command("resume")
@json_option
@click.pass_context
def jobs_resume(context: click.Context, as_json: bool) -> None:
    """Let calls go on that wait because the voice provider refused them."""
    with _beside(context) as ivy:
        resumed = operations.resume(ivy, COMMAND_LINE)
    if as_json:
        _print_answer(ResumedQueue, resumed)
    else:
        click.echo(f"calls go on: {resumed.freed} had waited")


def _show_changed(changed: operations.Changed, as_json: bool) -> None:
    if as_json:
        _print_answer(ChangedJob, changed)
    else:
        click.echo(f"{changed.kind} {changed.id} is {changed.status}")


@main.group("messages")
def messages_command() -> None:
    """The words that members get."""


@messages_command.command("preview")
@click.argument("template", required=False)
@click.option("--language", default=templates.ENGLISH, show_default=True, help="One that has a folder of words.")
@click.option("--whatsapp", is_flag=True, help="As WhatsApp is asked to approve it, to paste into its template manager.")
@json_option
def messages_preview(template: str | None, language: str, whatsapp: bool, as_json: bool) -> None:
    """Print each text, or one, as people see it, with example parameters."""
    if language not in templates.languages():
        _end(USAGE, f"There are no words in {language}: use one of {', '.join(templates.languages())}.")
    if template is not None and template not in templates.names():
        _end(NOT_FOUND, f"There is no template {template}.")
    found = [previews.preview(name, language) for name in ([template] if template else templates.names())]
    approvals = [one.whatsapp for one in found if one.whatsapp is not None]
    if whatsapp and not approvals:
        _end(NOT_FOUND, f"{template} is a mail: WhatsApp does not carry it.")
    if as_json:
        _print_json([asdict(one) for one in (approvals if whatsapp else found)])
    elif whatsapp:
        _show_approvals(approvals)
    else:
        _show_texts(found)


def _show_texts(found: Sequence[previews.Preview]) -> None:
    for one in found:
        click.echo(f"{one.template} ({one.type}): {', '.join(one.params) or 'no parameters'}")
        for line in (*([f"Subject: {one.subject}", ""] if one.subject else []), *one.body.splitlines()):
            click.echo(f"  {line}".rstrip())
        click.echo()


def _show_approvals(found: Sequence[previews.Approval]) -> None:
    for one in found:
        click.echo(f"{one.name}, {one.language}")
        click.echo(f"  {one.body}")
        for name, value in one.examples.items():
            click.echo(f"  {name}: {value}")
        if one.buttons:
            click.echo(f"  Buttons: {', '.join(one.buttons)}")
        click.echo()
