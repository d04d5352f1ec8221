"""`/preferences` and `/unsubscribe`: where the links in mails lead. They work signed out and without JavaScript."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, quote

import falcon
from jinja2 import Environment, PackageLoader, select_autoescape

from ivy_engine.actions import mail_links
from ivy_engine.domain.errors import InvalidLink
from ivy_engine.domain.preferences import VOLUNTARY
from ivy_engine.engine import Ivy
from ivy_engine.web.reading import read_raw

_FORM_LIMIT = 16 * 1024
_KINDS = {
    "reminders": ("Reminders", "Before a workout, and how it went afterwards"),
    "celebrations": ("Celebrations", "What you have done, and your streak"),
    "pulse": ("Weekly question", "Your energy and mood, once a week"),
    "summaries": ("Weekly summary", "Your week in numbers, on Sunday"),
    "check_ins": ("Check-ins", "A word when it has been quiet for some days"),
    "receipts": ("Receipts by e-mail", "What you have given, once a month"),
}


class PreferencesPage:
    """The kinds of messages that can be switched off, with a form."""

    def __init__(self, ivy: Ivy) -> None:
        self._ivy = ivy
        environment = Environment(loader=PackageLoader("ivy_engine.web.pages"), autoescape=select_autoescape())
        self._template = environment.get_template("preferences.html")

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        token = req.get_param("token") or ""
        try:
            chosen = mail_links.chosen(self._ivy, token)
        except InvalidLink as refusal:
            self._refuse(resp, refusal)
            return
        choices = [
            {"kind": kind, "label": _KINDS[kind][0], "says": _KINDS[kind][1], "on": chosen.wants(kind)} for kind in VOLUNTARY
        ]
        self._show(resp, {"token": token, "choices": choices, "saved": req.get_param("saved") is not None})

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Save, and show the page again: reloading it saves nothing a second time."""
        form = parse_qs(read_raw(req, _FORM_LIMIT).decode("utf-8", "replace"))
        token = form.get("token", [""])[0]
        try:
            mail_links.choose(self._ivy, token, form.get("kind", []))
        except InvalidLink as refusal:
            self._refuse(resp, refusal)
            return
        resp.status = 303
        resp.location = f"/preferences?token={quote(token)}&saved=1"

    def _show(self, resp: falcon.Response, values: Mapping[str, Any]) -> None:
        resp.content_type = falcon.MEDIA_HTML
        resp.text = self._template.render(values)

    def _refuse(self, resp: falcon.Response, refusal: InvalidLink) -> None:
        resp.status = 400
        self._show(resp, {"refusal": refusal.message})


class Unsubscribe:
    """The address in a mail's `List-Unsubscribe`. Mail programs post to it; scanners only open it, which changes nothing."""

    def __init__(self, ivy: Ivy) -> None:
        self._ivy = ivy

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """On to the preference page."""
        try:
            resp.location = mail_links.page_instead(self._ivy, req.get_param("token") or "")
            resp.status = 303
        except InvalidLink as refusal:
            _say(resp, 400, refusal.message)

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """RFC 8058: the body says `List-Unsubscribe=One-Click`, as a form of either encoding."""
        said = read_raw(req, _FORM_LIMIT)
        if b"List-Unsubscribe" not in said or b"One-Click" not in said:
            _say(resp, 400, "Post List-Unsubscribe=One-Click to this address.")
            return
        try:
            kind = mail_links.switch_off(self._ivy, req.get_param("token") or "")
        except InvalidLink as refusal:
            _say(resp, 400, refusal.message)
            return
        _say(resp, 200, f"{_KINDS[kind][0]}: switched off.")


def _say(resp: falcon.Response, status: int, sentence: str) -> None:
    resp.status, resp.content_type, resp.text = status, falcon.MEDIA_TEXT, sentence
