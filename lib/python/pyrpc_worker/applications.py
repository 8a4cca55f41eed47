"""Finds the application objects of a module, and classifies them by framework."""

from __future__ import annotations

import ast
import inspect
import sys
from typing import NamedTuple

from .errors import AppNotFound
from .project import is_project
from .registry import is_procedure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from types import CellType, ModuleType
    from typing import Any

# Class -> kind of the server that it needs. A class comes before those that it is derived from.
APPLICATIONS = {
    "flask.app.Flask": "flask",
    "fastapi.applications.FastAPI": "fastapi",
    "starlette.applications.Starlette": "asgi",
    "pyrpc_core.transport.asgi.PyRPCAsgiApp": "asgi",
    "django.core.handlers.asgi.ASGIHandler": "asgi",
    "django.core.handlers.wsgi.WSGIHandler": "django",
}
# Callable like an application, but only parts of one.
PARTS = {
    "starlette.responses.Response",
    "starlette.routing.BaseRoute",
    "starlette.routing.Router",
    "starlette.staticfiles.StaticFiles",
}
FACTORIES = {
    verb + "_" + noun for verb in ("create", "make", "build", "get") for noun in ("app", "application")
}


def named_app(module: ModuleType, expression: str) -> Any:
    """Returns the application of that name; calls a factory, as `uvicorn --factory` and `flask --app` do.

    As in Flask, the expression may be a call with literal arguments: `create_app("test", debug=True)`.
    """
    target: Any = module
    call = parsed_call(expression)
    try:
        for part in (expression if call is None else call.name).split("."):
            target = getattr(target, part)
    except AttributeError:
        raise AppNotFound(expression, [*apps_in(module), *factories_in(module)]) from None
    if call is not None:
        return target(*call.args, **call.options)
    if kind_of(target) is None and inspect.isroutine(inspect.unwrap(target)) and needs_no_arguments(target):
        target = target()
    return target


class Call(NamedTuple):
    name: str
    args: list[Any]
    options: dict[str, Any]


def parsed_call(expression: str) -> Call | None:
    """Parses a call with literal arguments; None for other expressions."""
    try:
        call = ast.parse(expression, mode="eval").body
        if not isinstance(call, ast.Call) or any(each.arg is None for each in call.keywords):
            return None
        args = [ast.literal_eval(each) for each in call.args]
        options = {each.arg: ast.literal_eval(each.value) for each in call.keywords if each.arg is not None}
        return Call(ast.unparse(call.func), args, options)
    except (SyntaxError, ValueError):
        return None


def apps_in(module: ModuleType) -> dict[str, Any]:
    """Returns the applications of a module by name, without those that another one wraps or mounts."""
    found: dict[int, tuple[str, Any]] = {}
    for name, value in vars(module).items():
        if kind_of(value) is not None and (name == "app" or not class_names(value) & PARTS):
            found.setdefault(id(value), (name, value))
    inner: set[int] = set()
    if len(found) > 1:
        for _, app in found.values():
            inner |= parts_of(app)
    outer = {name: app for key, (name, app) in found.items() if key not in inner}
    # Applications that refer to one another are equals.
    return outer or dict(found.values())


def factories_in(module: ModuleType) -> dict[str, Callable[[], Any]]:
    """Returns the functions of a module that create an application, by name."""
    return {name: value for name, value in vars(module).items() if is_factory(name, value)}


def is_factory(name: str, value: Any) -> bool:
    try:
        function = inspect.unwrap(value)
        if not inspect.isfunction(function) or inspect.iscoroutinefunction(function):
            return False
        if not is_project(function.__code__.co_filename) or not needs_no_arguments(value):
            return False
        return (name in FACTORIES or returns_app(function)) and not is_procedure(function)
    except Exception:  # noqa: BLE001 (a proxy may fail on any access)
        return False


def returns_app(function: Callable[..., Any]) -> bool:
    result = getattr(function, "__annotations__", {}).get("return")
    if isinstance(result, str):
        return result.rpartition(".")[2] in {name.rpartition(".")[2] for name in APPLICATIONS}
    return isinstance(result, type) and bool(base_names(result) & APPLICATIONS.keys())


def needs_no_arguments(function: Callable[..., Any]) -> bool:
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    parameters = inspect.signature(function).parameters.values()
    return all(each.default is not each.empty or each.kind in variadic for each in parameters)


def choose(found: Mapping[str, Any], usual: str) -> str | None:
    """Returns the only name, or else the usual one; None if neither exists."""
    if len(found) == 1:
        return next(iter(found))
    return usual if usual in found else None


def base_names(kind: type) -> set[str]:
    return {f"{base.__module__}.{base.__qualname__}" for base in kind.__mro__}


def class_names(value: Any) -> set[str]:
    return base_names(type(value))


def kind_of(app: Any) -> str | None:
    """Returns the framework of an application object; None for any other object."""
    if app is None or type(app).__module__ == "builtins" and not callable(app):
        return None
    try:
        names = class_names(app)
        known = next((kind for name, kind in APPLICATIONS.items() if name in names), None)
        return known or protocol_of(app)
    except Exception:  # noqa: BLE001 (a proxy may fail on any access)
        return None


def is_foreign(app: Any) -> bool:
    """Tests if an application of a Django project is one of another framework, which may mount Django."""
    others = {name for name in APPLICATIONS if not name.startswith("django.")}
    return bool(class_names(app) & others)


def protocol_of(app: Any) -> str | None:
    """Classifies middleware and custom applications by the arguments that ASGI and WSGI prescribe."""
    is_function = inspect.isfunction(app)
    call = app if is_function else getattr(type(app), "__call__", None)
    if not inspect.isfunction(call):
        return None
    parameters = list(inspect.signature(call).parameters.values())[0 if is_function else 1:]
    names = [parameter.name.strip("_") for parameter in parameters]
    if names[:3] == ["scope", "receive", "send"]:
        return "asgi"
    if not is_function and inspect.iscoroutinefunction(call):
        try:
            inspect.signature(call).bind(app, None, None, None)
            return "asgi"
        except TypeError:
            return None
    if names[:2] in (["environ", "start_response"], ["env", "start_response"]) and "flask" in sys.modules:
        return "flask"
    return None


def parts_of(app: Any) -> set[int]:
    """Returns the identities of the applications inside one: wrapped by middleware, or mounted."""
    seen = {id(app): app}
    waiting = [app]
    while waiting:
        outer = waiting.pop()
        for each in [*wrapped_in(outer), *mounted_in(outer)]:
            if id(each) not in seen:
                seen[id(each)] = each
                waiting.append(each)
    del seen[id(app)]
    return set(seen)


def wrapped_in(app: Any) -> Iterator[Any]:
    """Yields the applications that an object or a function refers to."""
    values = list(getattr(app, "__dict__", {}).values())
    if inspect.isfunction(app):
        values += [cell.cell_contents for cell in app.__closure__ or () if is_filled(cell)]
        values += [app.__globals__[name] for name in app.__code__.co_names if name in app.__globals__]
    else:
        # Objects with slots have no dictionary.
        values += [getattr(app, "app", None), getattr(app, "wsgi_app", None)]
    for value in values:
        for each in (value, *items_of(value)):
            # A bound method refers to its object: `app.wsgi_app`.
            each = each.__self__ if inspect.ismethod(each) else each
            if kind_of(each) is not None and "starlette.routing.BaseRoute" not in class_names(each):
                yield each


def items_of(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, (list, tuple)) else ()


def is_filled(cell: CellType) -> bool:
    try:
        cell.cell_contents
    except ValueError:
        return False
    return True


def mounted_in(app: Any) -> Iterator[Any]:
    for _, route in flat_routes(getattr(app, "routes", None) or ()):
        inner = getattr(route, "app", None)
        if kind_of(inner) is not None:
            yield inner


def flat_routes(routes: Iterable[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yields routes with their prefix; newer versions of FastAPI keep included routers as one route each."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is None:
            yield prefix, route
        else:
            yield from flat_routes(included.routes, prefix + getattr(route.include_context, "prefix", ""))
