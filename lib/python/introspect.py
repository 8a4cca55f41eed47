"""The worker that asks a Python backend for its procedures, and that can go on to serve it.

Embedded in the toolkit and handed to the user's interpreter on standard input (see introspect.ts, which owns the
arguments and reads the answers). Needs Python 3.11 and the standard library; imports nothing of the user's but the module
that it is asked for.

Two shapes, one protocol (a JSON object a line, both ways):

* "warm": this process never imports the user's code. It forks for each question, so that every answer comes from a
  process in which the project was not imported before; third-party packages, which a first answer named, it imports
  itself, so that the next fork has them.
* "alone": no fork; this very process answers one question.

A process that has answered may be told to serve: the code that was described is then the code that is served.
"""

import errno
import gc
import importlib
import importlib.machinery
import importlib.util
import json
import os
import signal
import site
import sys
import time
import traceback

STDLIB = os.path.realpath(os.path.dirname(os.__file__))
MAX_TEXT = 2000
MAX_TRACEBACK = 100_000
# Procedures.
GARBAGE_EVERY = 50


def main(mode, root, skip_preload):
    answers, control = take_standard_streams()
    if mode == "alone":
        send = sender(answers)
        send(hello(root))
        Alone(control, send, root).run()
    elif not hasattr(os, "fork"):
        # Nothing to keep warm: each question is asked of a process of its own.
        sender(answers)(hello(root))
    else:
        Warm(control, answers, root, preload=not skip_preload).run()


def take_standard_streams():
    """Keeps the pipes of standard input and output for ourselves: what the user's code prints goes to standard error."""
    answers = os.dup(1)
    control = os.dup(0)
    os.dup2(2, 1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
        except (AttributeError, ValueError):
            pass
    return answers, control


def sender(descriptor):
    def send(message):
        data = message if isinstance(message, bytes) else json.dumps(message).encode() + b"\n"
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view):]

    return send


def hello(root):
    core = None
    spec = None
    sys.path.insert(0, root)
    try:
        spec = importlib.util.find_spec("pyrpc_core")
    except (ImportError, ValueError, AttributeError):
        pass
    finally:
        sys.path.remove(root)
        forget_finders()
    if spec is not None and spec.origin:
        core = installed_version(os.path.dirname(os.path.dirname(spec.origin)))
    return {
        "event": "hello",
        "version": "%d.%d.%d" % sys.version_info[:3],
        "executable": sys.executable,
        "prefix": sys.prefix,
        "environment": sys.prefix != sys.base_prefix,
        "core": spec is not None,
        "coreVersion": core,
        "fork": hasattr(os, "fork"),
    }


def installed_version(folder):
    # importlib.metadata costs 20 ms to import.
    try:
        for name in os.listdir(folder):
            if name.startswith("pyrpc_core-") and name.endswith(".dist-info"):
                return name[len("pyrpc_core-"):-len(".dist-info")]
    except OSError:
        pass
    return None


# --- what belongs to the user -------------------------------------------------------------------------------------------


def third_party_roots():
    roots = [STDLIB]
    try:
        roots += site.getsitepackages()
        roots.append(site.getusersitepackages())
    except AttributeError:
        pass
    roots += [entry for entry in sys.path if os.path.basename(entry) in ("site-packages", "dist-packages")]
    real = {os.path.realpath(root) for root in roots}
    return tuple(sorted({root + os.sep for root in real | set(roots)}))


ROOTS = third_party_roots()


def is_project(path):
    """Whether a file is source that the user works on: neither the standard library nor an installed package."""
    return bool(path) and not path.startswith("<") and not path.startswith(ROOTS)


def forget_finders():
    # A finder caches a folder's listing by its time stamp: a file made within the same tick would be missed.
    for entry in [entry for entry in sys.path_importer_cache if not (entry + os.sep).startswith(ROOTS)]:
        del sys.path_importer_cache[entry]


def origin_of(module):
    spec = getattr(module, "__spec__", None)
    origin = getattr(spec, "origin", None)
    return origin if isinstance(origin, str) else None


# --- importing without bytecode -----------------------------------------------------------------------------------------

CODE = {}


def never_use_bytecode():
    """Makes project files be compiled from their source: a time stamp and a size do not prove that bytecode is fresh."""
    loader = importlib.machinery.SourceFileLoader
    stats, compile_source = loader.path_stats, loader.source_to_code

    def path_stats(self, path):
        if is_project(path):
            raise OSError("pyrpc: bytecode of the project is not used")
        return stats(self, path)

    def source_to_code(self, data, path, **options):
        known = CODE.get(path)
        if known is not None and known[0] == data:
            return known[1]
        return compile_source(self, data, path, **options)

    loader.path_stats = path_stats
    loader.source_to_code = source_to_code


def compile_changed(files):
    """Compiles, in the process that lives on, what changed since the last question; compiling runs nothing."""
    is_new = False
    for path in files:
        try:
            with open(path, "rb") as file:
                data = file.read()
            known = CODE.get(path)
            if known is None or known[0] != data:
                is_new = True
                CODE[path] = (data, compile(data, path, "exec", dont_inherit=True))
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            CODE.pop(path, None)
    if is_new:
        give_back_memory()


def give_back_memory():
    """Hands what the allocator keeps for later to the system, where it can be told to (glibc)."""
    try:
        import ctypes

        ctypes.CDLL(None).malloc_trim(0)
    except Exception:  # noqa: BLE001 (no ctypes, another C library: nothing is lost)
        pass


# --- answering ----------------------------------------------------------------------------------------------------------


class TimeUp(BaseException):
    """The user's module did not finish importing in time."""


def time_up(*_):
    raise TimeUp()


class Backend:
    """The user's module, imported."""

    def __init__(self, question):
        self.id = question["id"]
        self.name = question["module"]
        self.root = question["root"]
        self.app_module = question.get("appModule") or self.name
        self.app_name = question.get("app")
        self.is_servable = bool(question.get("servable"))
        self.limit = question.get("limit") or 0
        self.module = None
        self.app = None
        self.router = None
        self.duplicates = []

    def describe(self):
        """The answer as bytes of one line."""
        me = os.getpid()
        os.chdir(self.root)
        if not sys.path or sys.path[0] != self.root:
            sys.path.insert(0, self.root)
        # What a server started by hand would show; `-c` would make argument parsers fail oddly.
        sys.argv = ["pyrpc"]
        forget_finders()
        self.watch_registrations()
        gc.disable()
        timed = self.limit and hasattr(signal, "setitimer")
        try:
            if timed:
                signal.signal(signal.SIGALRM, time_up)
                signal.setitimer(signal.ITIMER_REAL, self.limit)
            try:
                self.module = importlib.import_module(self.name)
                self.find_app()
            finally:
                if timed:
                    signal.setitimer(signal.ITIMER_REAL, 0)
                    signal.signal(signal.SIGALRM, signal.SIG_DFL)
                if os.getpid() != me:
                    # The user's code forked and let the copy return: the answer is not the copy's to give.
                    os._exit(0)
            return self.contract()
        except BaseException as error:  # noqa: BLE001 (sys.exit and worse are answers, too)
            return line({"id": self.id, "event": "answer", **failure(error, self), "files": project_files()})
        finally:
            gc.enable()

    def watch_registrations(self):
        """Looks over the shoulder of the registry, now or when the user's code imports it."""
        registry = sys.modules.get("pyrpc_core.core.registry")
        if registry is None:
            sys.meta_path.insert(0, AfterImport("pyrpc_core.core.registry", self.watch))
        else:
            self.watch(registry)

    def watch(self, registry):
        register = registry.Router.register
        duplicates = self.duplicates

        def watched(router, name, procedure, *rest, **named):
            before = getattr(router, "_procedures", {}).get(name)
            if before is not None and before.fn is not procedure.fn:
                duplicates.append({"name": str(name), "first": place_of(before.fn), "second": place_of(procedure.fn)})
            return register(router, name, procedure, *rest, **named)

        registry.Router.register = watched
        remember_adapters()

    def find_app(self):
        """Finds the application that is served: the one that was named, or the only one of the module."""
        module = self.module if self.app_module == self.name else importlib.import_module(self.app_module)
        if self.app_name:
            self.app = named_app(module, self.app_name)
        else:
            self.app_name, self.app = self.only_app(module)
        self.router = router_of(self.app) or default_router(self.module)

    def only_app(self, module):
        found = apps_in(module)
        name = choose(found, "app")
        if not found:
            found = factories_in(module)
            name = choose(found, "create_app")
            if name is not None:
                app = self.made_by(found[name])
                return (name, app) if kind_of(app) is not None else (None, None)
        if name is None and found and self.is_servable:
            raise SeveralApps(list(found))
        return (name, found[name]) if name is not None else (None, None)

    def made_by(self, factory):
        # A factory may import further procedures, so that it is called for every question.
        try:
            return factory()
        except Exception:  # noqa: BLE001 (who only asks for the procedures may not have what serving needs)
            if self.is_servable or not has_procedures():
                raise
            return None

    def contract(self):
        procedures = getattr(self.router, "_procedures", {})
        core = importlib.import_module("pyrpc_core.core.introspection") if procedures else None
        texts = {}
        problems = []
        adapted = []
        import warnings

        # What has been imported stays: from here on only the schemas' own garbage is looked at, which is most of what a
        # large contract would take.
        if hasattr(gc, "freeze"):
            gc.freeze()
        with warnings.catch_warnings():
            # Pydantic's remarks on defaults that JSON cannot hold: the server says nothing of them either.
            warnings.simplefilter("ignore")
            for count, (name, procedure) in enumerate(list(procedures.items()), 1):
                if count % GARBAGE_EVERY == 0:
                    gc.collect(0)
                try:
                    schema = core.get_procedure_schema(procedure)
                    value = schema.model_dump() if hasattr(schema, "model_dump") else schema
                    # As text at once: hundreds of schemas as objects would take several times as much.
                    texts[str(name)], is_plain = dump(value)
                    if not is_plain:
                        adapted.append(str(name))
                except Exception as error:  # noqa: BLE001 (one bad procedure must not hide the others)
                    problems.append(problem(str(name), procedure, error))
        text = "{" + ", ".join(json.dumps(name) + ": " + each for name, each in texts.items()) + "}"
        rest = {
            "ok": True,
            "problems": problems,
            "adapted": adapted,
            "duplicates": self.duplicates,
            "files": project_files(),
            "app": None if self.app is None else {"name": self.app_name, "kind": kind_of(self.app)},
            "core": getattr(sys.modules.get("pyrpc_core"), "__version__", None),
        }
        head = json.dumps({"id": self.id, "event": "answer", **rest})
        return (head[:-1] + ', "contract": ' + text + "}\n").encode()


class AfterImport:
    """Calls back once a module has been imported by whoever imports it."""

    def __init__(self, name, callback):
        self.name = name
        self.callback = callback

    def find_spec(self, name, path=None, target=None):
        if name != self.name:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def exec_module(module):
                execute(module)
                self.callback(module)

            spec.loader.exec_module = exec_module
        return spec


class NoApp(Exception):
    def __init__(self, name, others):
        super().__init__(name)
        self.name = name
        self.others = others


class SeveralApps(Exception):
    def __init__(self, names):
        super().__init__(", ".join(names))
        self.names = names


def line(message):
    return json.dumps(message).encode() + b"\n"


def place_of(function):
    import inspect

    try:
        code = inspect.unwrap(function).__code__
        return {"file": code.co_filename, "line": code.co_firstlineno}
    except (AttributeError, ValueError):
        return None


def project_modules():
    for module in list(sys.modules.values()):
        path = origin_of(module)
        if path and is_project(path) and os.path.isabs(path):
            yield module


def project_files():
    return [origin_of(module) for module in project_modules()]


def third_party_modules():
    names = []
    for name, module in list(sys.modules.items()):
        path = origin_of(module)
        if name != "__main__" and path and not is_project(path) and os.path.isabs(path):
            names.append(name)
    return names


def default_router(module):
    core = sys.modules.get("pyrpc_core")
    default = getattr(core, "default_router", None)
    if getattr(default, "_procedures", None):
        return default
    kind = getattr(core, "Router", None)
    if kind is not None:
        own = {id(value): value for value in vars(module).values() if isinstance(value, kind)}
        filled = [router for router in own.values() if router._procedures]
        if len(filled) == 1:
            return filled[0]
    return default


def has_procedures():
    default = getattr(sys.modules.get("pyrpc_core"), "default_router", None)
    return bool(getattr(default, "_procedures", None))


# --- applications -------------------------------------------------------------------------------------------------------

# Class -> the kind of server that it needs; a class before those that it is derived from.
APPLICATIONS = {
    "flask.app.Flask": "flask",
    "fastapi.applications.FastAPI": "fastapi",
    "starlette.applications.Starlette": "asgi",
    "pyrpc_core.transport.asgi.PyRPCAsgiApp": "asgi",
}
# They can be called like an application, but are parts of one.
PARTS = {
    "starlette.responses.Response",
    "starlette.routing.BaseRoute",
    "starlette.routing.Router",
    "starlette.staticfiles.StaticFiles",
}
FACTORIES = {
    verb + "_" + noun for verb in ("create", "make", "build", "get") for noun in ("app", "application")
}
MAX_DEPTH = 6


def named_app(module, name):
    """The application of that name; a factory is called, as `uvicorn --factory` and `flask --app` do."""
    import inspect

    target = module
    try:
        for part in name.split("."):
            target = getattr(target, part)
    except AttributeError:
        raise NoApp(name, [*apps_in(module), *factories_in(module)]) from None
    if kind_of(target) is None and inspect.isroutine(inspect.unwrap(target)) and needs_nothing(target):
        target = target()
    return target


def apps_in(module):
    """The applications of a module by name, without those that another one wraps or mounts."""
    found = {}
    for name, value in vars(module).items():
        if kind_of(value) is not None and (name == "app" or not classes_of(value) & PARTS):
            found.setdefault(id(value), (name, value))
    inner = set()
    if len(found) > 1:
        for _, app in found.values():
            inner |= parts_of(app)
    outer = {name: app for key, (name, app) in found.items() if key not in inner}
    # Applications that refer to one another are equals.
    return outer or dict(found.values())


def factories_in(module):
    """The functions of a module that make an application, by name."""
    return {name: value for name, value in vars(module).items() if is_factory(name, value)}


def is_factory(name, value):
    import inspect

    try:
        function = inspect.unwrap(value)
        if not inspect.isfunction(function) or inspect.iscoroutinefunction(function):
            return False
        if not is_project(function.__code__.co_filename) or not needs_nothing(value):
            return False
        return (name in FACTORIES or returns_app(function)) and not is_procedure(function)
    except Exception:  # noqa: BLE001 (a proxy that cannot be looked at)
        return False


def returns_app(function):
    result = getattr(function, "__annotations__", {}).get("return")
    if isinstance(result, str):
        return result.rpartition(".")[2] in {name.rpartition(".")[2] for name in APPLICATIONS}
    return isinstance(result, type) and bool(mro_names(result) & APPLICATIONS.keys())


def is_procedure(function):
    """A procedure must never be called for its name."""
    import inspect

    core = sys.modules.get("pyrpc_core")
    kind = getattr(core, "Router", None)
    if kind is None:
        return False
    routers = [value for module in project_modules() for value in vars(module).values() if isinstance(value, kind)]
    for router in [core.default_router, *routers]:
        for procedure in getattr(router, "_procedures", {}).values():
            if inspect.unwrap(procedure.fn) is function:
                return True
    return False


def needs_nothing(function):
    import inspect

    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    parameters = inspect.signature(function).parameters.values()
    return all(each.default is not each.empty or each.kind in kinds for each in parameters)


def choose(found, usual):
    """The only name, or else the usual one; None where neither is there."""
    if len(found) == 1:
        return next(iter(found))
    return usual if usual in found else None


def mro_names(kind):
    return {f"{base.__module__}.{base.__qualname__}" for base in kind.__mro__}


def classes_of(value):
    return mro_names(type(value))


def kind_of(app):
    """The framework that an application object is of; None for what is no application."""
    if app is None or type(app).__module__ == "builtins" and not callable(app):
        return None
    try:
        names = classes_of(app)
        known = next((kind for name, kind in APPLICATIONS.items() if name in names), None)
        return known or protocol_of(app)
    except Exception:  # noqa: BLE001 (a proxy that cannot be looked at)
        return None


def protocol_of(app):
    """By the arguments that ASGI and WSGI prescribe: middleware and applications written by hand are of no known class."""
    import inspect

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


def parts_of(app):
    """The identities of the applications inside of one: what middleware guards and what is mounted."""
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


def wrapped_in(app):
    """The applications that an object or a function refers to."""
    import inspect

    values = list(getattr(app, "__dict__", {}).values())
    if inspect.isfunction(app):
        values += [cell.cell_contents for cell in app.__closure__ or () if is_filled(cell)]
        values += [app.__globals__[name] for name in app.__code__.co_names if name in app.__globals__]
    else:
        # Objects with slots have no dictionary.
        values += [getattr(app, "app", None), getattr(app, "wsgi_app", None)]
    for value in values:
        several = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
        for each in (value, *several):
            # A bound method stands for its object: `app.wsgi_app`.
            each = each.__self__ if inspect.ismethod(each) else each
            if kind_of(each) is not None and "starlette.routing.BaseRoute" not in classes_of(each):
                yield each


def is_filled(cell):
    try:
        cell.cell_contents
    except ValueError:
        return False
    return True


def mounted_in(app):
    for route in getattr(app, "routes", None) or ():
        inner = getattr(route, "app", None)
        if kind_of(inner) is not None:
            yield inner


def router_of(app, depth=0):
    """The router that answers on /rpc of an application: a backend may mount one of its own."""
    kind = getattr(sys.modules.get("pyrpc_core"), "Router", None)
    if app is None or kind is None or depth > 4:
        return None
    try:
        own = getattr(app, "router", None)
        if isinstance(own, kind):
            return own
        for endpoint in endpoints_of(app):
            for cell in getattr(endpoint, "__closure__", None) or ():
                if isinstance(cell.cell_contents, kind):
                    return cell.cell_contents
        # Middleware wraps the application that it guards.
        for inner in wrapped_in(app):
            found = router_of(inner, depth + 1) if inner is not app else None
            if found is not None:
                return found
        return None
    except Exception:  # noqa: BLE001 (whatever the object does when it is looked at)
        return None


def endpoints_of(app):
    for route in getattr(app, "routes", None) or ():
        if getattr(route, "path", None) == "/rpc" and hasattr(route, "endpoint"):
            yield route.endpoint
    rules = getattr(app, "url_map", None)
    if rules is not None:
        for rule in rules.iter_rules():
            if rule.rule == "/rpc":
                yield app.view_functions.get(rule.endpoint)


# --- schemas of many procedures -----------------------------------------------------------------------------------------


def remember_adapters():
    """Makes parameters of one and the same type share one adapter and one schema.

    A backend's hundreds of parameters are of a few dozen types, and building an adapter and its schema is what takes the
    time. Types are told apart by identity and structure, never by equality: `int | str == str | int`.
    """
    try:
        import pydantic
        from pyrpc_core.core import procedure
    except BaseException:  # noqa: BLE001
        return
    if procedure.TypeAdapter is not pydantic.TypeAdapter:
        return
    adapters = {}

    def adapter_for(annotation, *rest, **options):
        key = None if rest or options else structure(annotation)
        if key is None:
            # One frame lies between: a name in an annotation is looked up where it would have been.
            return pydantic.TypeAdapter(annotation, *rest, **{"_parent_depth": 3, **options})
        # The annotation is kept, so that its identity is not given to another.
        known = adapters.get(key)
        if known is None:
            adapter = pydantic.TypeAdapter(annotation, _parent_depth=3)
            adapters[key] = known = (remember_schema(adapter), annotation)
        return known[0]

    procedure.TypeAdapter = adapter_for


def remember_schema(adapter):
    make = adapter.json_schema
    known = []

    def json_schema(*rest, **options):
        if rest or options:
            return make(*rest, **options)
        if not known:
            known.append(make())
        return known[0]

    try:
        adapter.json_schema = json_schema
    except AttributeError:
        pass
    return adapter


def structure(annotation):
    import types
    import typing

    if annotation is None or annotation is typing.Any:
        return id(annotation)
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        # A model that waits for a name is complete later: its schema must not be remembered from before.
        return id(annotation) if getattr(annotation, "__pydantic_complete__", True) else None
    origin = typing.get_origin(annotation)
    if origin in (list, dict, set, tuple, frozenset, types.UnionType, typing.Union):
        parts = tuple(map(structure, typing.get_args(annotation)))
        return None if None in parts else (id(origin), parts)
    if annotation is Ellipsis:
        return id(Ellipsis)
    return None


def problem(name, procedure, error):
    """Which part of a procedure has no JSON Schema, and why."""
    where = None
    try:
        for parameter, adapter in procedure.arg_adapters.items():
            try:
                adapter.json_schema()
            except Exception as found:  # noqa: BLE001
                where, error = parameter, found
                break
        else:
            if procedure.return_adapter is not None:
                try:
                    procedure.return_adapter.json_schema()
                except Exception as found:  # noqa: BLE001
                    where, error = "return", found
    except Exception:  # noqa: BLE001 (another version keeps its adapters elsewhere)
        pass
    return {"name": name, "part": where, "reason": first_line(error), "place": place_of(procedure.fn)}


def dump(value):
    """A value as JSON, and whether plain JSON could hold it."""
    try:
        return json.dumps(value, allow_nan=False), True
    except (TypeError, ValueError):
        return json.dumps(plain(value), allow_nan=False), False


def plain(value, depth=0):
    """What FastAPI's encoder makes of a value that JSON does not have; null for what nothing can be made of."""
    if depth > 100:
        return None
    if isinstance(value, (bool, int, str)) and not hasattr(value, "_value_") or value is None:
        return value
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, dict):
        return {str(plain(key, depth + 1)): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        items = [plain(item, depth + 1) for item in value]
        # A set has no order, and the same code must give the same answer.
        return sorted(items, key=repr) if isinstance(value, (set, frozenset)) else items
    if hasattr(value, "_value_"):
        return plain(value.value, depth + 1)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    kind = type(value).__name__
    if kind == "Decimal":
        try:
            number = int(value) if value.as_tuple().exponent >= 0 else float(value)
        except (TypeError, ValueError, OverflowError):
            return None
        return plain(number)
    if kind == "timedelta":
        return value.total_seconds()
    if kind == "UUID" or isinstance(value, os.PathLike):
        return str(value)
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "replace")
    if hasattr(value, "model_dump"):
        try:
            return plain(value.model_dump(), depth + 1)
        except Exception:  # noqa: BLE001
            return None
    return None


# --- failures -----------------------------------------------------------------------------------------------------------


def first_line(error):
    try:
        text = str(error)
    except BaseException:  # noqa: BLE001 (an exception whose own __str__ fails)
        return ""
    lines = text.strip().splitlines()
    return lines[0][:MAX_TEXT] if lines else ""


def failure(error, backend):
    summary = summarize(error)
    project = [frame for frame in summary if is_project(frame["file"])]
    result = {
        "ok": False,
        "type": type(error).__name__,
        "message": first_line(error),
        "frames": project[-20:],
        "place": project[-1] if project else None,
        "deepestIsProject": bool(summary) and is_project(summary[-1]["file"]),
        "traceback": trace_text(error),
        **classify(error, backend, project),
    }
    if isinstance(error, SyntaxError) and not error.filename:
        # Bytes that are no source at all: only the import system knows of which file.
        error.filename = being_loaded(error)
    if isinstance(error, SyntaxError) and error.filename and os.path.isfile(error.filename):
        result["place"] = {
            "file": error.filename,
            "line": error.lineno or 1,
            "column": error.offset or 1,
            "text": (error.text or source_line(error.filename, error.lineno or 1)).rstrip("\r\n"),
        }
        result["message"] = (error.msg or "")[:MAX_TEXT]
    return result


def being_loaded(error):
    step = error.__traceback__
    path = None
    while step is not None:
        if step.tb_frame.f_code.co_name == "get_code":
            path = step.tb_frame.f_locals.get("source_path") or path
        step = step.tb_next
    return path


def summarize(error):
    frames = []
    for frame in traceback.extract_tb(error.__traceback__, limit=-200):
        if frame.filename == "<pyrpc>" or frame.filename.startswith("<frozen importlib"):
            continue
        text = source_line(frame.filename, frame.lineno or 1)
        column = getattr(frame, "colno", None)
        frames.append({
            "file": frame.filename,
            "line": frame.lineno or 1,
            # `colno` counts bytes of UTF-8.
            "column": len(text.encode()[:column].decode("utf-8", "ignore")) + 1 if column else 1,
            "text": text,
            "function": frame.name,
        })
    return frames


def source_line(path, number):
    # Not by `linecache`: it may hold what the file was before the edit.
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            for count, text in enumerate(file, 1):
                if count == number:
                    return text.rstrip("\r\n")[:MAX_TEXT]
    except OSError:
        pass
    return ""


def trace_text(error):
    try:
        text = "".join(traceback.format_exception(error))
    except BaseException:  # noqa: BLE001
        text = repr(type(error))
    return text[-MAX_TRACEBACK:]


def classify(error, backend, project):
    if isinstance(error, TimeUp):
        return {"kind": "timeout", "message": ""}
    if isinstance(error, SystemExit):
        return {"kind": "exit", "message": str(error.code)[:MAX_TEXT]}
    if isinstance(error, NoApp):
        return {"kind": "no_app", "name": error.name, "others": error.others}
    if isinstance(error, SeveralApps):
        return {"kind": "several_apps", "others": error.names}
    if isinstance(error, SyntaxError):
        return {"kind": "syntax"}
    text = first_line(error)
    if "partially initialized module" in text:
        files = [frame["file"] for frame in project if frame["function"] == "<module>"]
        partial = text.partition("partially initialized module '")[2].partition("'")[0].split(".")
        # The file that closes the circle is not in the traceback a second time.
        stem = os.sep.join(partial)
        files += [path for path in files if path.endswith((stem + ".py", os.path.join(stem, "__init__.py")))][:1]
        chain = [os.path.relpath(path, backend.root) for path in files]
        return {"kind": "circular", "chain": chain}
    if isinstance(error, ModuleNotFoundError) and error.name:
        name = error.name
        if not project and (backend.name + ".").startswith(name + "."):
            return {"kind": "entry", "name": name, "others": near(backend)}
        if name.split(".")[0] == "pyrpc_core":
            return {"kind": "core", "name": name}
        if name.startswith("pyrpc_"):
            return {"kind": "adapter", "name": name.split(".")[0]}
        return {"kind": "module", "name": name, "beside": beside(name, project)}
    return {"kind": "exception"}


def near(backend):
    """Modules of the project that look like an entry, for a message."""
    found = []
    for folder, prefix in ((".", ""), ("app", "app."), ("src", "src."), ("api", "api."), ("backend", "backend.")):
        for name in ("main", "app", "server", "api", "asgi", "wsgi"):
            if os.path.isfile(os.path.join(backend.root, folder, name + ".py")):
                found.append(prefix + name)
    return found[:5]


def beside(name, project):
    """The file that a missing module would be, had it been imported relatively."""
    if project:
        folder = os.path.dirname(project[-1]["file"])
        for path in (name + ".py", os.path.join(name, "__init__.py")):
            if os.path.isfile(os.path.join(folder, path)):
                return path
    return None


# --- serving ------------------------------------------------------------------------------------------------------------


def serve(backend, order, send, listening):
    """Serves the imported application until a signal ends it."""
    app = backend.app
    if app is None:
        from pyrpc_core.transport.asgi import PyRPCAsgiApp

        def refused(origin):
            send({"id": backend.id, "event": "refused_origin", "origin": origin})

        app = guarded(PyRPCAsgiApp(backend.router), order["origins"], refused)
    kind = kind_of(app) or order["framework"]

    def ready():
        # What serving needs is as well worth having ahead as what the module imports.
        send(line({"event": "modules", "names": third_party_modules(), "files": project_files()}))
        send({"id": backend.id, "event": "ready"})

    if kind == "flask":
        serve_flask(app, order, ready, listening)
    else:
        serve_asgi(app, order, ready, listening)


def guarded(app, origins, refused):
    """Lets pages of allowed origins call: the bare application itself lets every page of every site."""
    import re

    allowed = re.compile(origins["pattern"])
    added = origins["added"]
    reported = set()

    async def guard(scope, receive, send):
        if scope["type"] != "http":
            return await app(scope, receive, send)
        origin = b", ".join(value for name, value in scope["headers"] if name == b"origin").decode("latin-1")
        if sum(name == b"host" for name, _ in scope["headers"]) > 1:
            return await refuse(send, 400, "The request has more than one Host header")
        if origin and not ("*" in added or origin in added or allowed.fullmatch(origin)):
            if origin not in reported and len(reported) < 100:
                reported.add(origin)
                refused(origin)
            return await refuse(send, 403, "This Origin is not allowed here: add --cors-origin")

        async def send_for_origin(message):
            if message["type"] == "http.response.start":
                own = [(b"access-control-allow-origin", origin.encode("latin-1"))] if origin else []
                headers = [h for h in message["headers"] if h[0] not in (b"access-control-allow-origin", b"vary")]
                message = {**message, "headers": [*headers, *own, (b"vary", b"Origin")]}
            await send(message)

        await app(scope, receive, send_for_origin)

    return guard


async def refuse(send, status, message):
    error = {"code": -32600, "message": message, "data": None}
    headers = [(b"content-type", b"application/json"), (b"vary", b"Origin"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": line({"id": None, "result": None, "error": error})})


def serve_asgi(app, order, ready, listening):
    import logging

    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets=None):
            await super().startup(sockets=sockets)
            if not self.should_exit:
                ready()

    config = uvicorn.Config(app, host=order["host"], port=order["port"], log_level="info", use_colors=False)
    # Starting and stopping is ours to tell; what goes wrong is shown, and every request.
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    server = Server(config)
    server.run(sockets=None if listening is None else [listening])
    if not server.started:
        sys.exit(3)


def serve_flask(app, order, ready, listening):
    if listening is not None:
        # How Werkzeug itself hands a listening socket to the process that its reloader starts.
        os.environ["WERKZEUG_RUN_MAIN"] = "true"
        os.environ["WERKZEUG_SERVER_FD"] = str(listening.fileno())
    from flask.cli import FlaskGroup

    address = ["--host", order["host"], "--port", str(order["port"])]
    ready()
    # The application itself and not its name: a factory would be called a second time.
    cli = FlaskGroup(create_app=lambda: app)
    cli.main(args=["run", *address, "--no-reload", "--no-debugger"], prog_name="flask")


def close(*things):
    for thing in things:
        if isinstance(thing, int):
            os.close(thing)
        elif thing is not None:
            thing.close()


def end_with(control):
    """Ends this process, and what it started, when the one that it works for is gone."""
    import threading

    descriptor = control if isinstance(control, int) else control.fileno()

    def watch():
        while True:
            try:
                if os.read(descriptor, 4096) == b"":
                    break
            except OSError:
                break
        end_group()

    threading.Thread(target=watch, daemon=True, name="pyrpc-end").start()


def end_group():
    try:
        if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)
    finally:
        os._exit(0)


def answer_and_wait(question, control, send):
    """One process's life: import, answer, and serve or end as it is told."""
    backend = Backend(question)
    reply = backend.describe()
    succeeded = backend.module is not None and backend.router is not None
    if succeeded and question.get("report"):
        send(line({"event": "modules", "names": third_party_modules(), "files": project_files()}))
    send(reply)
    if not succeeded or not question.get("keep"):
        flush()
        os._exit(0)
    order, listening = read_order(control)
    if order is None or order.get("do") != "serve":
        flush()
        end_group()
    gc.enable()
    end_with(control)
    code = 0
    try:
        serve(backend, order, send, listening)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1 if end.code else 0
    except KeyboardInterrupt:
        code = 130
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
        code = 1
    flush()
    os._exit(code)


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # noqa: BLE001 (closed by the user's code)
            pass


def read_order(control):
    """The next order, and the listening socket that came with it."""
    if isinstance(control, int):
        return read_line(control), None
    import socket

    try:
        data, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 1)
        return (json.loads(data) if data else None), (socket.socket(fileno=descriptors[0]) if descriptors else None)
    except (OSError, ValueError):
        return None, None


def read_line(control):
    data = b""
    while not data.endswith(b"\n"):
        try:
            part = os.read(control, 1 << 16)
        except OSError:
            return None
        if part == b"":
            return None
        data += part
    try:
        return json.loads(data.splitlines()[0])
    except ValueError:
        return None


class Alone:
    """Answers one question in this process."""

    def __init__(self, control, send, root):
        self.control = control
        self.send = send
        self.root = root

    def run(self):
        # Started without `setsid` on Windows; elsewhere a group of our own lets everything below be ended at once.
        if hasattr(os, "setsid"):
            try:
                os.setsid()
            except OSError:
                pass
        never_use_bytecode()
        question = read_line(self.control)
        if question is not None:
            answer_and_wait(question, self.control, self.send)


# --- the warm process ---------------------------------------------------------------------------------------------------


class Child:
    def __init__(self, id, pid, reader, control):
        self.id = id
        self.pid = pid
        self.reader = reader
        self.control = control
        self.pieces = []
        self.answered = False
        self.kill_at = None


class Warm:
    """Forks for each question. One thread and no user code, so that forking is safe."""

    def __init__(self, control, answers, root, preload):
        self.control = control
        self.root = root
        self.preload = preload
        self.answers = answers
        self.send = sender(answers)
        self.children = {}
        self.files = []
        self.wanted = None
        self.loaded = set()
        self.prints = {}
        self.listening = None
        self.buffer = b""

    def run(self):
        import selectors

        try:
            os.setsid()
        except OSError:
            pass
        never_use_bytecode()
        # Ctrl+C is for the tool, which ends us by closing the pipe.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: self.end())
        woken, wake = os.pipe()
        for descriptor in (woken, wake):
            os.set_blocking(descriptor, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.control, selectors.EVENT_READ, self.read_control)
        self.selector.register(woken, selectors.EVENT_READ, lambda: os.read(woken, 4096))
        self.own = [self.control, self.answers, woken, wake]
        try:
            self.send(hello(self.root))
            while True:
                ready = self.selector.select(self.patience())
                for key, _ in ready:
                    key.data()
                self.reap()
                # Only in a quiet moment: warming up takes a while in which nobody is heard.
                if not ready and self.wanted is not None and not self.children_busy():
                    self.warm_up()
        except (BrokenPipeError, KeyboardInterrupt):
            self.end()

    def children_busy(self):
        return any(not child.answered for child in self.children.values())

    def patience(self):
        times = [child.kill_at for child in self.children.values() if child.kill_at is not None]
        if self.wanted is not None and not self.children_busy():
            times.append(time.monotonic() + 0.05)
        return max(0.0, min(times) - time.monotonic()) if times else None

    def read_control(self):
        data = os.read(self.control, 1 << 16)
        if data == b"":
            self.end()
        self.buffer += data
        *lines, self.buffer = self.buffer.split(b"\n")
        for text in lines:
            order = json.loads(text)
            getattr(self, "do_" + order["do"])(order)

    def do_ask(self, order):
        if self.is_stale():
            self.send({"id": order["id"], "event": "stale"})
            return
        compile_changed(self.files)
        order["report"] = self.preload
        reader, writer = os.pipe()
        ours = theirs = None
        if order.get("keep"):
            # A socket and no pipe: it can carry the listening socket to a child that was forked before that existed.
            import socket

            ours, theirs = socket.socketpair()
        gc.freeze()
        try:
            pid = os.fork()
        except OSError as error:
            close(reader, writer, ours, theirs)
            self.send({"id": order["id"], "event": "exit", "code": None, "signal": None, "reason": str(error)})
            return
        if pid == 0:
            try:
                close(reader, ours)
                self.become_child(order, writer, theirs)
            finally:
                os._exit(70)
        close(writer, theirs)
        child = Child(order["id"], pid, reader, ours)
        self.children[order["id"]] = child
        import selectors

        self.selector.register(reader, selectors.EVENT_READ, lambda: self.read_child(child))

    def become_child(self, order, writer, control):
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            os.setsid()
        except OSError:
            pass
        self.selector.close()
        # Another child's pipe that stays open here would keep it from seeing that we are gone.
        close(*self.own, self.listening)
        for other in self.children.values():
            close(other.reader, other.control)
        answer_and_wait(order, control, sender(writer))

    def read_child(self, child):
        data = os.read(child.reader, 1 << 18)
        if data == b"":
            self.selector.unregister(child.reader)
            os.close(child.reader)
            child.reader = None
            return
        # A long answer comes in pieces: looking for its end in the new piece only keeps this linear.
        if b"\n" not in data:
            child.pieces.append(data)
            return
        data = b"".join([*child.pieces, data])
        child.pieces = []
        *lines, rest = data.split(b"\n")
        if rest:
            child.pieces.append(rest)
        for text in lines:
            if text.startswith(b'{"event": "modules"'):
                report = json.loads(text)
                self.files = report["files"]
                fresh = [name for name in report["names"] if name not in self.loaded]
                if self.preload and fresh:
                    self.wanted = report["names"]
            else:
                child.answered = True
                self.send(text + b"\n")

    def reap(self):
        now = time.monotonic()
        for child in list(self.children.values()):
            if child.kill_at is not None and child.kill_at <= now:
                kill(child.pid, signal.SIGKILL)
                child.kill_at = now + 1
            pid, status = wait(child.pid)
            if pid == 0:
                continue
            while child.reader is not None and readable(child.reader):
                self.read_child(child)
            if child.reader is not None:
                self.selector.unregister(child.reader)
            close(child.reader, child.control)
            del self.children[child.id]
            code = os.waitstatus_to_exitcode(status)
            self.send({
                "id": child.id,
                "event": "exit",
                "code": code if code >= 0 else None,
                "signal": signal_name(-code) if code < 0 else None,
            })

    def do_serve(self, order):
        child = self.children.get(order["id"])
        if child is None:
            return
        if self.listening is None:
            try:
                self.listening = listen(order["host"], order["port"])
            except OSError as error:
                code = errno.errorcode.get(error.errno or 0, "")
                self.send({"id": order["id"], "event": "unbound", "code": code, "reason": str(error)})
                return
        import socket

        try:
            socket.send_fds(child.control, [line(order)], [self.listening.fileno()])
        except OSError:
            pass  # It has died: the exit is reported.

    def do_unlisten(self, _):
        if self.listening is not None:
            self.listening.close()
            self.listening = None

    def do_stop(self, order):
        child = self.children.get(order["id"])
        if child is not None:
            kill(child.pid, signal.SIGTERM)
            child.kill_at = time.monotonic() + order.get("grace", 0.5)

    def end(self):
        """Ends everything below, politely for a moment, and this process."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        deadline = time.monotonic() + 0.4
        for child in self.children.values():
            kill(child.pid, signal.SIGTERM)
        living = dict(self.children)
        while living and time.monotonic() < deadline:
            for id, child in list(living.items()):
                if wait(child.pid)[0] != 0:
                    del living[id]
            time.sleep(0.01)
        for child in living.values():
            kill(child.pid, signal.SIGKILL)
        os._exit(0)

    def warm_up(self):
        names, self.wanted = self.wanted, None
        import threading

        before = threading.active_count()
        for name in names:
            if name in self.loaded:
                continue
            self.loaded.add(name)
            if name not in sys.modules:
                try:
                    importlib.import_module(name)
                except BaseException:  # noqa: BLE001 (it will fail, or not, where the user imports it)
                    pass
        gc.collect()
        if threading.active_count() > before:
            # A fork would copy the locks of threads that it does not copy.
            self.send({"event": "unfit", "reason": "a package starts a thread while it is imported"})
        self.prints = fingerprint()
        self.send({"event": "warm", "modules": len(self.loaded)})

    def is_stale(self):
        return bool(self.prints) and fingerprint(self.prints) != self.prints


def fingerprint(known=None):
    """Times and sizes of the loaded packages' files and of the folders that hold packages."""
    if known is None:
        paths = [entry for entry in sys.path if (entry + os.sep).startswith(ROOTS) and not entry == STDLIB]
        for module in list(sys.modules.values()):
            path = origin_of(module)
            if path and os.path.isabs(path) and not is_project(path) and "-packages" in path:
                paths.append(path)
    else:
        paths = known
    result = {}
    for path in paths:
        try:
            status = os.stat(path)
            result[path] = (status.st_mtime_ns, status.st_size)
        except OSError:
            result[path] = None
    return result


def listen(host, port):
    import socket

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(2048)
    except BaseException:
        listening.close()
        raise
    return listening


def kill(pid, number):
    """Signals a child and everything that it started."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def wait(pid):
    """Like waitpid without waiting; what a finished child has started is ended before its number is free again."""
    try:
        if hasattr(os, "waitid"):
            if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                return 0, 0
            try:
                os.killpg(pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass
        return os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return pid, 0


def readable(descriptor):
    import select

    return bool(select.select([descriptor], [], [], 0)[0])


def signal_name(number):
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
