"""Settings from the environment: ``STANDARDSD_*`` variables and secret files, through pydantic-settings.

What a site decides (sources, rules, outputs) stands in the configuration file; what a machine
decides (where the file is, where secrets are, how much is logged) stands here.  A variable that
begins with ``STANDARDSD_`` and is none of these is an error that offers the nearest one.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

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
        description="Folder in which a relative `secret_file` is looked for; default: beside the configuration.",
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


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings, or SettingsError with every mistake at once.

    Values are read from the process's environment; ``environ`` is where unknown names are looked for.
    """
    names = os.environ if environ is None else environ
    known = {f"{PREFIX}{field}".upper() for field in Settings.model_fields}
    problems = [
        _unknown(name, known)
        for name in sorted(names)
        if name.upper().startswith(PREFIX) and name.upper() not in known
    ]
    try:
        settings = Settings()
    except ValidationError as error:
        problems += [_invalid(part["loc"], part["msg"], part.get("input")) for part in error.errors()]
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def _unknown(name: str, known: set[str]) -> str:
    near = difflib.get_close_matches(name.upper(), sorted(known), n=1)
    fix = f"write {near[0]}" if near else f"unset it; known are {', '.join(sorted(known))}"
    return f"{name}: there is no such setting\n  fix: {fix}"


def _invalid(place: tuple[int | str, ...], message: str, given: object) -> str:
    name = PREFIX + "_".join(str(part) for part in place).upper()
    return f"{name}: {given!r}: {message.removeprefix('Value error, ')}\n  fix: correct it, or unset it"
