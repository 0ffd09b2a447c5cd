"""Settings from the environment: ``STANDARDSD_*`` variables and secret files, through pydantic-settings.

What a site decides (sources, rules, outputs) stands in the configuration file; what a machine
decides (where the file is, where secrets are, how much is logged) stands here.  A variable that
begins with ``STANDARDSD_`` and is none of these is an error that offers the nearest one.
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from standardsd.daemon.failpoints import Failpoint

PREFIX = "STANDARDSD_"


class SettingsError(Exception):
    """Everything wrong with the environment, one line each with its fix."""


class Settings(BaseSettings):
    """What can be set by the environment.  Each field's description is its documentation."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", case_sensitive=False)

    config: Path | None = Field(
        default=None, description="Configuration file, where the command line names none."
    )
    data: Path | None = Field(
        default=None, description="Data folder; overrides `data` of the configuration file."
    )
    listen: str | None = Field(
        default=None, description="HOST:PORT; overrides `listen` of the configuration file."
    )
    secrets_dir: Path | None = Field(
        default=None,
        description="Folder in which a relative `secret_file` is looked for (default: beside the configuration), "
        "and files called as these variables in small letters, such as standardsd_listen.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="How much is logged."
    )
    failpoint: str | None = Field(
        default=None,
        description="For crash tests only: PLACE:COUNT kills the process there (see daemon/failpoints.py).",
    )

    @field_validator("failpoint")
    @classmethod
    def _known_place(cls, value: str | None) -> str | None:
        Failpoint(value)
        return value


def load_settings() -> Settings:
    """The settings of this process's environment and secret files, or SettingsError with every mistake at once.

    A variable beats a file of the same name; an empty secret file is an empty text.
    """
    known = {f"{PREFIX}{field}".upper() for field in Settings.model_fields}
    given = [name for name in sorted(os.environ) if name.upper().startswith(PREFIX)]
    problems = [_unknown(name, known) for name in given if name.upper() not in known]
    folder = next((os.environ[name] for name in given if name.upper() == f"{PREFIX}SECRETS_DIR"), None)
    if folder is not None and not Path(folder).is_dir():
        problems.append(
            f"{PREFIX}SECRETS_DIR: {folder!r} is no folder that we can see\n  fix: make it, or unset it"
        )
        folder = None
    elif folder is not None:
        problems += _strange_files(Path(folder), known)
    own: dict[str, Any] = {"_secrets_dir": folder}  # an argument of pydantic-settings that its types hide
    try:
        settings = Settings(**own)
    except ValidationError as error:
        problems += [_invalid(part["loc"], part["msg"], part.get("input")) for part in error.errors()]
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def _strange_files(folder: Path, known: set[str]) -> list[str]:
    """Files that look like settings and are none; others may be anybody's secrets."""
    names = sorted(path.name for path in folder.iterdir() if path.name.upper().startswith(PREFIX))
    return [f"{folder}/{_unknown(name, known)}" for name in names if name.upper() not in known]


def _unknown(name: str, known: set[str]) -> str:
    bare = {word.removeprefix(PREFIX) for word in known}  # compared without what they all share
    near = difflib.get_close_matches(name.upper().removeprefix(PREFIX), sorted(bare), n=1)
    fix = f"write {PREFIX}{near[0]}" if near else f"take it away; known are {', '.join(sorted(known))}"
    return f"{name}: there is no such setting\n  fix: {fix}"


def _invalid(place: tuple[int | str, ...], message: str, given: object) -> str:
    name = PREFIX + "_".join(str(part) for part in place).upper()
    return f"{name}: {given!r}: {message.removeprefix('Value error, ')}\n  fix: correct it, or unset it"
