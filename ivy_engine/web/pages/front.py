"""The first page: what runs, what is simulated, what happened last, where to go next."""

from pathlib import Path
from typing import Any

import falcon
from jinja2 import Environment, PackageLoader, select_autoescape

from ivy_engine import __version__
from ivy_engine.actions import recent
from ivy_engine.engine import Ivy

STATIC = Path(__file__).parent / "static"


class FrontPage:
    def __init__(self, ivy: Ivy) -> None:
        self._ivy = ivy
        environment = Environment(loader=PackageLoader("ivy_engine.web.pages"), autoescape=select_autoescape())
        self._template = environment.get_template("front.html")

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        ivy = self._ivy
        resp.content_type = falcon.MEDIA_HTML
        resp.text = self._template.render(
            version=__version__,
            now=ivy.clock.now(),
            virtual=ivy.clock.virtual,
            jobs_running=ivy.workers.running,
            providers=_providers(ivy),
            events=[] if ivy.settings.production else recent.happened(ivy, 12),
            simulator=ivy.settings.simulator_mounted,
        )


_CAPABILITIES = {"voice": "Calls", "whatsapp": "WhatsApp", "sms": "SMS", "mail": "E-mail", "billing": "Payments"}


def _providers(ivy: Ivy) -> list[dict[str, Any]]:
    rows = []
    for field, label in _CAPABILITIES.items():
        provider = getattr(ivy.providers, field)
        state = "off" if provider is None else "simulated" if provider.simulated else "live"
        rows.append({"label": label, "state": state, "says": provider.check() if provider else "nothing is sent"})
    return rows
