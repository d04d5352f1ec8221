"""The models' JSON Schemas, gathered under their names."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from ivy_engine.web.endpoint import adapter_of

Schema = dict[str, Any]
Mode = Literal["validation", "serialization"]
WHERE = "#/components/schemas/{model}"


class _Untitled(GenerateJsonSchema):
    """Without the titles that only repeat the fields' names."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def gathered(bodies: Iterable[Any], answers: Iterable[Any]) -> tuple[dict[Any, Schema], dict[str, Schema]]:
    """A schema for each type expression, and the named schemas that they refer to.

    Bodies are described as they are read, answers as they are written.
    """
    read: list[tuple[Any, Mode, TypeAdapter[Any]]] = [(one, "validation", adapter_of(one)) for one in dict.fromkeys(bodies)]
    wrote: list[tuple[Any, Mode, TypeAdapter[Any]]] = [(one, "serialization", adapter_of(one)) for one in dict.fromkeys(answers)]
    found, named = TypeAdapter.json_schemas([*read, *wrote], ref_template=WHERE, schema_generator=_Untitled)
    schemas = {key: _tidy(schema) for (key, _), schema in found.items()}
    return schemas, {name: _tidy(schema) for name, schema in named.get("$defs", {}).items()}


def referred_to(parts: Any, named: Mapping[str, Schema]) -> set[str]:
    """The names of the schemas that some parts of a document refer to, and that those refer to in turn."""
    found: set[str] = set()
    open_ends = [parts]
    while open_ends:
        part = open_ends.pop()
        if isinstance(part, list):
            open_ends += part
        elif isinstance(part, dict):
            open_ends += part.values()
            where, _, name = str(part.get("$ref", "")).rpartition("/")
            if where == "#/components/schemas" and name not in found:
                found.add(name)
                open_ends.append(named[name])
    return found


def _tidy(schema: Any) -> Any:
    """Without the class names that stand as titles, and without defaults that only say "not given"."""
    if isinstance(schema, list):
        return [_tidy(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    named = "properties" in schema
    kept = {name: value for name, value in schema.items() if not (name == "title" and isinstance(value, str))}
    if kept.get("default", True) is None and not named:
        del kept["default"]
    if named:
        properties = {name: _tidy(part) for name, part in kept.pop("properties").items()}
        return {**{name: _tidy(value) for name, value in kept.items()}, "properties": properties}
    return {name: value if name in ("examples", "enum", "const") else _tidy(value) for name, value in kept.items()}
