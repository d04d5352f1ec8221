"""A Postman Collection v2.1.0, made of the OpenAPI document alone; Bruno, Insomnia and Hoppscotch import it too."""

import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import falcon

from ivy_engine.web.openapi.examples import of_parameter

Schema = dict[str, Any]

FORMAT = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
LANGUAGES = {JSON: "json", "text/xml": "xml"}  # how an answer is shown; any other is text
TOKENS = {"accessToken", "refreshToken"}
FILLED_IN = ("email", "refreshToken")  # fields of bodies that are written as the variable of that name
KEEP_TOKENS = [
    "if (pm.response.code === 200) {",
    "    const signedIn = pm.response.json().data;",
    '    pm.collectionVariables.set("accessToken", signedIn.accessToken);',
    '    pm.collectionVariables.set("refreshToken", signedIn.refreshToken);',
    "}",
]


def collection(document: Schema) -> Schema:
    """The collection of a document: a folder for each tag, in it a request for each operation, with examples of its answers.

    Ids follow from names, so that what is made of the same document is the same.
    """
    return _Writer(document).collection()


class _Writer:
    def __init__(self, document: Schema) -> None:
        self._document = document
        self._operations = [
            (path, method.upper(), operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        ]

    def collection(self) -> Schema:
        info = self._document["info"]
        return {
            "info": {
                "_postman_id": _id("collection", info["title"]),
                "name": info["title"],
                "description": info["description"],
                "schema": FORMAT,
            },
            "item": [self._folder(tag) for tag in self._document["tags"]],
            "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{accessToken}}", "type": "string"}]},
            "variable": [{"key": key, "value": value, "type": "string"} for key, value in self._variables().items()],
        }

    def _variables(self) -> dict[str, str]:
        return {
            "baseUrl": self._document["servers"][0]["url"].rstrip("/"),
            "accessToken": "",
            "refreshToken": "",
            "email": next((sent["email"] for _, sent in map(_sent, self._every()) if "email" in sent), ""),
        }

    def _every(self) -> Iterator[Schema]:
        return (operation for _, _, operation in self._operations)

    def _folder(self, tag: Schema) -> Schema:
        items = [self._item(*one) for one in self._operations if tag["name"] in one[2]["tags"]]
        return {"id": _id("tag", tag["name"]), "name": tag["name"], "description": tag["description"], "item": items}

    def _item(self, path: str, method: str, operation: Schema) -> Schema:
        media, sent = _sent(operation)
        request: Schema = {
            "method": method,
            "header": self._headers(operation, media),
            **({"body": _body(media, sent)} if media else {}),
            "url": self._url(path, operation),
        }
        told = {"description": operation["description"]} if "description" in operation else {}
        return {
            "id": _id("operation", operation["operationId"]),
            "name": operation["summary"],
            **({"event": [_kept()]} if self._signs_in(operation) else {}),
            "request": {**self._auth(operation), **request, **told},
            "response": [self._response(operation, request, *answer) for answer in self._answers(operation)],
        }

    def _url(self, path: str, operation: Schema) -> Schema:
        address = re.sub(r"\{(\w+)\}", r":\1", path)
        query = [_parameter(one) for one in self._parameters(operation, "query")]
        asked = "&".join(f"{one['key']}={one['value']}" for one in _enabled(query))
        found: Schema = {
            "raw": f"{{{{baseUrl}}}}{address}{'?' if asked else ''}{asked}",
            "host": ["{{baseUrl}}"],
            "path": address.split("/")[1:],
        }
        variables = [_parameter(one) for one in self._parameters(operation, "path")]
        return {**found, **({"query": query} if query else {}), **({"variable": variables} if variables else {})}

    def _headers(self, operation: Schema, media: str) -> list[Schema]:
        found = [{"key": "Content-Type", "value": media}] if media else []
        found += [_parameter(one) for one in self._parameters(operation, "header")]
        signatures = [one["name"] for one in self._schemes(operation) if one["type"] == "apiKey"]
        told = "The provider's signature of what it sends."
        return found + [{"key": name, "value": "", "description": told, "disabled": True} for name in signatures]

    def _parameters(self, operation: Schema, where: str) -> Iterator[Schema]:
        found = (self._resolved(one) for one in operation.get("parameters", []))
        return (one for one in found if one["in"] == where)

    def _auth(self, operation: Schema) -> Schema:
        """Nothing where the token of the collection is meant."""
        inherits = any(one["type"] == "http" for one in self._schemes(operation))
        return {} if inherits else {"auth": {"type": "noauth"}}

    def _schemes(self, operation: Schema) -> list[Schema]:
        known = self._document["components"]["securitySchemes"]
        return [known[name] for one in operation["security"] for name in one]

    def _signs_in(self, operation: Schema) -> bool:
        """Does its answer carry tokens?"""
        data = (example.get("data") for _, _, media, example in self._answers(operation) if media == JSON)
        return any(isinstance(one, dict) and one.keys() >= TOKENS for one in data)

    def _answers(self, operation: Schema) -> Iterator[tuple[int, str, str, Any]]:
        """Status, name, media type and example of each answer that has a body; a failure has one for each of its codes."""
        for status, answer in operation["responses"].items():
            for media, content in self._resolved(answer).get("content", {}).items():
                for name, example in _examples(content).items():
                    yield int(status), name, media, example

    def _response(self, operation: Schema, request: Schema, status: int, name: str, media: str, example: Any) -> Schema:
        phrase = falcon.code_to_http_status(status).partition(" ")[2]  # as it is sent, whatever Python's own table says
        title = f"{status} {name}" if name.isupper() else f"{status} {phrase} {name}".rstrip()  # codes are in capitals
        headers = self._resolved(operation["responses"][str(status)])["headers"]
        return {
            "id": _id("answer", f"{operation['operationId']} {title}"),
            "name": title,
            "originalRequest": _original(request),
            "status": phrase,
            "code": status,
            "_postman_previewlanguage": LANGUAGES.get(media, "text"),
            "header": [{"key": "Content-Type", "value": media}, *self._told(headers)],
            "body": _text(example),
        }

    def _told(self, headers: Schema) -> list[Schema]:
        """The headers that an answer always has."""
        found = {name: self._resolved(header) for name, header in headers.items()}
        return [{"key": name, "value": _text(header["example"])} for name, header in found.items() if header["required"]]

    def _resolved(self, part: Schema) -> Schema:
        while "$ref" in part:
            _, _, kind, name = part["$ref"].split("/")
            part = self._document["components"][kind][name]
        return part


def _id(kind: str, name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"ivy:{kind}:{name}"))


def _sent(operation: Schema) -> tuple[str, Any]:
    """Media type and first example of its body; nothing and an empty one where it takes none."""
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        return media, next(iter(_examples(content).values()))
    return "", {}


def _examples(content: Schema) -> dict[str, Any]:
    """By name; the only one of its kind has none."""
    if "example" in content:
        return {"": content["example"]}
    return {name: one["value"] for name, one in content["examples"].items()}


def _body(media: str, sent: Schema) -> Schema:
    if media == FORM:
        return {"mode": "urlencoded", "urlencoded": [{"key": key, "value": _text(sent[key]), "type": "text"} for key in sent]}
    filled = {key: f"{{{{{key}}}}}" if key in FILLED_IN else value for key, value in sent.items()}
    return {"mode": "raw", "raw": _text(filled), "options": {"raw": {"language": "json"}}}


def _original(request: Schema) -> Schema:
    """The request that an example answers: without what is switched off."""
    address = {name: _enabled(part) if name == "query" else part for name, part in request["url"].items()}
    return {**request, "header": _enabled(request["header"]), "url": address}


def _enabled(rows: list[Schema]) -> list[Schema]:
    return [row for row in rows if "disabled" not in row]


def _parameter(one: Schema) -> Schema:
    told = {"description": one["description"]} if "description" in one else {}
    optional = {} if one.get("required") else {"disabled": True}
    return {"key": one["name"], "value": _text(of_parameter(one)), **told, **optional}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


def _kept() -> Schema:
    """Signing in once is enough: the tokens of the answer become variables of the collection."""
    return {"listen": "test", "script": {"type": "text/javascript", "exec": KEEP_TOKENS}}
