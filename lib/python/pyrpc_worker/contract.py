"""Describes the procedures of a router as JSON Schema."""

from __future__ import annotations

import __future__
import gc
import importlib
import inspect
import json
import warnings

from .definitions import find_definitions
from .facts import find_facts
from .json_values import failing_adapters, to_json
from .registry import place_of
from .tracebacks import first_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .protocol import Message

# Number of procedures between two collections of garbage.
GARBAGE_INTERVAL = 50


class Contract:
    """The procedures of a router: the text of `GET /rpc`, and the procedures that JSON cannot describe exactly."""

    def __init__(self) -> None:
        self.schemas: dict[str, str] = {}
        self.problems: list[Message] = []
        self.adapted: list[str] = []
        self.defaults: list[Message] = []
        self.facts: list[Message] = []
        self.places: dict[str, Message | None] = {}
        self.definitions: Message | None = None

    def text(self) -> str:
        return "{" + ", ".join(json.dumps(name) + ": " + schema for name, schema in self.schemas.items()) + "}"


def describe_procedures(router: Any) -> Contract:
    contract = Contract()
    procedures = list(getattr(router, "_procedures", {}).items())
    if not procedures:
        return contract
    introspection = importlib.import_module("pyrpc_core.core.introspection")
    # Imported objects stay alive. From here on the collector visits only the objects of the schemas.
    if hasattr(gc, "freeze"):
        gc.freeze()
    with warnings.catch_warnings():
        # Pydantic warns about defaults that JSON cannot hold. The server does not print these warnings either.
        warnings.simplefilter("ignore")
        for count, (name, procedure) in enumerate(procedures, 1):
            if count % GARBAGE_INTERVAL == 0:
                gc.collect(0)
            try:
                describe_procedure(contract, introspection, str(name), procedure)
            except Exception as error:  # noqa: BLE001 (one procedure must not hide the others)
                contract.problems.append(describe_problem(str(name), procedure, error))
        contract.facts = find_facts((str(name), procedure) for name, procedure in procedures)
        try:
            contract.definitions = find_definitions((str(name), procedure) for name, procedure in procedures)
        except Exception:  # noqa: BLE001 (types without links to their source are better than none)
            pass
    return contract


def describe_procedure(contract: Contract, introspection: Any, name: str, procedure: Any) -> None:
    schema = introspection.get_procedure_schema(procedure)
    value = schema.model_dump() if hasattr(schema, "model_dump") else schema
    # Converted to text at once: hundreds of schemas take several times as much memory as objects.
    contract.schemas[name], is_plain = to_json(value)
    contract.places[name] = place_of(procedure.fn)
    if not is_plain:
        contract.adapted.append(name)
    for parameter in value.get("parameters", ()):
        adapters = failing_adapters(parameter.get("default"))
        if adapters:
            contract.defaults.append(describe_default(name, parameter["name"], procedure, adapters))


def describe_default(name: str, parameter: str, procedure: Any, adapters: list[str]) -> Message:
    signature = getattr(procedure, "sig", None) or inspect.signature(procedure.fn)
    return {
        "name": name,
        "parameter": parameter,
        "type": type(signature.parameters[parameter].default).__name__,
        "adapters": adapters,
        "place": place_of(procedure.fn),
    }


def describe_problem(name: str, procedure: Any, error: Exception) -> Message:
    """Returns the part of a procedure that has no JSON Schema, and the reason."""
    part = None
    try:
        adapters = dict(procedure.arg_adapters)
        if procedure.return_adapter is not None:
            adapters["return"] = procedure.return_adapter
        for part_name, adapter in adapters.items():
            try:
                adapter.json_schema()
            except Exception as cause:  # noqa: BLE001
                part, error = part_name, cause
                break
    except Exception:  # noqa: BLE001 (another version stores its adapters elsewhere)
        pass
    reason = text_annotation(procedure.fn, part, error) or first_line(error)
    return {"name": name, "part": part, "reason": reason, "place": place_of(procedure.fn)}


def text_annotation(function: Any, part: str | None, error: Exception) -> str | None:
    """Explains an annotation that pyRPC cannot resolve because it is text."""
    annotations = getattr(function, "__annotations__", {})
    text = annotations.get(part or "return")
    if not isinstance(text, str) or "not fully defined" not in first_line(error):
        return None
    code = getattr(function, "__code__", None)
    is_future = code is not None and code.co_flags & __future__.annotations.compiler_flag
    fix = 'remove "from __future__ import annotations"' if is_future else "write the type itself"
    return f'pyRPC cannot resolve "{text}" as text; {fix}'

