"""A question of the toolkit: the module to import and the application to find in it."""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .protocol import Message


class Question(NamedTuple):
    id: int
    module: str
    # The project's folder, absolute.
    root: str
    # The application's name; None for the only one of the module.
    app: str | None = None
    # The module that has the application.
    app_module: str = ""
    # The framework of the project; None if it is not configured.
    framework: str | None = None
    # An application is required: several, and a factory that fails, are errors.
    is_servable: bool = False
    # Seconds that the import may take; 0 for no limit.
    time_limit: float = 0
    # The process stays after its answer, and waits for the order to serve.
    keep: bool = False
    # The imported modules are reported, for the next fork.
    report_modules: bool = False

    @classmethod
    def from_message(cls, message: Message) -> Question:
        return cls(
            id=message["id"],
            module=message["module"],
            root=message["root"],
            app=message.get("app"),
            app_module=message.get("appModule") or message["module"],
            framework=message.get("framework"),
            is_servable=bool(message.get("servable")),
            time_limit=message.get("limit") or 0,
            keep=bool(message.get("keep")),
            report_modules=bool(message.get("report")),
        )
