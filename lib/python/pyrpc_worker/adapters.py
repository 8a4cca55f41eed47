"""Shares one Pydantic adapter and one schema between all parameters of the same type.

A backend's hundreds of parameters have a few dozen types, and building adapters and schemas dominates the time of an
answer. Types are compared by identity and structure, never by equality, because `int | str == str | int`.
"""

from __future__ import annotations

import types
import typing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def share_adapters() -> None:
    """Replaces the adapter class of pyrpc_core by a function that caches."""
    try:
        import pydantic
        from pyrpc_core.core import procedure
    except BaseException:  # noqa: BLE001 (the user's own import reports the failure)
        return
    if procedure.TypeAdapter is not pydantic.TypeAdapter:
        return
    # The annotation is stored as well, so that its identity is not reused.
    cache: dict[Any, tuple[Any, Any]] = {}

    # Pydantic resolves names in the caller's frame, and this function adds one frame: hence a depth of 3 instead of 2.
    def adapter_for(annotation: Any, *args: Any, **options: Any) -> Any:
        key = None if args or options else type_key(annotation)
        if key is None:
            return pydantic.TypeAdapter(annotation, *args, **{"_parent_depth": 3, **options})
        cached = cache.get(key)
        if cached is None:
            adapter = pydantic.TypeAdapter(annotation, _parent_depth=3)
            cache[key] = cached = (with_cached_schema(adapter), annotation)
        return cached[0]

    procedure.TypeAdapter = adapter_for


def with_cached_schema(adapter: Any) -> Any:
    make_schema = adapter.json_schema
    cache: list[Any] = []

    def json_schema(*args: Any, **options: Any) -> Any:
        if args or options:
            return make_schema(*args, **options)
        if not cache:
            cache.append(make_schema())
        return cache[0]

    try:
        adapter.json_schema = json_schema
    except AttributeError:
        pass
    return adapter


def type_key(annotation: Any) -> Any:
    """Returns a key that only the same type has; None for a type that must not be cached."""
    if annotation is None or annotation is typing.Any:
        return id(annotation)
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        # A model that waits for a name is completed later: its earlier schema must not be cached.
        return id(annotation) if getattr(annotation, "__pydantic_complete__", True) else None
    origin = typing.get_origin(annotation)
    if origin in (list, dict, set, tuple, frozenset, types.UnionType, typing.Union):
        parts = tuple(map(type_key, typing.get_args(annotation)))
        return None if None in parts else (id(origin), parts)
    if annotation is Ellipsis:
        return id(Ellipsis)
    return None
