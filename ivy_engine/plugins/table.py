"""The table of providers: which there are, what makes each live, and how its simulated twin is built."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from ivy_engine.plugins.contract import Providers, Surroundings
from ivy_engine.plugins.http import Seam
from ivy_engine.plugins.simulated.billing import SimulatedBilling
from ivy_engine.plugins.simulated.mail import SimulatedMail
from ivy_engine.plugins.simulated.memory import Memory
from ivy_engine.plugins.simulated.messages import SimulatedSms, SimulatedWhatsapp
from ivy_engine.plugins.simulated.voice import SimulatedVoice
from ivy_engine.plugins.simulated.world import World


@dataclass(frozen=True)
class Row:
    """One provider: its settings table, what it does for Ivy, and the keys that make it live."""

    name: str
    capability: str
    live_keys: tuple[str, ...]


TABLE = (
    Row("retell", "voice", ("api_key", "from_number")),
    Row("whatsapp", "whatsapp", ("access_token", "phone_number_id", "app_secret")),
    Row("twilio", "sms", ("account_sid", "auth_token")),
    Row("smtp", "mail", ("host", "from_address")),
    Row("stripe", "billing", ("api_key",)),
)


class NotOffered(Exception):
    """A provider mode that this version or this environment does not offer; the message says what to change."""


def missing_keys(row: Row, options: Any) -> list[str]:
    """The settings that are empty and without which the provider cannot be live."""
    return [f"{row.name}.{key}" for key in row.live_keys if not _value(getattr(options, key))]


def _value(setting: Any) -> Any:
    return setting.get_secret_value() if isinstance(setting, SecretStr) else setting


def decided_mode(row: Row, options: Any, simulation_allowed: bool) -> str:
    """live, simulated or off. `auto` is live when the keys are complete (DESIGN 3.6); NotOffered if it cannot be."""
    mode: str = options.mode
    if mode == "auto":
        complete = not missing_keys(row, options)
        mode = "live" if complete else "simulated" if simulation_allowed else "off"
    if mode == "live":
        raise NotOffered(
            f"{row.name}: this version simulates every provider and has no live {row.capability} yet. "
            f'Set {row.name}.mode to "simulated" or "off", or take its keys away.'
        )
    if mode == "simulated" and not simulation_allowed:
        raise NotOffered(f"{row.name}: simulated in production needs simulator.allow_in_production = true")
    return mode


@dataclass(frozen=True)
class Built:
    providers: Providers
    world: World


def build(settings: Any, folder: Path, own_key: Callable[[str], str], around: Surroundings, seam: Seam) -> Built:
    """All providers as the settings want them. Raises NotOffered with one line per provider that cannot be."""
    problems, modes = [], {}
    for row in TABLE:
        try:
            modes[row.name] = decided_mode(row, getattr(settings, row.name), settings.simulation_allowed)
        except NotOffered as problem:
            problems.append(str(problem))
    if problems:
        raise NotOffered("\n".join(problems))
    memory, seed = Memory(folder / "simulated.db"), settings.simulator.seed

    def simulated(name: str, make: Callable[[], Any]) -> Any:
        return make() if modes[name] == "simulated" else None

    def key(name: str) -> str:
        return own_key(f"webhook of {name}")

    manual = settings.simulator.phone == "manual"
    voice = simulated("retell", lambda: SimulatedVoice(settings.retell, key("retell"), memory, around, seed, manual))
    whatsapp = simulated("whatsapp", lambda: SimulatedWhatsapp(settings.whatsapp, key("whatsapp"), memory, around, seed))
    sms = simulated("twilio", lambda: SimulatedSms(settings.twilio, key("twilio"), memory, around, seed))
    mail = simulated("smtp", lambda: SimulatedMail(memory, around, seed))
    billing = simulated("stripe", lambda: SimulatedBilling(settings.stripe, key("stripe"), memory, around, seed))
    world = World(memory, seam, around, voice, whatsapp, sms, billing)
    return Built(Providers(voice, whatsapp, sms, mail, billing), world)
