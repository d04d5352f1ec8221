"""Rendering of the texts in the language folders: a sandbox, and a parameter that is missing is an error.

`catalogue.toml` says what each message is; `en-GB/` has its words, and another language has a folder beside it. What a language
does not have is said in English.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import StrictUndefined, Template, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

ENGLISH = "en-GB"


@dataclass(frozen=True)
class Kind:
    """What a message is, whatever the language: the fields of catalogue.toml."""

    type: str
    params: tuple[str, ...]
    mail: bool = False
    voluntary: str | None = None
    opens: str | None = None
    buttons: tuple[str, ...] = ()
    lasts: str | None = None
    urgent: bool = False
    ask: bool = False
    in_hold: bool = False
    despite_stop: bool = False


def kind(template: str) -> Kind:
    """KeyError for a template that there is not."""
    return _catalogue()[template]


def names() -> list[str]:
    return list(_catalogue())


def languages() -> list[str]:
    """Those that have a folder."""
    found = resources.files("ivy_engine.wording").iterdir()
    return sorted(entry.name for entry in found if entry.is_dir() and entry.joinpath("messages.toml").is_file())


@cache
def _catalogue() -> Mapping[str, Kind]:
    rows = tomllib.loads(resources.files("ivy_engine.wording").joinpath("catalogue.toml").read_text("utf-8"))
    return {
        name: Kind(**{**row, "params": tuple(row["params"]), "buttons": tuple(row.get("buttons", ()))})
        for name, row in rows.items()
    }


@cache
def _texts(language: str, file: str) -> Mapping[str, Any]:
    source = resources.files("ivy_engine.wording").joinpath(language, file)
    return tomllib.loads(source.read_text("utf-8")) if source.is_file() else {}


@cache
def _environment(html: bool) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=html)


def source(template: str, part: str = "body", language: str = ENGLISH, file: str = "messages.toml") -> str | None:
    """The words before anything is filled in; `part` may be one of a table: `whatsapp.body`. None if there is no such part."""
    for words in (_texts(language, file).get(template), _texts(ENGLISH, file).get(template)):
        found: Any = words
        for step in part.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
        if isinstance(found, str):
            return found
    return None


@cache
def _compiled(file: str, template: str, part: str, language: str) -> Template:
    text = source(template, part, language, file)
    if text is None:
        raise LookupError(f"{template} has no {part}")
    return _environment(part == "html").from_string(text)


def parameters(text: str) -> set[str]:
    """The names that a text leaves to be filled in."""
    return meta.find_undeclared_variables(_environment(html=False).parse(text))


def render(template: str, params: Mapping[str, str], part: str = "body", language: str = ENGLISH) -> str:
    """The text of a message, or its `subject` or `html`."""
    return _compiled("messages.toml", template, part, language).render(params).strip()


def approved(template: str, params: Mapping[str, str], language: str = ENGLISH) -> Mapping[str, str]:
    """The named parameters of a message in its approved form: each on one line, and none of them empty (PROVIDERS 2.2)."""
    if source(template, "whatsapp.body", language) is None:
        given = {name: params[name] for name in kind(template).params}
    else:
        forms = _form(template, language)
        given = {name: _compiled("messages.toml", template, f"whatsapp.{name}", language).render(params) for name in forms}
    return {name: " ".join(value.split()) or "-" for name, value in given.items()}


def approved_body(template: str, language: str = ENGLISH) -> str:
    """What an operator gives WhatsApp to approve, with `{{ name }}` for its named parameters."""
    return (source(template, "whatsapp.body", language) or source(template, "body", language) or "").strip()


def _form(template: str, language: str) -> list[str]:
    words = _texts(language, "messages.toml").get(template) or _texts(ENGLISH, "messages.toml")[template]
    return [name for name in words["whatsapp"] if name != "body"]


def footer(link: str, language: str = ENGLISH) -> str:
    """What every mail ends with."""
    return _compiled("mail.toml", "footer", "body", language).render(link=link).strip()


def footer_html(link: str, language: str = ENGLISH) -> str:
    """The same, for the HTML part."""
    return _compiled("mail.toml", "footer", "html", language).render(link=link).strip()


def speak(name: str, params: Mapping[str, str], language: str = ENGLISH) -> str:
    """A sentence of voice.toml."""
    return _compiled("voice.toml", name, "body", language).render(params).strip()


def help_text(name: str, params: Mapping[str, str], language: str = ENGLISH) -> str:
    """A text of help.toml."""
    return _compiled("help.toml", name, "body", language).render(params).strip()


def explain(name: str, params: Mapping[str, object], language: str = ENGLISH) -> str:
    """A sentence of explanations.toml."""
    return _compiled("explanations.toml", name, "body", language).render(params).strip()
