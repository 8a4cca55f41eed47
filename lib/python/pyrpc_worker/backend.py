"""Imports the user's module, finds its application and router, and answers a question about them."""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys

from . import applications
from .contract import describe_procedures
from .django_project import DjangoProject, django_project
from .endpoints import describe_endpoints
from .errors import SeveralApps
from .failures import describe_failure
from .process import TimeLimit
from .project import clear_finder_caches, project_files
from .protocol import encode
from .registry import has_procedures, observe_registrations
from .server_guard import ServerGuard
from .routers import default_router, router_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

    from .protocol import Message
    from .question import Question


class Backend:
    """The user's module, its application and its router."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.module: ModuleType | None = None
        self.app: Any = None
        self.app_name = question.app
        # Further applications of the module, if one was chosen by its usual name.
        self.other_apps: list[str] = []
        self.router: Any = None
        self.django: DjangoProject | None = None
        self.duplicates: list[Message] = []

    @property
    def is_loaded(self) -> bool:
        return self.module is not None and self.router is not None

    def answer(self) -> bytes:
        """Imports the module and returns the answer as one line."""
        process = os.getpid()
        self.prepare_process()
        gc.disable()
        try:
            try:
                with TimeLimit(self.question.time_limit), ServerGuard():
                    self.load()
            finally:
                if os.getpid() != process:
                    # The user's code forked and its copy returned: only the original answers.
                    os._exit(0)
            return self.describe()
        except BaseException as error:  # noqa: BLE001 (sys.exit and the like are failures as well)
            failure = describe_failure(error, self.question.module, self.question.root)
            return encode({"id": self.question.id, "event": "answer", **failure, "files": project_files()})
        finally:
            gc.enable()

    def prepare_process(self) -> None:
        """Makes the process look like a server that was started by hand in the project's folder."""
        root = self.question.root
        os.chdir(root)
        if not sys.path or sys.path[0] != root:
            sys.path.insert(0, root)
        # `-c` would confuse argument parsers.
        sys.argv = ["pyrpc"]
        clear_finder_caches()
        self.duplicates = observe_registrations()

    def load(self) -> None:
        """Imports the module and finds the application that is served: the named one, or the only one."""
        self.django = django_project(self.question)
        if self.django is not None:
            self.django.set_up()
        self.module = importlib.import_module(self.question.module)
        app_module = self.module
        if self.question.app_module != self.question.module:
            app_module = importlib.import_module(self.question.app_module)
        if self.app_name:
            self.app = applications.named_app(app_module, self.app_name)
        else:
            self.app_name, self.app = self.find_app(app_module)
        router = self.load_django() if self.django is not None else None
        self.router = router or router_of(self.app) or default_router(self.module)

    def load_django(self) -> Any:
        """Imports the URLs of the Django project, and returns the router that they name."""
        if self.django is None or (self.question.framework is None and applications.is_foreign(self.app)):
            return None
        self.django.load_urls()
        if self.app is None and self.question.is_servable:
            self.app_name, self.app = self.django.application()
        return self.django.router()

    def find_app(self, module: ModuleType) -> tuple[str, Any] | tuple[None, None]:
        found = applications.apps_in(module)
        name = applications.choose(found, "application" if self.django is not None else "app")
        if not found and self.django is None:
            found = applications.factories_in(module)
            name = applications.choose(found, "create_app")
            if name is not None:
                app = self.call_factory(found[name])
                return (name, app) if applications.kind_of(app) is not None else (None, None)
        if name is not None:
            self.other_apps = [other for other in found if other != name]
            return name, found[name]
        if found and self.question.is_servable:
            raise SeveralApps(list(found))
        return None, None

    def call_factory(self, factory: Callable[[], Any]) -> Any:
        # Called for every question, because a factory may import further procedures.
        try:
            return factory()
        except Exception:  # noqa: BLE001 (a database that only serving needs may be missing)
            if self.question.is_servable or not has_procedures():
                raise
            return None

    def describe(self) -> bytes:
        contract = describe_procedures(self.router)
        app = None
        if self.app is not None:
            app = {
                "name": self.app_name,
                "kind": applications.kind_of(self.app),
                "others": self.other_apps,
                "endpoints": describe_endpoints(self.app, self.django, self.router),
            }
        head = json.dumps({
            "id": self.question.id,
            "event": "answer",
            "ok": True,
            "problems": contract.problems,
            "adapted": contract.adapted,
            "defaults": contract.defaults,
            "facts": contract.facts,
            "places": contract.places,
            "definitions": contract.definitions,
            "duplicates": self.duplicates,
            "files": project_files(),
            "app": app,
            "core": getattr(sys.modules.get("pyrpc_core"), "__version__", None),
        })
        return (head[:-1] + ', "contract": ' + contract.text() + "}\n").encode()
