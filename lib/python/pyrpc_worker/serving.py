"""Serves the imported application with uvicorn or Flask."""

from __future__ import annotations

import importlib.util
import logging
import os
import sys

from .applications import is_foreign, kind_of
from .django_server import reload_templates, serve_wsgi, with_static_files
from .origins import allow_origins
from .project import project_files, third_party_modules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from socket import socket
    from typing import Any

    from .backend import Backend
    from .protocol import Message, Send

# Exit code of a server that could not start, as in uvicorn.
STARTUP_FAILURE = 3


def modules_message() -> Message:
    """Reports the imported modules: the process that forks preloads the packages and compiles the files."""
    return {"event": "modules", "names": third_party_modules(), "files": project_files()}


def serve(backend: Backend, order: Message, send: Send, listening: socket | None) -> None:
    """Serves until a signal ends the server."""
    app = backend.app
    if app is None:
        from pyrpc_core.transport.asgi import PyRPCAsgiApp

        def on_refused(origin: str) -> None:
            send({"id": backend.question.id, "event": "refused_origin", "origin": origin})

        app = allow_origins(PyRPCAsgiApp(backend.router), order["origins"], order["host"], on_refused)

    def on_ready() -> None:
        # Again, now with the packages that the server itself needs.
        send(modules_message())
        send({"id": backend.question.id, "event": "ready"})

    kind = kind_of(app) or order["framework"]
    if kind not in ("flask", "django") and importlib.util.find_spec("uvicorn") is None:
        send({"id": backend.question.id, "event": "unbound", "code": "NO_UVICORN", "reason": "needs uvicorn"})
        return
    if backend.django is not None:
        backend.django.join_routes()
        reload_templates()
        if not is_foreign(app):
            app = with_static_files(app, is_asgi=kind != "django")
    serve_with = {"flask": serve_flask, "django": serve_wsgi}.get(kind, serve_asgi)
    serve_with(app, order["host"], order["port"], on_ready, listening)


def serve_asgi(app: Any, host: str, port: int, on_ready: Callable[[], None], listening: socket | None) -> None:
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            if not self.should_exit:
                on_ready()

    config = uvicorn.Config(app, host=host, port=port, log_level="info", use_colors=False)
    # The toolkit reports start and stop. Errors and requests are logged.
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    server = Server(config)
    server.run(sockets=None if listening is None else [listening])
    if not server.started:
        sys.exit(STARTUP_FAILURE)


def serve_flask(app: Any, host: str, port: int, on_ready: Callable[[], None], listening: socket | None) -> None:
    if listening is not None:
        # Werkzeug's own way to pass a listening socket to the process that its reloader starts.
        os.environ["WERKZEUG_RUN_MAIN"] = "true"
        os.environ["WERKZEUG_SERVER_FD"] = str(listening.fileno())
    from flask.cli import FlaskGroup

    on_ready()
    # The application itself and not its name: a factory would be called a second time.
    cli = FlaskGroup(create_app=lambda: app)
    args = ["run", "--host", host, "--port", str(port), "--no-reload", "--no-debugger"]
    cli.main(args=args, prog_name="flask")
