"""Sets up a Django project, and finds and joins the routes of pyRPC's adapter in its URLs.

The adapter registers two routes at one path, of which Django uses only the first: it refuses GET, and fails for batches.
"""

from __future__ import annotations

import glob
import importlib
import importlib.util
import inspect
import json
import os
import re

from .errors import SettingsNotFound
from .json_values import to_json
from .routers import router_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .question import Question

VARIABLE = "DJANGO_SETTINGS_MODULE"
# `os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")`, and its variants.
SETTINGS_IN_SOURCE = re.compile(VARIABLE + r"""["']\s*(?:,|\]\s*=)\s*(?:default\s*=\s*)?["']([\w.]+)["']""")


def django_project(question: Question) -> DjangoProject | None:
    """Returns the Django project of a question; None if it is about another framework.

    Without a framework, a folder is a Django project if it has settings and Django is installed.
    """
    if question.framework not in (None, "django"):
        return None
    settings = find_settings(question.root, question.module)
    if settings is None:
        if question.framework is None:
            return None
        raise SettingsNotFound
    if question.framework is None and importlib.util.find_spec("django") is None:
        return None
    return DjangoProject(settings)


def find_settings(root: str, module: str) -> str | None:
    """Returns the settings module: that of the environment, of the entry, of manage.py, or of wsgi.py and asgi.py."""
    given = os.environ.get(VARIABLE)
    if given:
        return given
    entry = os.path.join(root, *module.split(".")) + ".py"
    packages = [path for name in ("wsgi.py", "asgi.py") for path in sorted(glob.glob(os.path.join(root, "*", name)))]
    for path in (entry, os.path.join(root, "manage.py"), *packages):
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                found = SETTINGS_IN_SOURCE.search(file.read())
        except OSError:
            continue
        if found:
            return found[1]
    return None


class DjangoProject:
    """A Django project in this process."""

    def __init__(self, settings: str) -> None:
        self.settings = settings

    def set_up(self) -> None:
        """Loads the settings and the installed applications."""
        os.environ.setdefault(VARIABLE, self.settings)
        django = importlib.import_module("django")
        django.setup()

    def load_urls(self) -> None:
        """Imports the module of the URLs, which registers the procedures."""
        importlib.import_module(self.urls_name)

    @property
    def urls_name(self) -> str:
        from django.conf import settings

        name: str = settings.ROOT_URLCONF
        return name

    def application(self) -> tuple[str, Any]:
        """Returns the application that is served, and its name: ASGI_APPLICATION if it is set, else that of WSGI."""
        from django.conf import settings
        from django.core.exceptions import ImproperlyConfigured
        from django.core.servers.basehttp import get_internal_wsgi_application
        from django.utils.module_loading import import_string

        asgi = getattr(settings, "ASGI_APPLICATION", None)
        if asgi and importlib.util.find_spec("uvicorn") is not None:
            return asgi, import_string(asgi)
        if asgi:
            print(f"uvicorn is not installed: WSGI is served instead of {asgi}", flush=True)
        try:
            return settings.WSGI_APPLICATION or "application", get_internal_wsgi_application()
        except ImproperlyConfigured as error:
            # Its message hides which module cannot be imported.
            raise error.__cause__ or error from None

    def patterns(self) -> Iterator[tuple[str, Any]]:
        """Yields the routes of the project with their whole paths."""
        from django.urls import get_resolver

        return patterns_below(get_resolver(), "/")

    def router(self) -> Any:
        """Returns the router of the first route of pyRPC; None without such a route."""
        for path, pattern in self.patterns():
            if path.endswith("/rpc"):
                router = router_in(pattern.callback)
                if router is not None:
                    return router
        return None

    def split_patterns(self) -> list[tuple[str, Any]]:
        """Returns the routes whose GET is never reached, because another route at the same path is before it."""
        first: dict[str, Any] = {}
        for path, pattern in self.patterns():
            first.setdefault(path, pattern)
        return [(path, pattern) for path, pattern in first.items() if is_adapter_view(pattern.callback)]

    def join_routes(self) -> None:
        """Answers GET and batches at the paths of the adapter, as the adapters of other frameworks do."""
        for _, pattern in self.split_patterns():
            pattern.callback = joined_view(pattern.callback)


def patterns_below(resolver: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for each in resolver.url_patterns:
        path = prefix + str(each.pattern).removeprefix("^").removesuffix("$")
        if hasattr(each, "url_patterns"):
            yield from patterns_below(each, path)
        else:
            yield path, each


def is_adapter_view(view: Any) -> bool:
    function = inspect.unwrap(view)
    name = (getattr(function, "__module__", None), getattr(function, "__name__", None))
    return name == ("pyrpc_django", "rpc_endpoint")


def joined_view(post: Any) -> Any:
    """Returns a view that answers GET and batches, and leaves everything else to the view of the adapter."""
    from django.http import HttpResponse, JsonResponse
    from pyrpc_core import get_registry_schema, handle_request

    router = router_in(post)

    async def rpc_endpoint(request: Any) -> Any:
        if request.method == "GET":
            schemas = get_registry_schema(router)
            text, _ = to_json({name: schema.model_dump() for name, schema in schemas.items()})
            return HttpResponse(text, content_type="application/json")
        batch = batch_of(request)
        if batch is not None:
            return JsonResponse(await handle_request(batch, router=router), safe=False)
        return await post(request)

    rpc_endpoint.csrf_exempt = True  # type: ignore[attr-defined]
    return rpc_endpoint


def batch_of(request: Any) -> list[Any] | None:
    if request.method != "POST":
        return None
    try:
        payload = json.loads(request.body)
    except ValueError:
        return None
    return payload if isinstance(payload, list) else None
