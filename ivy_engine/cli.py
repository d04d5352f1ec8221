"""The `ivy` command. Data goes to stdout, talk to stderr; exit codes as CONTRACT 5 lists them."""

import json
import logging
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

import click

from ivy_engine import __version__, demo, jobs, log
from ivy_engine import serve as serving
from ivy_engine.actions import seeds
from ivy_engine.doctor import examine
from ivy_engine.engine import FolderInUse, FolderLock, Ivy, open_ivy
from ivy_engine.settings import Settings, SettingsError, load
from ivy_engine.web.app import create_app

CONFIGURATION, CONFLICT = 3, 5


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
        return open_ivy(settings, lock)
    except SettingsError as error:
        lock.release()
        _end(CONFIGURATION, f"Ivy cannot start:\n{error}")


host_option = click.option("--host", help="The address to listen on.")
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
    rows = [heads, *((row.name, row.tier, row.called, row.planned, row.done, row.given, row.streak) for row in days)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(heads))]
    click.echo()
    for row in rows:
        click.echo("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    click.echo()


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
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
