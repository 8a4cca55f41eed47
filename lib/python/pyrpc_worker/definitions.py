"""Finds the definitions of procedures, models and fields in the project's source files.

A definition that is not certain is left out: the names come from imported objects, the positions from their source.
"""

from __future__ import annotations

import ast
import functools
import inspect
import os
import re
import sys

from .facts import NOT_SCHEMAS, fields_of, first_alias
from .project import is_project, origin_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from .protocol import Message

    # The line (from 1) of a name, its first column and the one after it (from 0, in UTF-16 code units).
    Range = tuple[int, int, int]

    # The index of the file, then the range of the name.
    Position = list[int]

# Lines of decorators that are searched for the function below them.
MAX_DECORATORS = 100

FUNCTION = re.compile(r"\s*(?:async\s+)?def\s+(\w+)")

# Classes and type aliases also inside other statements, so that their names are not unique.
DEFINITION = re.compile(r"\s*(?:class|type)\s+(\w+)|(\w+)\s*[:=]")

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

# Statements with statements inside that run in the same scope.
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


def find_definitions(procedures: Iterable[tuple[str, Any]]) -> Message:
    """Returns the position of each procedure, and of each model with its fields."""
    sources = Sources()
    positions = {}
    schemas = Schemas()
    for name, procedure in procedures:
        position = sources.function(procedure.fn)
        if position is not None:
            positions[name] = position
        try:
            for adapter in procedure.arg_adapters.values():
                schemas.visit(adapter.core_schema)
            if procedure.return_adapter is not None:
                schemas.visit(procedure.return_adapter.core_schema)
        except Exception:  # noqa: BLE001 (another version stores its adapters elsewhere)
            continue
    models = [model for model in map(sources.model, schemas.named) if model is not None]
    return {"files": list(sources.numbers), "procedures": positions, "models": models}


class Schemas:
    """The core schemas that have a name: those of classes and of type aliases."""

    def __init__(self) -> None:
        self.named: list[Any] = []
        self.visited: dict[int, Any] = {}

    def visit(self, root: Any) -> None:
        stack = [root]
        while stack:
            schema = stack.pop()
            if isinstance(schema, (list, tuple)):
                stack += [each for each in schema if isinstance(each, (dict, list, tuple))]
                continue
            key = schema.get("cls") or schema
            if id(key) in self.visited:
                continue
            # Keeps the object alive: its identity must not be reused.
            self.visited[id(key)] = key
            if key is not schema or (schema.get("ref") and schema.get("type") != "definition-ref"):
                self.named.append(schema)
            for name, value in schema.items():
                if name == "fields" and isinstance(value, dict):
                    stack += value.values()
                elif name not in NOT_SCHEMAS and isinstance(value, (dict, list, tuple)):
                    stack.append(value)


class Sources:
    """The source files of the project, each read once."""

    def __init__(self) -> None:
        self.read: dict[str, Source | None] = {}
        # The files with definitions, numbered in the order of their first use.
        self.numbers: dict[str, int] = {}

    def source(self, path: str | None) -> Source | None:
        if path is None or not is_project(path) or not path.endswith((".py", ".pyw")):
            return None
        if path not in self.read:
            self.read[path] = read_source(path)
        return self.read[path]

    def source_of_module(self, name: str) -> Source | None:
        module = sys.modules.get(name)
        return self.source(origin_of(module) or getattr(module, "__file__", None)) if module is not None else None

    def position(self, source: Source, name_range: Range) -> Position:
        return [self.numbers.setdefault(source.path, len(self.numbers)), *name_range]

    def function(self, function: Any) -> Position | None:
        while True:
            function = inspect.unwrap(function)
            if not isinstance(function, functools.partial):
                break
            function = function.func
        code = getattr(function, "__code__", None) or getattr(type(function).__call__, "__code__", None)
        if code is None or is_renamed(function, code):
            return None
        source = self.source(os.path.abspath(code.co_filename))
        found = source.function(code) if source is not None else None
        return self.position(source, found) if source is not None and found is not None else None

    def model(self, schema: Any) -> Message | None:
        """Returns the name of a schema in JSON Schema, its position, and those of its fields."""
        cls = schema.get("cls")
        module, name = (cls.__module__, cls.__name__) if cls is not None else name_in_ref(schema["ref"])
        if not name:
            return None
        fields = {}
        # Without a position as well: the caller matches a model by the names of its fields.
        own_names = {name: self.field_position(cls, name) for name, _ in fields_of_class(schema)}
        for field_name, field in fields_of_class(schema):
            fields[first_alias(field.get("validation_alias")) or field_name] = own_names[field_name]
        # Models that are not validated by alias have their own names in the schema.
        fields = {**own_names, **fields}
        return {
            "label": (schema.get("config") or {}).get("title") or name,
            "module": module,
            "position": self.class_position(cls) if cls is not None else self.alias_position(module, name),
            "fields": fields,
        }

    def class_position(self, cls: Any) -> Position | None:
        for base in cls.__mro__:
            source, node = self.class_node(base)
            if node is not None:
                return self.position(source, source.name_range(node))
            # A parametrized generic class has the position of the class that was written.
            if not is_parametrized(base):
                return None
        return None

    def class_node(self, cls: Any) -> tuple[Any, Any]:
        source = self.source_of_module(cls.__module__)
        line = getattr(cls, "__firstlineno__", None)
        return source, source.definition(cls.__qualname__, line) if source is not None else None

    def alias_position(self, module: str, name: str) -> Position | None:
        source = self.source_of_module(module)
        node = source.definition(name, None) if source is not None else None
        return self.position(source, source.name_range(node)) if source is not None and node is not None else None

    def field_position(self, cls: Any, name: str) -> Position | None:
        """Returns the position of a field in the class that declares it; None if that is not the project's."""
        for base in declaring_classes(cls):
            source, node = self.class_node(base)
            field = fields_in(node).get(name)
            if field is not None:
                return self.position(source, source.name_range(field))
            if node is None and not is_parametrized(base) and name in vars(base).get("__annotations__", ()):
                return None
        return None


def is_renamed(function: Any, code: Any) -> bool:
    """Tests if a wrapper has the name of the function that it wraps; it does not lead to that function."""
    return getattr(function, "__name__", code.co_name) != code.co_name


def is_parametrized(cls: Any) -> bool:
    return "[" in cls.__qualname__


def declaring_classes(cls: Any) -> Iterator[Any]:
    """Yields a class and its bases in the order in which fields are looked up; the MRO of a TypedDict has no bases."""
    yield from cls.__mro__
    if cls.__mro__[1:2] == (dict,):
        for base in reversed(vars(cls).get("__orig_bases__", ())):
            origin = getattr(base, "__origin__", base)
            if isinstance(origin, type):
                yield from declaring_classes(origin)


def fields_of_class(schema: Any) -> Iterator[tuple[str, Any]]:
    if schema.get("cls") is None:
        return iter(())
    return iter(schema["fields"].items()) if schema.get("type") == "typed-dict" else fields_of(schema)


def name_in_ref(ref: str) -> tuple[str, str]:
    """Returns module and name in a reference of Pydantic: `module.Name:id`; empty if it has another form."""
    path, colon, rest = ref.partition(":")
    module, _, name = path.rpartition(".")
    return (module, name) if colon and rest.isdigit() and name.isidentifier() else ("", "")


class Source:
    """The definitions of one file. The whole file is parsed only if a definition cannot be parsed alone."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        # As Python's parser divides them; `splitlines` divides at further characters.
        self.lines = re.split(r"\r\n|\r|\n", text)
        # The lines that may define a name at the top of the file.
        self.starts: dict[str, list[int]] = {}
        for number, line in enumerate(self.lines):
            found = DEFINITION.match(line)
            if found:
                self.starts.setdefault(found[1] or found[2], []).append(number)
        self.nodes: dict[str, Any] = {}
        self.parsed: dict[str, list[Any]] | None = None

    def function(self, code: Any) -> Range | None:
        """Returns the range of a function's name. Its code begins with the first decorator."""
        first = code.co_firstlineno
        for number in range(first, min(first + MAX_DECORATORS, len(self.lines)) + 1):
            line = self.lines[number - 1]
            found = FUNCTION.match(line)
            if found:
                span = number, columns(line, found.start(1)), columns(line, found.end(1))
                return span if found[1] == code.co_name else None
        return None

    def definition(self, qualified_name: str, line: int | None) -> Any:
        """Returns the only definition of a name, or the one that begins at a line."""
        if qualified_name not in self.nodes:
            self.nodes[qualified_name] = self.parse_alone(qualified_name) or self.find(qualified_name, line)
        return self.nodes[qualified_name]

    def parse_alone(self, name: str) -> Any:
        """Parses the statement that defines a name at the top of the file; None if it is not the only one."""
        starts = self.starts.get(name, [])
        if len(starts) != 1 or self.lines[starts[0]][0].isspace():
            return None
        end = starts[0] + 1
        # Up to the next statement. A text that is cut within a statement is a syntax error.
        while end < len(self.lines) and not re.match(r"[\w@]", self.lines[end]):
            end += 1
        try:
            statement = ast.parse("\n".join(self.lines[starts[0] : end])).body[0]
        except (SyntaxError, IndexError):
            return None
        return ast.increment_lineno(statement, starts[0])

    def find(self, qualified_name: str, line: int | None) -> Any:
        if self.parsed is None:
            self.parsed = {}
            try:
                add_definitions(self.parsed, ast.parse(self.text, self.path), "")
            except (SyntaxError, ValueError, RecursionError):
                pass
        found = self.parsed.get(qualified_name, [])
        if len(found) > 1 and line is not None:
            found = [node for node in found if first_line_of(node) == line]
        return found[0] if len(found) == 1 else None

    def name_range(self, node: Any) -> Range:
        """Returns the range of the name that a node of the syntax tree defines."""
        line = self.lines[node.lineno - 1]
        start = len(line.encode()[: node.col_offset].decode())
        if isinstance(node, ast.Constant):
            name, start = str(node.value), start + 1
        elif isinstance(node, ast.ClassDef):
            name, start = node.name, start + len("class ")
        elif isinstance(node, ast.keyword):
            name = str(node.arg)
        else:
            name = assigned_name(node) or ""
            start += len("type ") if is_type_alias(node) else 0
        start = max(line.find(name, start), start)
        return node.lineno, columns(line, start), columns(line, start + len(name))


def columns(line: str, length: int) -> int:
    """Returns a column in UTF-16 code units."""
    return length if line.isascii() else len(line[:length].encode("utf-16-le")) // 2


def read_source(path: str) -> Source | None:
    try:
        with open(path, "rb") as file:
            return Source(path, file.read().decode("utf-8-sig"))
    except (OSError, ValueError):
        return None


def add_definitions(definitions: dict[str, list[Any]], parent: Any, prefix: str) -> None:
    for node in statements(parent):
        if isinstance(node, ast.ClassDef):
            definitions.setdefault(prefix + node.name, []).append(node)
            add_definitions(definitions, node, prefix + node.name + ".")
        elif isinstance(node, FUNCTIONS):
            add_definitions(definitions, node, prefix + node.name + ".<locals>.")
        else:
            name = assigned_name(node)
            if name is not None:
                definitions.setdefault(prefix + name, []).append(node)


def statements(parent: Any) -> Iterator[Any]:
    """Yields the statements of a scope, also those in conditions and loops."""
    for name in BLOCKS:
        for node in getattr(parent, name, ()):
            yield node
            if not isinstance(node, (ast.ClassDef, *FUNCTIONS)):
                yield from statements(node)


def first_line_of(node: Any) -> int:
    decorators = getattr(node, "decorator_list", None)
    return decorators[0].lineno if decorators else node.lineno


def is_type_alias(node: Any) -> bool:
    return type(node).__name__ == "TypeAlias"


def assigned_name(node: Any) -> str | None:
    if is_type_alias(node):
        return node.name.id
    target = node.target if isinstance(node, ast.AnnAssign) else None
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target = node.targets[0]
    return target.id if isinstance(target, ast.Name) else None


def fields_in(node: Any) -> dict[str, Any]:
    """Returns the fields that a class declares, or those in the call that makes it, such as `create_model()`."""
    fields: dict[str, Any] = {}
    if isinstance(node, ast.ClassDef):
        for statement in statements(node):
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                fields[statement.target.id] = statement
        return fields
    call = getattr(node, "value", None)
    if isinstance(call, ast.Call):
        for keyword in call.keywords:
            if keyword.arg is not None:
                fields[keyword.arg] = keyword
        for argument in call.args:
            if isinstance(argument, ast.Dict):
                fields.update({key.value: key for key in argument.keys if isinstance(key, ast.Constant)})
    return fields
