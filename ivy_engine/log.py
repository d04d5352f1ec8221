"""One line per event: JSON or plain, with the request's id, and no phone number or e-mail address in it."""

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[str] = ContextVar("request_id", default="")

_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w-])\+?\d[\d ()-]{7,}\d(?![\w-])")


def masked(text: str) -> str:
    """The text without e-mail addresses and phone numbers (R-160). Ids and times keep their digits."""
    return _PHONE.sub(_phone, _EMAIL.sub("<e-mail>", text))


def _phone(match: re.Match[str]) -> str:
    digits = sum(character.isdigit() for character in match[0])
    return "<phone>" if 9 <= digits <= 15 else match[0]


class _Line(logging.Formatter):
    def _text(self, record: logging.LogRecord) -> str:
        text = record.getMessage()
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        return masked(text)

    def _at(self, record: logging.LogRecord) -> str:
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class JsonLine(_Line):
    def format(self, record: logging.LogRecord) -> str:
        line = {"at": self._at(record), "level": record.levelname, "logger": record.name, "message": self._text(record)}
        if request_id.get():
            line["requestId"] = request_id.get()
        return json.dumps(line, ensure_ascii=False)


class PlainLine(_Line):
    def format(self, record: logging.LogRecord) -> str:
        suffix = f" [{request_id.get()}]" if request_id.get() else ""
        return f"{self._at(record)[11:23]} {record.levelname:7} {self._text(record)}{suffix}"


def start(style: str) -> None:
    """Send the log to stderr. `style` is auto (plain on a terminal, else JSON), plain or json."""
    plain = style == "plain" or (style == "auto" and sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PlainLine() if plain else JsonLine())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for chatty in ("huey", "httpx", "waitress.queue", "peewee.migrations"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
