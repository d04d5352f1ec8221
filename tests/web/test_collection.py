"""The Postman collection says what the document says: every operation once, with its parameters, bodies, doors and answers."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ivy_engine.cli import main
from ivy_engine.web.app import API, SIMULATOR, routes_of
from ivy_engine.web.openapi.collection import collection
from ivy_engine.web.openapi.document import document
from ivy_engine.web.openapi.examples import of_parameter

Json = Any
ADDRESS = "https://ivy.example"
DOCUMENT = document((*API, *SIMULATOR), ADDRESS)
MADE = collection(DOCUMENT)
ITEMS = [(folder, item) for folder in MADE["item"] for item in folder["item"]]
OPERATIONS = {
    (method.upper(), path): operation for path, methods in DOCUMENT["paths"].items() for method, operation in methods.items()
}
KEEPING = {"POST /api/auth/verify", "POST /api/auth/refresh", "POST /simulator/sign-in"}


def key_of(item: Json) -> tuple[str, str]:
    """Method and the path as the document writes it."""
    address = item["request"]["url"]["raw"].removeprefix("{{baseUrl}}").partition("?")[0]
    return item["request"]["method"], re.sub(r":(\w+)", r"{\1}", address)


FOUND = {key_of(item): item for _, item in ITEMS}
every_operation = pytest.mark.parametrize("key", OPERATIONS, ids=lambda key: "-".join(key))


def resolved(part: Json) -> Json:
    while "$ref" in part:
        _, _, kind, name = part["$ref"].split("/")
        part = DOCUMENT["components"][kind][name]
    return part


def parameters(operation: Json, where: str) -> list[Json]:
    return [one for one in map(resolved, operation.get("parameters", [])) if one["in"] == where]


def examples(content: Json) -> list[Json]:
    return [content["example"]] if "example" in content else [one["value"] for one in content["examples"].values()]


def variables(made: Json) -> dict[str, str]:
    return {variable["key"]: variable["value"] for variable in made["variable"]}


def test_every_operation_is_in_it_once_and_nothing_else() -> None:
    assert Counter(key_of(item) for _, item in ITEMS) == Counter(list(OPERATIONS))


def test_the_tags_are_the_folders() -> None:
    told = [(folder["name"], folder["description"]) for folder in MADE["item"]]
    assert told == [(tag["name"], tag["description"]) for tag in DOCUMENT["tags"]]
    for folder, item in ITEMS:
        assert OPERATIONS[key_of(item)]["tags"] == [folder["name"]]
        assert item["name"] == OPERATIONS[key_of(item)]["summary"]
        assert item["request"].get("description") == OPERATIONS[key_of(item)].get("description")


def test_names_within_a_folder_differ() -> None:
    assert len({(folder["name"], item["name"]) for folder, item in ITEMS}) == len(ITEMS)


@every_operation
def test_addresses(key: tuple[str, str]) -> None:
    operation, url = OPERATIONS[key], FOUND[key]["request"]["url"]
    address, _, sent = url["raw"].partition("?")
    assert address == "/".join([*url["host"], *url["path"]])
    assert sent == "&".join(f"{one['key']}={one['value']}" for one in url.get("query", []) if not one.get("disabled"))
    named = {variable["key"]: variable["value"] for variable in url.get("variable", [])}
    assert named == {one["name"]: of_parameter(one) for one in parameters(operation, "path")}
    assert [part[1:] for part in url["path"] if part.startswith(":")] == list(named)
    query = {one["key"]: (one["value"], one.get("disabled", False)) for one in url.get("query", [])}
    assert query == {one["name"]: (str(of_parameter(one)), not one.get("required")) for one in parameters(operation, "query")}


@every_operation
def test_bodies(key: tuple[str, str]) -> None:
    request = FOUND[key]["request"]
    if "requestBody" not in OPERATIONS[key]:
        assert "body" not in request
        return
    [(media, content)] = OPERATIONS[key]["requestBody"]["content"].items()
    assert {"key": "Content-Type", "value": media} in request["header"]
    body, example = request["body"], examples(content)[0]
    if body["mode"] == "urlencoded":
        assert {part["key"]: part["value"] for part in body["urlencoded"]} == example
        return
    filled = {"email": variables(MADE)["email"], "refreshToken": "{{refreshToken}}"}  # the variable that signing in fills
    written = json.loads(body["raw"].replace("{{email}}", filled["email"]))
    assert written == {name: filled.get(name, value) for name, value in example.items()}
    assert "email" not in example or example["email"] == filled["email"]


@every_operation
def test_headers_wait_to_be_switched_on(key: tuple[str, str]) -> None:
    signature = [name for one in OPERATIONS[key]["security"] for name in one if name != "session"]
    headers = [one for one in FOUND[key]["request"]["header"] if one["key"] != "Content-Type"]
    assert all(one["disabled"] and one["description"] for one in headers)
    shown = {one["key"]: one["value"] for one in headers}
    described = {one["name"]: of_parameter(one) for one in parameters(OPERATIONS[key], "header")}
    assert shown == {**described, **dict.fromkeys(signature, "")}


@every_operation
def test_doors(key: tuple[str, str]) -> None:
    inherited = OPERATIONS[key]["security"] == [{"session": []}]
    assert FOUND[key]["request"].get("auth") == (None if inherited else {"type": "noauth"})


@every_operation
def test_every_answer_with_a_body_has_its_examples(key: tuple[str, str]) -> None:
    told = [
        (int(status), media, example)
        for status, answer in OPERATIONS[key]["responses"].items()
        for media, content in resolved(answer).get("content", {}).items()
        for example in examples(content)
    ]
    shown = [(one["code"], one["header"][0]["value"], read(one)) for one in FOUND[key]["response"]]
    assert shown == told
    for one in FOUND[key]["response"]:
        assert one["originalRequest"]["method"] == key[0]
        assert not [part for part in one["originalRequest"]["header"] if "disabled" in part]
        if one["code"] >= 400 and one["_postman_previewlanguage"] == "json" and "error" in read(one):
            assert one["name"] == f"{one['code']} {read(one)['error']['code']}"


def read(response: Json) -> Json:
    is_json = response["_postman_previewlanguage"] == "json"
    return json.loads(response["body"]) if is_json else response["body"]


def test_answers_show_the_headers_they_always_have() -> None:
    [found] = [one for one in FOUND["GET", "/api/users/me"]["response"] if one["code"] == 200]
    assert [header["key"] for header in found["header"]] == ["Content-Type", "X-Request-Id", "ETag"]
    assert (found["name"], found["status"]) == ("200 OK", "OK")


def test_signing_in_keeps_the_tokens() -> None:
    keeping = {" ".join(key) for key, item in FOUND.items() if "event" in item}
    assert keeping == KEEPING
    script = "\n".join(FOUND["POST", "/api/auth/refresh"]["event"][0]["script"]["exec"])
    for token in ("accessToken", "refreshToken"):
        assert f'pm.collectionVariables.set("{token}", ' in script


def test_it_carries_no_token() -> None:
    assert variables(MADE) == {"baseUrl": ADDRESS, "accessToken": "", "refreshToken": "", "email": "ana@example.com"}
    assert MADE["auth"] == {"type": "bearer", "bearer": [{"key": "token", "value": "{{accessToken}}", "type": "string"}]}
    sent = json.dumps([item["request"] for _, item in ITEMS])
    assert "Bearer" not in sent
    assert not re.search(r"eyJ\w+\.", sent)
    tokens = set(re.findall(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", json.dumps(MADE)))
    assert tokens <= set(re.findall(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", json.dumps(DOCUMENT)))


def test_the_same_document_makes_the_same_collection() -> None:
    assert json.dumps(collection(document((*API, *SIMULATOR), ADDRESS))) == json.dumps(MADE)
    fewer = collection(document(API, ADDRESS))
    kept = [item for folder in fewer["item"] for item in folder["item"]]
    assert {item["id"] for item in kept} < {item["id"] for _, item in ITEMS}
    assert fewer["info"] == MADE["info"]


def test_ids_differ() -> None:
    ids = [part["id"] for folder in MADE["item"] for item in folder["item"] for part in (item, *item["response"])]
    ids += [folder["id"] for folder in MADE["item"]]
    assert len(set(ids)) == len(ids)


def test_the_command_prints_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    environment = {"IVY_WEB__PUBLIC_URL": f"{ADDRESS}/"}
    postman, openapi, plain = (
        CliRunner().invoke(main, ["openapi", *words], env=environment) for words in (["--as", "postman"], ["--as", "openapi"], [])
    )
    assert json.loads(postman.stdout) == collection(document(routes_of(True), ADDRESS))
    assert openapi.stdout == plain.stdout
    assert json.loads(plain.stdout)["openapi"] == "3.1.0"
    assert CliRunner().invoke(main, ["openapi", "--as", "raml"]).exit_code == 2
