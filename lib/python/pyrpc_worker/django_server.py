"""Serves a Django project over WSGI as `manage.py runserver` does, on a socket that may be open already."""

from __future__ import annotations

import socket
from typing import Any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def with_static_files(app: Any, is_asgi: bool = False) -> Any:
    """Also serves the files of django.contrib.staticfiles, if the project has it."""
    from django.apps import apps

    if not apps.is_installed("django.contrib.staticfiles"):
        return app
    from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler, StaticFilesHandler

    return ASGIStaticFilesHandler(app) if is_asgi else StaticFilesHandler(app)


def reload_templates() -> None:
    """Reads templates again for each request: they are cached until the reloader of `runserver` sees a change."""
    from django.conf import settings
    from django.core.signals import request_started
    from django.template.autoreload import reset_loaders

    def reset(**_: Any) -> None:
        reset_loaders()

    if settings.DEBUG:
        request_started.connect(reset, weak=False)


def serve_wsgi(
    app: Any, host: str, port: int, on_ready: Callable[[], None], listening: socket.socket | None
) -> None:
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

    is_bound = listening is None
    server = ThreadedWSGIServer(
        (host, port), WSGIRequestHandler, ipv6=":" in host, bind_and_activate=is_bound
    )
    if listening is not None:
        server.socket.close()
        server.socket = listening
        server.server_address = listening.getsockname()
        server.server_name = host
        server.server_port = port
        server.setup_environ()
    server.daemon_threads = True
    server.set_app(app)
    on_ready()
    server.serve_forever()
