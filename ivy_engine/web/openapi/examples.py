"""Examples of whole bodies and answers, put together from the examples of their parts."""

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]


def examples_of(schema: Schema, components: Mapping[str, Schema]) -> list[Any]:
    """The examples that a schema names itself, or one made of its parts. `components` are the schemas behind `$ref`.

    LookupError when a part says nothing that one could show.
    """
    named = _resolved(schema, components).get("examples")
    return list(named) if named else [example(schema, components)]


def of_parameter(parameter: Schema) -> Any:
    """A parameter's example. What may be left out has it in its schema: explorers fill in an `example` by themselves."""
    return parameter["example"] if "example" in parameter else parameter["schema"]["examples"][0]


def examples_of_answer(envelope: Schema, components: Mapping[str, Schema]) -> list[Any]:
    """The whole answer; and without the fields that need not be there, if it has such."""
    whole = example(envelope, components)
    data = _resolved(envelope["properties"]["data"], components)
    extra = set(data.get("properties", {})) - set(data.get("required", ()))
    if not extra:
        return [whole]
    least = {name: value for name, value in whole["data"].items() if name not in extra}
    return [whole, {**whole, "data": least}]


def alternatives(schema: Schema) -> list[Schema]:
    """What a value may be one of, null left out."""
    return [one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"]


def example(schema: Schema, components: Mapping[str, Schema]) -> Any:
    """One value that fits the schema."""
    schema = _resolved(schema, components)
    if "examples" in schema:
        return schema["examples"][0]
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return example(alternatives(schema)[0], components)
    if "properties" in schema:
        return {name: _part(name, part, components) for name, part in schema["properties"].items()}
    if schema.get("type") == "array":
        return [example(schema["items"], components)]
    if schema.get("type") == "boolean":
        return schema.get("default", True)
    raise LookupError(f"no example for {dict(schema)}")


def _part(name: str, schema: Schema, components: Mapping[str, Schema]) -> Any:
    try:
        return example(schema, components)
    except LookupError as problem:
        raise LookupError(f"{name}: {problem}") from None


def _resolved(schema: Schema, components: Mapping[str, Schema]) -> Schema:
    while "$ref" in schema:
        schema = components[schema["$ref"].rpartition("/")[2]]
    return schema
