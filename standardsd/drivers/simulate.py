"""Driver ``simulate``: a hotel or a contact center that never closes, for demos, training and tests.

It is a driver like any other: it hands readings over, proves its silence with watermarks at the instants
the judge waits for, and goes on after a restart where it stood.  Told to stop (``stop_file`` appears), it
falls silent as a broken line would: no readings, no watermark, no word of farewell; when the file goes
away, it says what it lost sight of and goes on.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from standardsd.drivers.base import Batch, DriverSetup, Shell
from standardsd.drivers.sim_counting import COUNTS
from standardsd.drivers.sim_stories import PROFILES
from standardsd.drivers.sim_traffic import Traffic
from standardsd.drivers.sim_watch import Watch
from standardsd.model.reading import Reading, Watermark
from standardsd.model.source import SAMPLES
from standardsd.model.vocabulary import UPDATED

LOOK_EVERY = timedelta(milliseconds=500)
"""A watermark at least this often, and a look at the stop file."""

STALL_MAX = timedelta(seconds=60)
"""Not called for longer (the machine slept, the clock jumped), it takes itself for blind in between."""


class SimulateSettings(BaseModel):
    """The settings of a simulated source; each has a default that makes a good demo."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    profile: Literal["hotel", "contact_center"] = "hotel"
    seed: int = 1
    speed: float = Field(
        default=144.0, ge=1, le=1440, description="simulated seconds of the day in a real one"
    )
    busy: float = Field(default=1.0, ge=0.01, le=50, description="factor on all arrivals")
    starts_at: float = Field(default=9.0, ge=0, lt=24, description="hour of the simulated day at the start")
    stop_file: Path | None = Field(default=None, description="while this file exists, the source is silent")


def yields_of(profile: str) -> dict[str, tuple[str, ...]]:
    """Kind → events that a simulated source of this profile can say, ``updated`` after it lost sight; its samples."""
    events = {flow.kind: (*flow.events, UPDATED) for flow in PROFILES[profile]}
    return events | {SAMPLES: tuple(counted.name for counted in COUNTS[profile])}


class SimulateDriver:
    """One simulated house.  Its ids are its own: each begins with ``<source>/``."""

    settings_model = SimulateSettings

    def __init__(self, setup: DriverSetup) -> None:
        """Raises pydantic's ``ValidationError`` for settings that ``SimulateSettings`` does not know."""
        self._name = setup.name
        self._settings = SimulateSettings.model_validate(setup.settings)
        self.traffic = Traffic(
            source=setup.name,
            profile=self._settings.profile,
            seed=self._settings.seed,
            speed=self._settings.speed,
            busy=self._settings.busy,
            starts_at=self._settings.starts_at,
            labels=tuple(sorted(setup.labels.items())),
        )

    async def run(self, shell: Shell) -> None:
        """Until cancelled: tells each event when it happens, and a watermark every half second and at each due."""
        watch = Watch(self.traffic, shell.cursor())
        listening, new_day = False, True
        while True:
            now = shell.now()
            if self._is_stopped():
                listening = False
            elif listening and not _stalled(watch, now):
                await self._hand_over(shell, watch, list(watch.tell(now)), now)
            else:
                opened = watch.open(now, new_day=new_day)
                if watch.told_until == now:
                    shell.up()
                    await self._hand_over(shell, watch, opened, now)
                    listening, new_day = True, False
            await self._sleep(shell, watch, now, awake=listening)

    async def _hand_over(self, shell: Shell, watch: Watch, readings: list[Reading], now: datetime) -> None:
        if watch.told_until != now:
            return  # the clock went back: nothing new has happened, and a watermark only rises
        readings.append(Watermark(self._name, now))
        await shell.accept(Batch(self._name, tuple(readings), cursor=watch.cursor()))

    def _is_stopped(self) -> bool:
        return self._settings.stop_file is not None and self._settings.stop_file.exists()

    async def _sleep(self, shell: Shell, watch: Watch, since: datetime, *, awake: bool) -> None:
        """Until the next event, the next due instant or half a second after ``since``, whichever is first."""
        while True:
            until = since + LOOK_EVERY
            if awake:
                # A due instant at or before the last watermark is another source's to prove.
                wanted = (watch.next_at(), shell.next_due())
                until = min([until, *(at for at in wanted if at is not None and at > since)])
            seconds = (until - shell.now()).total_seconds()
            # Never more than that even if the clock stepped back meanwhile.
            seconds = min(seconds, LOOK_EVERY.total_seconds())
            if seconds <= 0:
                return
            try:
                async with asyncio.timeout(seconds):
                    await shell.due_changed()
            except TimeoutError:
                return


def _stalled(watch: Watch, now: datetime) -> bool:
    return watch.told_until is not None and now - watch.told_until > STALL_MAX
