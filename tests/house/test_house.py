"""The walls of the house: who imports whom, no cycles, no hidden clock, no attic. It also prints what has grown largest."""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from ivy_engine import fault_points

ROOT = Path(__file__).parents[2]
PACKAGE = "ivy_engine"

# floor -> (what of ours it may import, which third-party packages); the longest prefix of a module is its floor
FLOORS: dict[str, tuple[set[str], set[str]]] = {
    "domain": ({"domain"}, {"phonenumbers"}),
    "store": ({"domain", "store"}, {"peewee", "playhouse", "orjson"}),
    "keys": (set(), {"jwt", "itsdangerous", "cryptography"}),
    "wording": ({"domain", "wording"}, {"jinja2"}),
    "workers": (set(), {"huey"}),
    "settings": (set(), {"pydantic"}),
    "clock": (set(), set()),
    "log": (set(), set()),
    "fault_points": (set(), set()),
    "plugins": ({"plugins.contract", "plugins.http", "plugins.body"}, {"pydantic"}),
    "plugins.contract": ({"domain"}, {"pydantic"}),
    "plugins.http": (set(), {"httpx"}),
    "plugins.table": ({"plugins"}, {"pydantic"}),
    # a simulated provider speaks the wire of the one it stands for
    "plugins.simulated": (
        {
            "plugins.contract",
            "plugins.http",
            "plugins.simulated",
            "plugins.retell",
            "plugins.whatsapp",
            "plugins.twilio",
            "plugins.stripe",
        },
        {"pydantic"},
    ),
    "engine": ({"settings", "clock", "log", "keys", "workers", "store.db", "store.clockwork", "plugins"}, set()),
    "actions": ({"actions", "domain", "store", "wording", "plugins.contract", "engine", "keys", "fault_points"}, set()),
    "jobs": ({"actions", "domain", "workers", "engine"}, set()),
    "web": (
        {"web", "actions", "domain", "plugins.contract", "engine", "log", "clock", "__init__"},
        {"falcon", "pydantic", "pydantic_core", "typing_extensions", "jinja2", "orjson"},
    ),
    "web.idempotency": ({"web", "domain", "engine", "store.idempotency"}, {"falcon", "orjson"}),
    "web.api.simulator": ({"web", "actions", "domain", "plugins.contract", "engine", "jobs"}, set()),
    "web.api.operations": ({"web", "actions", "engine", "jobs"}, set()),
    "serve": ({"engine", "jobs", "web"}, {"waitress"}),
    "doctor": ({"engine", "plugins", "settings"}, set()),
    "demo": ({"actions", "domain", "engine", "jobs", "store"}, {"httpx"}),
    "cli": ({""}, {"click"}),
    "__main__": ({"cli"}, set()),
    "__init__": (set(), set()),
}
CLOCKS = {
    "time": {"time", "time_ns", "monotonic", "sleep", "localtime", "gmtime"},
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "uuid": {"uuid1", "uuid4", "uuid7"},
}
RANDOM_MODULES = {"random", "secrets"}
ATTIC = {"utils", "helpers", "common", "misc"}


def modules() -> dict[str, Path]:
    """Dotted name below the package (`actions.calls.events`) -> file. Migrations are frozen history and left out."""
    found = {}
    for file in sorted((ROOT / PACKAGE).rglob("*.py")):
        parts = file.relative_to(ROOT / PACKAGE).with_suffix("").parts
        if "migrations" in parts or (parts[-1] == "__init__" and len(parts) > 1):
            continue
        found[".".join(parts)] = file
    return found


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


def imported(file: Path) -> Iterator[tuple[str, ast.stmt]]:
    """Every module that a file imports, ours in full: `from ivy_engine.domain import zones` is ivy_engine.domain.zones."""
    known = {f"{PACKAGE}.{name}" for name in modules()}
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: imports are written in full"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield (inner if inner in known else node.module or ""), node


def floor_of(module: str) -> str:
    parts = module.split(".")
    prefixes = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
    return next((prefix for prefix in prefixes if prefix in FLOORS), "")


def below(module: str, allowed: set[str]) -> bool:
    return any(entry == "" or module == entry or module.startswith(f"{entry}.") for entry in allowed)


@pytest.mark.parametrize("module", modules())
def test_imports_stay_on_their_floor(module: str) -> None:
    floor = floor_of(module)
    assert floor, f"{module} is on no floor: give it one in this table"
    ours, theirs = FLOORS[floor]
    for name, node in imported(modules()[module]):
        top, _, rest = name.partition(".")
        if top == PACKAGE:
            assert below(rest or "__init__", ours), f"{module}:{node.lineno} may not import {name}"
        elif top not in sys.stdlib_module_names:
            assert top in theirs, f"{module}:{node.lineno} may not import {name}"


def test_only_simulated_providers_open_a_database_of_their_own() -> None:
    users = {name for name, file in modules().items() if any(top == "sqlite3" for top, _ in imported(file))}
    assert users <= {"plugins.simulated.memory", "store.db", "workers"}


def test_only_the_store_knows_sql() -> None:
    for name, file in modules().items():
        if not name.startswith(("store", "plugins.simulated", "workers")):
            assert not {top.split(".")[0] for top, _ in imported(file)} & {"peewee", "playhouse"}, name


def test_imports_stand_at_the_top() -> None:
    for name, file in modules().items():
        inner = [
            node for function in functions(file) for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        assert not inner, f"{name} imports inside a function"


def test_no_cycles() -> None:
    graph: dict[str, set[str]] = defaultdict(set)
    for module, file in modules().items():
        graph[module] = {name.removeprefix(f"{PACKAGE}.") for name, _ in imported(file) if name.startswith(f"{PACKAGE}.")}
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join((*path, module))
        if module not in done:
            for other in sorted(graph.get(module, ())):
                visit(other, (*path, module))
            done.add(module)

    for module in graph:
        visit(module, ())


def test_time_and_chance_come_through_the_clock() -> None:
    for name, file in modules().items():
        if name == "clock":
            continue
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
                used = CLOCKS.get(node.func.value.id, set())
                assert node.func.attr not in used, f"{name}:{node.lineno} reads a clock of its own"
        modules_used = {top.split(".")[0] for top, _ in imported(file)}
        allowed = RANDOM_MODULES & {"secrets"} if name == "keys" else set()  # the first secret.key
        assert not modules_used & RANDOM_MODULES - allowed, f"{name} brings chance of its own"


def test_there_is_no_attic() -> None:
    for name in modules():
        assert not set(name.split(".")) & ATTIC, name


def test_rules_do_no_input_or_output() -> None:
    forbidden = {"os", "io", "socket", "sqlite3", "subprocess", "threading", "logging", "urllib", "time", "random", "pathlib"}
    for name, file in modules().items():
        if name.startswith("domain"):
            assert not {top.split(".")[0] for top, _ in imported(file)} & forbidden, name


def test_fault_points_stand_once_each_and_nobody_of_ours_arms_them() -> None:
    """What lets the process die in a test is out of reach of settings and environment."""
    reached = []
    for name, file in modules().items():
        for top, node in imported(file):
            if top == f"{PACKAGE}.fault_points":
                assert ast.unparse(node) == f"from {PACKAGE} import fault_points", f"{name} imports more than it may"
        for use in ast.walk(tree(file)):
            if isinstance(use, ast.Attribute) and ast.unparse(use.value) == "fault_points":
                assert use.attr == "reach", f"{name}:{use.lineno} may only reach a fault point"
            if isinstance(use, ast.Call) and ast.unparse(use.func) == "fault_points.reach":
                reached.append(ast.literal_eval(use.args[0]))
    assert sorted(reached) == sorted(fault_points.POINTS)
    attributes = {node.attr for node in ast.walk(tree(modules()["fault_points"])) if isinstance(node, ast.Attribute)}
    assert not attributes & {"environ", "getenv", "argv"}


def functions(file: Path) -> Iterator[ast.FunctionDef]:
    yield from (node for node in ast.walk(tree(file)) if isinstance(node, ast.FunctionDef))


def test_print_what_has_grown_largest(capsys: pytest.CaptureFixture[str]) -> None:
    """A question to answer, not an error: is there a second thing in it?"""
    files = sorted(((len(file.read_text().splitlines()), name) for name, file in modules().items()), reverse=True)
    sizes = sorted(
        (
            ((node.end_lineno or 0) - node.lineno + 1, f"{name}:{node.name}")
            for name, file in modules().items()
            for node in functions(file)
        ),
        reverse=True,
    )
    with capsys.disabled():
        print("\nlargest files:    ", ", ".join(f"{name} {lines}" for lines, name in files[:6]))
        print("largest functions:", ", ".join(f"{name} {lines}" for lines, name in sizes[:6]))
    assert files
    assert sizes
