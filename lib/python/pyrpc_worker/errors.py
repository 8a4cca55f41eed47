"""Failures that this package itself detects while it imports the user's module."""

from __future__ import annotations


class ImportTimeout(BaseException):
    """The user's module did not finish importing in time.

    Not an Exception, so that the user's handlers do not swallow it.
    """


class ServerStarted(BaseException):
    """The user's module starts a server while it is imported."""


class AppNotFound(Exception):
    """The module has no application of the requested name."""

    def __init__(self, name: str, others: list[str]) -> None:
        super().__init__(name)
        self.name = name
        self.others = others


class SeveralApps(Exception):
    """The module has several applications and none of them has the usual name."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


class SettingsNotFound(Exception):
    """The folder names no settings module of Django."""
