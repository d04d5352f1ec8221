"""Settings: the sample equals the defaults, the environment wins, and what cannot be is said in one clear list."""

from pathlib import Path

import pytest

from ivy_engine.settings import Settings, SettingsError, load

SAMPLE = Path(__file__).parents[1] / "ivy.toml"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_sample_equals_the_defaults() -> None:
    assert load(SAMPLE, {}) == Settings() == load(None, {})


def test_the_sample_names_every_setting() -> None:
    named = load(SAMPLE, {}).model_fields_set
    assert named == set(Settings.model_fields)
    for table in named - {"environment", "data_dir", "log"}:
        value = getattr(load(SAMPLE, {}), table)
        assert value.model_fields_set == set(type(value).model_fields), table


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "other.toml"
    file.write_text('[web]\nport = 1\nhost = "::1"\n')
    environment = {
        "IVY_CONFIG": str(file),
        "IVY_WEB__PORT": "8081",
        "IVY_DATA_DIR": "/somewhere",
        "IVY_TIERS__FREE__CALL_DAYS": "0",
        "IVY_WEB__CORS_ORIGINS": "https://a.example, https://b.example",
        "IVY_STRIPE__PRICES": '{"price_1": "PRO"}',
        "IVY_SIMULATOR__PUBLIC": "true",
        "PATH": "/bin",
    }
    settings = load(None, environment)
    assert (settings.web.port, settings.web.host, settings.data_dir) == (8081, "::1", Path("/somewhere"))
    assert (settings.tiers.FREE.call_days, settings.tiers.FREE.daily_cap) == (0, 3)
    assert settings.web.cors_origins == ("https://a.example", "https://b.example")
    assert settings.stripe.prices == {"price_1": "PRO"}
    assert settings.simulator.public is True


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s" * 40 + "\n")
    settings = load(None, {"IVY_SECURITY__SECRET_FILE": str(secret)})
    assert settings.security.secret.get_secret_value() == "s" * 40
    assert "s" * 40 not in repr(settings)


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"IVY_WEB__PROT": "1"}, "unknown setting web.prot: did you mean web.port?"),
        ({"IVY_DATADIR": "x"}, "did you mean data_dir?"),
        ({"IVY_WEB__PORT": "high"}, "web.port"),
        ({"IVY_WEB": "x"}, "web"),
        ({"IVY_LIMITS__API": "100"}, "limits.api"),
        ({"IVY_RULES__QUIET_HOURS": "9-5"}, "rules.quiet_hours"),
        ({"IVY_SECURITY__SECRET": "short"}, "security.secret is shorter than 32 characters"),
        ({"IVY_SECURITY__SECRET_FILE": "/not/there"}, "IVY_SECURITY__SECRET_FILE"),
        ({"IVY_ENVIRONMENT": "production"}, "web.public_url must start with https://"),
        ({"IVY_CONFIG": "/not/there.toml"}, "/not/there.toml cannot be read"),
        ({"IVY_TIERS__PRO__DAILY_CAP": "21"}, "tiers.PRO"),
        ({"IVY_GIVING__CURRENCY": "pounds"}, "giving.currency"),
    ],
)
def test_what_cannot_be_is_refused_with_its_name(environment: dict[str, str], says: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        load(None, environment)
    assert says in str(refusal.value)


@pytest.mark.parametrize("text", ["[web", "web = 3\n[web]\n", "\x00", "port = 80"])
def test_a_file_that_is_not_settings_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "ivy.toml").write_text(text)
    with pytest.raises(SettingsError):
        load(None, {})


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "ivy.toml").write_text('[web]\nport = "x"\nprot = 1\n[jobs]\nthreads = 0\n')
    with pytest.raises(SettingsError) as refusal:
        load(None, {})
    assert len(str(refusal.value).splitlines()) == 3
