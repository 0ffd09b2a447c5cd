"""Driver `ami`: one PBX's manager interface, watched until cancelled.

A task does nothing but read the socket, because Asterisk throws out who reads slowly; what
was read waits in a bounded buffer.  Everything that decides is in ``mapping``.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import ssl
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from standardsd.drivers.ami_connection import Lost, Socket, Watch, read_bytes, words
from standardsd.drivers.backoff import Backoff
from standardsd.drivers.base import Batch, DriverSetup, Shell, Trouble
from standardsd.mapping.ami_session import Credentials
from standardsd.mapping.ami_stream import AmiStream
from standardsd.model.definition import Definition

connect_seconds = 10.0
steady_seconds = 10.0
"""A connection that held for so long was a good one; the next failure is a first one."""
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def _duration(value: object) -> object:
    """``5s``, ``500ms``, ``5m``: as durations are written everywhere; other values are left to pydantic."""
    found = (
        re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)(ms|s|m|h)", value) if isinstance(value, str) else None
    )
    if found is None:
        raise ValueError("that is not a duration; write 5s or 5m")
    return timedelta(seconds=float(found[1]) * _UNITS[found[2]])


Duration = Annotated[timedelta, BeforeValidator(_duration), Field(gt=timedelta(0))]


class AmiSettings(BaseModel):
    """What a source of driver ``ami`` can be told; the definition's ``settings`` describe the same names."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    host: str = Field(min_length=1)
    port: int | None = Field(default=None, ge=1, le=65535)
    username: str = Field(min_length=1, pattern=r"^[^\r\n]+$")
    secret_file: str | None = None
    secret: str | None = Field(default=None, min_length=1, pattern=r"^[^\r\n]+$", repr=False)
    auth: Literal["md5", "plain"] = "md5"
    tls: bool = False
    tls_ca: str | None = None
    tls_verify: bool = True
    ping_every: Duration = timedelta(seconds=5)
    ping_deadline: Duration = timedelta(seconds=10)
    reconcile_every: Duration = timedelta(minutes=5)
    channels: bool = True

    @model_validator(mode="after")
    def _one_secret(self) -> AmiSettings:
        if (self.secret is None) == (self.secret_file is None):
            said = "both secret_file and secret are given: give one, not both"
            raise ValueError(said if self.secret else "no secret is given: add secret_file (or secret)")
        return self


class AmiDriver:
    """Watches one PBX.  ``sleep`` and ``uniform`` are for tests that cannot wait for minutes."""

    def __init__(
        self,
        definition: Definition,
        setup: DriverSetup,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        """Raises pydantic's ``ValidationError`` for settings that ``AmiSettings`` does not know."""
        self._definition = definition
        self._setup = setup
        self._settings = AmiSettings.model_validate(setup.settings)
        self._sleep = sleep
        self._backoff = Backoff(uniform)
        self._failing_since: datetime | None = None

    async def run(self, shell: Shell) -> None:
        """Until cancelled.  After a failure: told, waited for, tried again; what was missed is a gap."""
        name = self._setup.name
        stream = AmiStream(self._definition, name, dict(self._setup.labels), shell.cursor())
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                await self._connection(shell, stream)
            except Lost as lost:
                if said := stream.connected():  # what can be said without it is said now, not when it is back
                    await shell.accept(Batch(name, tuple(said), stream.memory()))
                if loop.time() - began >= steady_seconds:
                    self._backoff.worked()
                pause = self._backoff.failed(refused=lost.refused)
                now = shell.now()
                self._failing_since = self._failing_since or now
                attempts, since = self._backoff.attempts, self._failing_since
                shell.down(Trouble(lost.doing, lost.error, since, attempts, now + pause, lost.fix))
                await self._sleep(pause.total_seconds())

    # --- one connection -------------------------------------------------------------------------

    async def _connection(self, shell: Shell, stream: AmiStream) -> None:
        credentials = Credentials(self._settings.username, self._secret(), self._settings.auth == "md5")
        reader, writer = await self._open()
        socket = Socket(reader, writer, shell)
        draining = asyncio.create_task(socket.drain())
        try:
            watch = Watch(
                self._settings, shell, stream, socket, credentials, self._definition.delay, self._setup.name
            )
            await watch.run(self._is_up)
        finally:
            draining.cancel()
            writer.close()
            with contextlib.suppress(OSError, ssl.SSLError, TimeoutError, asyncio.CancelledError):
                await draining
                async with asyncio.timeout(1):
                    await writer.wait_closed()

    def _is_up(self, shell: Shell) -> None:
        self._failing_since = None
        self._backoff.let_in()
        shell.up()

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        settings = self._settings
        port = settings.port or (5039 if settings.tls else 5038)
        doing = f"connecting to {settings.host}:{port}"
        try:
            async with asyncio.timeout(connect_seconds):
                return await asyncio.open_connection(settings.host, port, ssl=self._tls(), limit=read_bytes)
        except TimeoutError:
            raise Lost(
                doing, f"no answer within {connect_seconds:g} s", "check host, port and firewall"
            ) from None
        except ssl.SSLError as error:
            fix = "check tls, tls_ca and the certificate's name; a plain port needs tls: false"
            raise Lost(doing, words(error), fix) from None
        except OSError as error:
            fix = "check host and port, and enabled = yes and bindaddr in manager.conf"
            raise Lost(doing, words(error), fix) from None

    def _tls(self) -> ssl.SSLContext | None:
        if not self._settings.tls:
            return None
        try:
            context = ssl.create_default_context(cafile=self._settings.tls_ca)
        except OSError as error:  # SSLError, for a file that is no certificate, is one
            raise Lost(
                "reading tls_ca", words(error), "name the PEM file of the certificate that signed the PBX's"
            ) from None
        if not self._settings.tls_verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def _secret(self) -> str:
        if self._settings.secret is not None:
            return self._settings.secret
        named, read = self._settings.secret_file, self._setup.secret
        assert named is not None and read is not None, "secret_file without a reader of secrets"
        try:
            first = (read(named).splitlines() or [""])[0].strip()
        except OSError as error:
            raise Lost(
                "reading secret_file", error.strerror or "unreadable", "check its name and mode"
            ) from None
        if not first:
            raise Lost(
                "reading secret_file", "its first line is empty", "write the secret into its first line"
            )
        return first
