"""Texts as people see them, with example parameters, and as WhatsApp is asked to approve them."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from ivy_engine.wording import templates


@dataclass(frozen=True)
class Approval:
    """What an operator enters in WhatsApp's template manager; `examples` has a value for each of its named parameters."""

    name: str
    language: str
    body: str
    examples: Mapping[str, str]
    buttons: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """`whatsapp` is None for a mail, `subject` for anything else."""

    template: str
    type: str
    language: str
    params: Mapping[str, str]
    subject: str | None
    body: str
    whatsapp: Approval | None


def preview(template: str, language: str = templates.ENGLISH) -> Preview:
    """KeyError for a template that there is not."""
    kind, params = templates.kind(template), examples(template)
    return Preview(
        template=template,
        type=kind.type,
        language=language,
        params=params,
        subject=templates.render(template, params, "subject", language) if kind.mail else None,
        body=templates.render(template, params, "body", language),
        whatsapp=None if kind.mail else _approval(template, language),
    )


def examples(template: str) -> Mapping[str, str]:
    """A value for each parameter of a template. KeyError where examples.toml has none."""
    known = _examples()
    return {name: {**known["params"], **known.get(template, {})}[name] for name in templates.kind(template).params}


@cache
def _examples() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(resources.files("ivy_engine.wording").joinpath("examples.toml").read_text("utf-8"))


def _approval(template: str, language: str) -> Approval:
    return Approval(
        name=template,
        language=language.replace("-", "_"),
        body=re.sub(r"\{\{ *(\w+) *\}\}", r"{{\1}}", templates.approved_body(template, language)),
        examples=templates.approved(template, examples(template), language),
        buttons=tuple(payload.replace("_", " ").capitalize() for payload in templates.kind(template).buttons),
    )
