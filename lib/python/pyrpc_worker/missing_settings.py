"""Names the environment variables that an import needs."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .protocol import Message

MAX_NAMES = 20


def missing_settings(error: BaseException) -> Message | None:
    """Returns the failure of a settings class of pydantic-settings, or of a variable in `os.environ`."""
    frame = innermost_frame(error)
    if isinstance(error, KeyError) and frame is not None and error.args:
        code = frame.f_code
        if code.co_name == "__getitem__" and code.co_filename.endswith(("os.py", "<frozen os>")) and isinstance(error.args[0], str):
            return {"kind": "variables", "name": None, "fields": [], "others": [error.args[0]], "invalid": []}
    settings = settings_class(error)
    if settings is None:
        return None
    try:
        errors = error.errors()  # type: ignore[attr-defined]
        missing = [each["loc"] for each in errors if each["type"] == "missing"][:MAX_NAMES]
        fields = [".".join(map(str, location)) for location in missing]
        variables = [variable_of(settings, location) for location in missing]
        invalid = [f"{variable_of(settings, each['loc'])}: {each['msg']}" for each in errors if each["type"] != "missing"]
    except Exception:  # noqa: BLE001 (another version)
        return None
    return {
        "kind": "variables",
        "name": settings.__name__,
        "fields": fields,
        "others": variables,
        "invalid": invalid[:MAX_NAMES],
        "envFile": env_file_of(settings),
    }


def env_file_of(settings: Any) -> str | None:
    """Returns the file that the class reads variables from, as written; of several the last one, which wins."""
    file = getattr(settings, "model_config", {}).get("env_file")
    files = file if isinstance(file, (list, tuple)) else [file]
    return str(files[-1]) if files and files[-1] is not None else None


def innermost_frame(error: BaseException) -> Any:
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    return step.tb_frame if step is not None else None


def settings_class(error: BaseException) -> type | None:
    """Returns the class whose instance could not be made."""
    if type(error).__name__ != "ValidationError":
        return None
    step = error.__traceback__
    while step is not None:
        for value in step.tb_frame.f_locals.values():
            cls = type(value)
            if any(base.__name__ == "BaseSettings" for base in cls.__mro__[1:]):
                return cls
        step = step.tb_next
    return None


def variable_of(settings: Any, location: tuple[Any, ...]) -> str:
    """Returns the environment variable of a field."""
    config = getattr(settings, "model_config", {})
    field = getattr(settings, "model_fields", {}).get(location[0])
    # The location of a field with an alias is the alias, which has no prefix.
    prefix = config.get("env_prefix") or "" if field is not None else ""
    name = prefix + (config.get("env_nested_delimiter") or "__").join(map(str, location))
    return name if config.get("case_sensitive") else name.upper()
