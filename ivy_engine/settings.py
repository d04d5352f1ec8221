"""Every setting of the engine: defaults, then ivy.toml, then IVY_* environment, into one frozen object."""

import difflib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator


class SettingsError(Exception):
    """The configuration cannot be used; the message is a list fit to print."""


def _rate(text: str) -> str:
    if text != "off" and not re.fullmatch(r"[1-9]\d*/[1-9]\d*", text):
        raise ValueError('write "requests/seconds", for example "100/60", or "off"')
    return text


def _span(text: str) -> str:
    clock = r"([01]\d|2[0-3]):[0-5]\d"
    if not re.fullmatch(f"{clock}-{clock}", text):
        raise ValueError('write "HH:MM-HH:MM", for example "21:00-07:00"')
    return text


def _proxy(text: str) -> str:
    try:
        ip_network(text)
    except ValueError as error:
        raise ValueError(f'{error}: write an address or a network, for example "10.0.0.5" or "10.0.0.0/8"') from None
    return text


Rate = Annotated[str, AfterValidator(_rate)]
Proxy = Annotated[str, AfterValidator(_proxy)]
Mode = Literal["auto", "live", "simulated", "off"]
Money = Annotated[Decimal, Field(ge=0, decimal_places=2)]


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class Web(Table):
    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)
    public_url: str = ""
    frontend_url: str = ""
    magic_link_path: str = "/verify"
    cors_origins: tuple[str, ...] = ("http://localhost:3000", "http://127.0.0.1:3000")
    trusted_proxies: tuple[Proxy, ...] = ()
    threads: int = Field(4, ge=1, le=64)


class Security(Table):
    secret: SecretStr = SecretStr("")
    operator_emails: tuple[str, ...] = ()
    token_days: int = Field(7, ge=1)
    refresh_days: int = Field(30, ge=1)


class Limits(Table):
    api: Rate = "100/60"
    auth: Rate = "5/900"
    links_per_email: Rate = "5/3600"
    call_start: Rate = "5/60"
    message_send: Rate = "20/60"


class Store(Table):
    synchronous: Literal["FULL", "NORMAL"] = "FULL"


class Jobs(Table):
    threads: int = Field(4, ge=1, le=32)
    dial_per_minute: int = Field(60, ge=1)
    concurrent_calls: int = Field(20, ge=1)


class Simulator(Table):
    enabled: bool = True
    phone: Literal["auto", "manual"] = "auto"
    public: bool = False
    allow_in_production: bool = False
    seed: int = 1


class Giving(Table):
    currency: str = Field("GBP", pattern="^[A-Z]{3}$")
    bonus_reearn: Literal["never", "per_run"] = "never"


class Tier(Table):
    call_days: int = Field(ge=0, le=7)
    monthly_limit: Money
    daily_cap: Money
    amount: Money
    price: Money


class Tiers(Table):
    FREE: Tier = Tier(call_days=2, monthly_limit=20, daily_cap=3, amount=1, price=0)
    PRO: Tier = Tier(call_days=2, monthly_limit=20, daily_cap=3, amount=1, price=99)
    ELITE: Tier = Tier(call_days=4, monthly_limit=30, daily_cap=4, amount="1.50", price=199)
    CONCIERGE: Tier = Tier(call_days=7, monthly_limit=50, daily_cap=5, amount=2, price=399)
    B2B: Tier = Tier(call_days=2, monthly_limit=25, daily_cap=3, amount=1, price=25)

    @model_validator(mode="before")
    @classmethod
    def _keep_what_is_not_named(cls, given: Any) -> Any:
        """A file that sets one value of a tier keeps the tier's other defaults."""
        if not isinstance(given, Mapping):
            return given
        defaults = {name: field.default.model_dump() for name, field in cls.model_fields.items()}
        return {
            name: {**defaults.get(name, {}), **values} if isinstance(values, Mapping) else values
            for name, values in given.items()
        }


class Rules(Table):
    rest_days_per_7: int = Field(2, ge=0, le=7)
    quota_unit: Literal["day", "call"] = "day"
    enforce_tier_gates: bool = False
    require_explicit_consent: bool = False
    call_window_minutes: int = Field(90, ge=1)
    quiet_hours: Annotated[str, AfterValidator(_span)] = "21:00-07:00"
    messages_per_day: int = Field(6, ge=0)


class Retell(Table):
    mode: Mode = "auto"
    api_key: SecretStr = SecretStr("")
    webhook_key: SecretStr = SecretStr("")
    from_number: str = ""
    agent_b2c: str = ""
    agent_b2b: str = ""
    base_url: str = "https://api.retellai.com"


class Whatsapp(Table):
    mode: Mode = "auto"
    access_token: SecretStr = SecretStr("")
    phone_number_id: str = ""
    app_secret: SecretStr = SecretStr("")
    verify_token: SecretStr = SecretStr("")
    waba_id: str = ""
    version: str = "v26.0"
    base_url: str = "https://graph.facebook.com"


class Twilio(Table):
    mode: Mode = "auto"
    account_sid: str = ""
    auth_token: SecretStr = SecretStr("")
    from_number: str = ""
    messaging_service_sid: str = ""
    base_url: str = "https://api.twilio.com"


class Stripe(Table):
    mode: Mode = "auto"
    api_key: SecretStr = SecretStr("")
    webhook_secret: SecretStr = SecretStr("")
    prices: dict[str, Literal["PRO", "ELITE", "CONCIERGE", "B2B"]] = {}
    base_url: str = "https://api.stripe.com"


class Smtp(Table):
    mode: Mode = "auto"
    host: str = ""
    port: int = Field(587, ge=1, le=65535)
    username: str = ""
    password: SecretStr = SecretStr("")
    from_address: str = ""
    tls: Literal["starttls", "tls", "none"] = "starttls"


class Settings(Table):
    environment: Literal["development", "production"] = "development"
    data_dir: Path = Path("data")
    log: Literal["auto", "plain", "json"] = "auto"
    web: Web = Web()
    security: Security = Security()
    limits: Limits = Limits()
    store: Store = Store()
    jobs: Jobs = Jobs()
    simulator: Simulator = Simulator()
    giving: Giving = Giving()
    tiers: Tiers = Tiers()
    rules: Rules = Rules()
    retell: Retell = Retell()
    whatsapp: Whatsapp = Whatsapp()
    twilio: Twilio = Twilio()
    stripe: Stripe = Stripe()
    smtp: Smtp = Smtp()

    @property
    def production(self) -> bool:
        return self.environment == "production"

    @property
    def simulation_allowed(self) -> bool:
        """In production a simulated provider runs only when the operator says so (R-168)."""
        return not self.production or self.simulator.allow_in_production

    @property
    def simulator_mounted(self) -> bool:
        return self.simulator.enabled and self.simulation_allowed

    @property
    def public_url(self) -> str:
        host = "127.0.0.1" if self.web.host in ("", "0.0.0.0", "::") else self.web.host  # noqa: S104 - compared, not bound
        return (self.web.public_url or f"http://{host}:{self.web.port}").rstrip("/")

    @property
    def frontend_url(self) -> str:
        return (self.web.frontend_url or self.public_url).rstrip("/")


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Read the settings.

    `path` is the file of ``--config``; without it ``IVY_CONFIG`` names one, else ``ivy.toml`` in the working directory is
    read if it is there. Raises SettingsError with one line per thing that is wrong.
    """
    values = _from_file(path, environ)
    for keys, text in _from_environment(environ):
        _put(values, keys, text)
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(problem) for problem in error.errors())) from None
    problems = list(_unfit(settings))
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def _from_file(path: Path | None, environ: Mapping[str, str]) -> dict[str, Any]:
    named = path or (Path(environ["IVY_CONFIG"]) if environ.get("IVY_CONFIG") else None)
    file = named or Path("ivy.toml")
    if named is None and not file.exists():
        return {}
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file} is not valid TOML: {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} cannot be read: {error}") from None


def _from_environment(environ: Mapping[str, str]) -> Iterator[tuple[list[str], Any]]:
    for name in sorted(environ):
        if not name.startswith("IVY_") or name in ("IVY_CONFIG", "IVY_PROVIDER_FACTS"):
            continue
        keys, value = name.removeprefix("IVY_").split("__"), environ[name]
        field = _field(keys)
        if field is None and keys[-1].endswith("_FILE"):
            keys = [*keys[:-1], keys[-1].removesuffix("_FILE")]
            field = _field(keys)
            try:
                value = Path(value).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise SettingsError(f"{name}: {value} cannot be read: {error}") from None
        yield [part if part in Tiers.model_fields else part.lower() for part in keys], _parsed(field, value)


def _field(keys: list[str]) -> Any:
    """The annotation behind a path of upper-case words, or None."""
    model: Any = Settings
    for part in keys:
        fields = getattr(model, "model_fields", {})
        field = fields.get(part if part in fields else part.lower())
        if field is None:
            return None
        model = field.annotation
    return model


def _parsed(field: Any, text: str) -> Any:
    """Lists may be written with commas, tables as JSON; everything else is text that pydantic reads."""
    shape = str(field)
    if shape.startswith("tuple"):
        return json.loads(text) if text.startswith("[") else [part.strip() for part in text.split(",") if part.strip()]
    if shape.startswith("dict"):
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            return text
    return text


def _put(values: dict[str, Any], keys: list[str], value: Any) -> None:
    for key in keys[:-1]:
        values = values.setdefault(key, {})
        if not isinstance(values, dict):
            raise SettingsError(f"{'.'.join(keys)}: {key} is not a table")
    values[keys[-1]] = value


def _sentence(problem: Any) -> str:
    path = [str(part) for part in problem["loc"]]
    name = ".".join(path)
    if problem["type"] == "extra_forbidden":
        return f"unknown setting {name}: did you mean {_nearest(path)}?"
    return f"{name}: {problem['msg'].removeprefix('Value error, ')}"


def _nearest(path: list[str]) -> str:
    known = list(_names(Settings))
    found = difflib.get_close_matches(".".join(path), known, n=1, cutoff=0.0)
    return found[0]


def _names(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _names(field.annotation, f"{prefix}{name}.")
        else:
            yield prefix + name


def _unfit(settings: Settings) -> Iterator[str]:
    """What is well-formed but must not start (R-168)."""
    secret = settings.security.secret.get_secret_value()
    if secret and len(secret) < 32:
        yield "security.secret is shorter than 32 characters"
    if settings.production and not settings.web.public_url.startswith("https://"):
        yield "web.public_url must start with https:// in production"
    for name, tier in settings.tiers:
        if tier.daily_cap > tier.monthly_limit:
            yield f"tiers.{name}: daily_cap is larger than monthly_limit"
