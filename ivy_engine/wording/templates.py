"""Rendering of messages.toml, voice.toml and explanations.toml: a sandbox, and a parameter that is missing is an error."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment


@cache
def _texts(file: str = "messages.toml") -> dict[str, dict[str, str]]:
    source = resources.files("ivy_engine.wording").joinpath(file).read_text("utf-8")
    return tomllib.loads(source)


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


def names() -> list[str]:
    return list(_texts())


@cache
def _compiled(file: str, name: str, part: str) -> Template:
    return _environment().from_string(_texts(file)[name][part])


def render(template: str, params: Mapping[str, str], part: str = "body") -> str:
    """The text of a template, or its `subject`."""
    return _compiled("messages.toml", template, part).render(params).strip()


def speak(name: str, params: Mapping[str, str]) -> str:
    """A sentence of voice.toml."""
    return _compiled("voice.toml", name, "body").render(params).strip()


def explain(name: str, params: Mapping[str, object]) -> str:
    """A sentence of explanations.toml."""
    return _compiled("explanations.toml", name, "body").render(params).strip()
