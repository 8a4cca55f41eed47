"""Finds what the JSON Schema of a procedure does not contain, so that the generated types do not either.

Reads Pydantic's core schemas, in which models are already resolved. Each class is visited once for each direction.
"""

from __future__ import annotations

import enum
from inspect import Parameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from .protocol import Message

# Members of core schemas that contain no schemas, or that are values of the user's.
NOT_SCHEMAS = {"metadata", "config", "default", "serialization", "members", "expected"}


def find_facts(procedures: Iterable[tuple[str, Any]]) -> list[Message]:
    """Returns the facts of all procedures, each class once, in the order of their names."""
    found = Facts()
    undeclared = []
    for name, procedure in procedures:
        if getattr(procedure, "_pyrpc_undeclared", False):
            undeclared.append(name)
        found.procedure = name
        for parameter in getattr(getattr(procedure, "sig", None), "parameters", {}).values():
            if parameter.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD):
                found.add("VARIADIC_PARAMETERS", name, str(parameter).partition(":")[0])
        try:
            for adapter in procedure.arg_adapters.values():
                found.visit(adapter.core_schema, is_result=False)
            if procedure.return_adapter is not None:
                found.visit(procedure.return_adapter.core_schema, is_result=True)
        except Exception:  # noqa: BLE001 (another version stores its adapters elsewhere)
            continue
    facts = [
        {"code": code, "subject": subject, "members": members}
        for (code, subject), members in sorted(found.members.items())
    ]
    if undeclared:
        facts.append({"code": "KIND_UNDECLARED", "subject": "procedures", "members": sorted(undeclared)})
    return facts


class Facts:
    """The members of each class that a fact is about."""

    def __init__(self) -> None:
        self.members: dict[tuple[str, str], list[str]] = {}
        # The one that is being visited.
        self.procedure = ""
        self.visited: set[tuple[bool, int]] = set()
        # Keeps the visited objects alive: their identities must not be reused.
        self.kept: list[Any] = []

    def add(self, code: str, subject: str, member: str | None = None) -> None:
        members = self.members.setdefault((code, subject), [])
        if member is not None and member not in members:
            members.append(member)

    def visit(self, root: Any, *, is_result: bool) -> None:
        """Visits a core schema and those inside it."""
        # With the class whose serializer is used, and the member of it.
        stack: list[tuple[Any, str, str | None]] = [(root, "", None)]
        while stack:
            schema, owner, member = stack.pop()
            if isinstance(schema, (list, tuple)):
                # Reversed, because the last one is visited first.
                stack += [(each, owner, member) for each in reversed(schema) if isinstance(each, (dict, list, tuple))]
                continue
            key = schema.get("cls") or schema
            if (is_result, id(key)) in self.visited:
                continue
            self.visited.add((is_result, id(key)))
            self.kept.append(key)
            kind = schema.get("type")
            if kind in ("model", "dataclass", "typed-dict"):
                # pyRPC serializes by the values: a dict and a plain value have no serializer of their type.
                owner, member = "" if is_result and kind == "typed-dict" else class_name(schema), None
            elif kind == "dataclass-field":
                member = schema["name"]
            if kind == "enum" and issubclass(schema["cls"], enum.Flag):
                self.add("INT_FLAG", class_name(schema))
            if is_result:
                self.visit_result(schema, owner, member)
            elif kind == "dict":
                self.visit_keys(schema, owner, member)
            for name, value in schema.items():
                if name == "fields" and isinstance(value, dict):
                    stack += [(field, owner, field_name) for field_name, field in reversed(value.items())]
                elif name not in NOT_SCHEMAS and isinstance(value, (dict, list, tuple)):
                    stack.append((value, owner, member))

    def visit_keys(self, schema: Any, owner: str, member: str | None) -> None:
        keys = schema.get("keys_schema", {})
        expected = keys.get("expected", ()) if keys.get("type") == "literal" else ()
        numbers = [repr(value) for value in expected if not isinstance(value, str)]
        if numbers:
            self.add("KEYS_REJECTED", owner or "parameters", member or f"Literal[{', '.join(numbers)}]")

    def visit_result(self, schema: Any, owner: str, member: str | None) -> None:
        kind = schema.get("type")
        if owner and is_custom_serializer(schema.get("serialization")):
            self.add("SERIALIZER", owner, member)
        if kind in ("model", "dataclass"):
            by_alias = bool(schema.get("config", {}).get("serialize_by_alias"))
            for name, field in fields_of(schema):
                self.visit_field(owner, name, field, by_alias)
        if kind == "generator":
            self.add("ITERABLE_RESULT", owner or self.procedure, member)
        for field in schema.get("computed_fields") or ():
            self.add("COMPUTED_FIELD", owner, field["property_name"])
        if kind == "typed-dict":
            fields = schema["fields"]
            optional = {name for name, field in fields.items() if not field.get("required", True)}
            absent = [name for name in optional if fields[name]["schema"].get("type") != "default"]
            # Beside a default, the schema looks like that of a model.
            if len(absent) < len(optional):
                for name in sorted(absent):
                    self.add("TYPED_DICT", class_name(schema), name)
            for name in sorted(absent):
                if has_schema_default(fields[name]):
                    self.add("EXCLUDED_FIELD", class_name(schema), name)

    def visit_field(self, owner: str, name: str, field: Any, by_alias: bool) -> None:
        typed = first_alias(field.get("validation_alias")) or name
        sent = (by_alias and field.get("serialization_alias")) or name
        if typed != sent:
            self.add("FIELD_ALIAS", owner, f"{name} ({typed})" if sent == name else f"{sent} ({typed})")
        if field.get("serialization_exclude") or field.get("init_only"):
            self.add("EXCLUDED_FIELD", owner, name)
        # Without a default the member is optional in the types, too.
        elif field.get("serialization_exclude_if") and "default" in field.get("schema", {}):
            self.add("EXCLUDED_FIELD", owner, name)


def has_schema_default(field: Any) -> bool:
    """Tests if the JSON Schema of a field has a default that Pydantic does not fill in."""
    extra = field.get("metadata", {}).get("pydantic_js_extra")
    functions = field["schema"].get("metadata", {}).get("pydantic_js_annotation_functions", ())
    schemas = [extra, *(getattr(getattr(each, "__self__", None), "json_schema", None) for each in functions)]
    return any(isinstance(each, dict) and "default" in each for each in schemas)


def class_name(schema: Any) -> str:
    return getattr(schema.get("cls"), "__name__", "") or schema.get("ref", "")


def fields_of(schema: Any) -> Iterator[tuple[str, Any]]:
    """Yields the fields of a model or a dataclass; validators may wrap the schema that has them."""
    inner = schema.get("schema")
    while isinstance(inner, dict):
        fields = inner.get("fields")
        if isinstance(fields, dict):
            yield from fields.items()
            return
        if isinstance(fields, list):
            for field in fields:
                if isinstance(field, dict):
                    yield field["name"], field
            return
        inner = inner.get("schema")


def first_alias(alias: Any) -> str | None:
    """Returns the name that the JSON Schema has: the alias, or the first one of AliasChoices that is not a path."""
    if isinstance(alias, (list, tuple)):
        names = [path[0] for path in alias if isinstance(path, (list, tuple)) and len(path) == 1]
        alias = next((name for name in names if isinstance(name, str)), None)
    return alias if isinstance(alias, str) else None


def is_custom_serializer(serialization: Any) -> bool:
    """Tests if a serializer of the user's applies to Python values, which is what pyRPC serializes to first."""
    if not isinstance(serialization, dict) or str(serialization.get("when_used")).startswith("json"):
        return False
    function = serialization.get("function")
    function = getattr(function, "func", function)
    module = getattr(function, "__module__", None) or ""
    return callable(function) and module.partition(".")[0] not in ("pydantic", "pydantic_core")
