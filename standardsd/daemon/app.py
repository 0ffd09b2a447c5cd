"""The one place where the parts meet: `standardsd run` and `standardsd demo` both end up here."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from msgspec import structs

from standardsd import __version__
from standardsd.core.judge import Judge, JudgeSettings
from standardsd.daemon import recovery
from standardsd.daemon.checkpoints import Checkpoints
from standardsd.daemon.clock import SteadyClock
from standardsd.daemon.compose import Composed, ComposedSource, ComposeError, compose_aloud
from standardsd.daemon.desk import DaemonDesk, Reloads
from standardsd.daemon.failpoints import Failpoint
from standardsd.daemon.loop import JudgeLoop
from standardsd.daemon.recent import recent_breaches
from standardsd.daemon.recovery import Adopted
from standardsd.daemon.settings import Settings
from standardsd.daemon.sources import ReceiptWatermarks, Sources, SourceShell
from standardsd.daemon.storing import StoreThread, open_store
from standardsd.daemon.telling import Channels, StoreOutbox, Words
from standardsd.daemon.upkeep import Upkeep
from standardsd.language.words import Wrong, listen_address
from standardsd.model.decision import Decision
from standardsd.model.snapshot import Snapshot
from standardsd.model.standard import RuleBook
from standardsd.notify.alertmanager import channel_name
from standardsd.notify.current import CurrentAlerts
from standardsd.notify.outbox import DeliverySettings
from standardsd.store.entries import Input
from standardsd.store.trouble import StoreTrouble
from standardsd.web.app import build_app
from standardsd.web.server import Server

log = logging.getLogger(__name__)

USAGE, WORLD = 2, 3

give_up_seconds = 0.5
"""At the end, for those who wait for a store in trouble; less than the web server gives them."""

checkpoint_seconds = 300.0
prune_seconds = 3600.0
pending_seconds = 5.0


@dataclass(frozen=True)
class DaemonHandle:
    """What those who started the daemon may see of it.  ``reload`` is what SIGHUP does."""

    url: str
    metrics_url: str
    snapshot: Callable[[], Snapshot]
    book: Callable[[], RuleBook]
    reload: Callable[[], object]


async def run_daemon(
    config_path: Path,
    settings: Settings,
    *,
    stop: asyncio.Event,
    on_ready: Callable[[DaemonHandle], object],
) -> int:
    """Runs until ``stop`` is set.  Exit code: 0 ended as asked, 2 wrong configuration, 3 the outside world failed.

    What is wrong is told on stderr, with its place and fix, before anything is started.
    """
    try:
        composed = compose_aloud(config_path, secrets_dir=settings.secrets_dir, data=settings.data)
        host, port = composed.config.listen if settings.listen is None else listen_address(settings.listen)
    except ComposeError as error:
        _tell(str(error))
        return USAGE
    except Wrong as wrong:
        _tell(f"STANDARDSD_LISTEN: {wrong.text}\n  fix: {wrong.fix}")
        return USAGE
    try:
        store = await asyncio.to_thread(open_store, settings.data or composed.data)
    except (StoreTrouble, OSError) as error:
        fix = (
            ""
            if isinstance(error, StoreTrouble)
            else "\n  fix: set `data` or STANDARDSD_DATA to a folder of ours"
        )
        _tell(f"{error}{fix}")
        return WORLD
    return await Daemon(composed, settings, StoreThread(store)).run(host, port, stop, on_ready)


def _tell(text: str) -> None:
    """To the operator who started us; the log is for later."""
    sys.stderr.write(text + "\n")


class Daemon:
    """Everything that runs, from start to end."""

    def __init__(self, composed: Composed, settings: Settings, store: StoreThread) -> None:
        self._composed = composed
        self._settings = settings
        self._store = store
        self._clock = SteadyClock()
        self._failpoint = Failpoint(settings.failpoint)
        self._sources = Sources()
        self._reloads = Reloads(success=True, at=datetime.now(UTC))
        self._upkeep = Upkeep()

    # -- life ------------------------------------------------------------------------------------------

    async def run(
        self, host: str, port: int, stop: asyncio.Event, on_ready: Callable[[DaemonHandle], object]
    ) -> int:
        judging: asyncio.Task[None] | None = None
        server: Server | None = None
        try:
            await self._take_up(stop)
            judging = asyncio.create_task(self._loop.run(), name="judge")
            await self._channels.adopt(*self._members())
            server = Server(build_app(self._desk), host=host, port=port)
            try:
                host, port = await server.start()
            except OSError as error:
                fix = "end what listens there, or set `listen` or STANDARDSD_LISTEN"
                _tell(f"{host}:{port}: {error.strerror or error}\n  fix: {fix}")
                return WORLD
            for source in self._composed.running:
                await self._start_source(source)
            self._schedule()
            with self._reload_on_sighup():
                on_ready(self._handle(host, port))
                return await self._until(stop, judging, server)
        except recovery.Stopped:
            return 0
        except StoreTrouble as trouble:
            _tell(str(trouble))
            return WORLD
        finally:
            await self._end(judging, server)

    async def _until(self, stop: asyncio.Event, judging: asyncio.Task[None], server: Server) -> int:
        """Until asked to stop; the judge or the server ending by itself is our own mistake."""
        asked = asyncio.create_task(stop.wait())
        serving = asyncio.create_task(server.failed())
        done, _ = await asyncio.wait({asked, judging, serving}, return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        serving.cancel()
        await asyncio.gather(asked, serving, return_exceptions=True)
        if judging in done:
            judging.result()
        if serving in done:
            serving.result()
        assert asked in done, "the judge or the server ended by itself"
        return 0

    async def _end(self, judging: asyncio.Task[None] | None, server: Server | None) -> None:
        """Nothing new in, what is in made durable, nothing lost; whatever fails, the store is closed."""
        try:
            self._upkeep.stop()
            if judging is not None:
                asyncio.get_running_loop().call_later(give_up_seconds, self._loop.give_up)
            if server is not None:
                await server.stop()
            await self._sources.stop_all()
            if judging is not None:
                judging.cancel()
                (ended,) = await asyncio.gather(judging, return_exceptions=True)
                if isinstance(ended, asyncio.CancelledError) and await self._loop.finish():
                    await self._checkpoints.write_at_the_end()
                await self._channels.stop()
        finally:
            self._store.close()

    # -- recovery --------------------------------------------------------------------------------------

    async def _take_up(self, stop: asyncio.Event) -> None:
        """The judge as it was, then the rules as they are now; recovery.Stopped when we are to end before that."""
        url = self._composed.config.url
        alerts = CurrentAlerts((), (), url, self._composed.words)
        recovered = await self._store.call(recovery.recover, self._store.store, alerts, url, stop.is_set)
        settings = await self._judge_settings()
        judge = (
            Judge(self._composed.book, self._composed.sources, settings)
            if recovered is None
            else recovered.judge
        )
        self._words = Words(alerts, judge)
        recent = await self._store.call(recent_breaches, self._store.store, lambda: self._composed.book)
        teller = recent.beside(self._words)
        self._loop = JudgeLoop(judge, self._store, self._clock, teller=teller, failpoint=self._failpoint)
        last, replayed = (0, 0) if recovered is None else (recovered.last_seq, recovered.replayed)
        self._loop.last_seq = last
        self._checkpoints = Checkpoints(self._loop, self._store, self._words, written=last - replayed)
        self._channels = Channels(
            self._words, StoreOutbox(self._store, self._failpoint), self._clock.now, self._failpoint
        )
        self._loop.on_durable = self._channels.wake
        # What the new rules, or the time that has passed, decide is told to the members of now.
        self._words.channels = tuple(channel_name(url) for url in self._members()[0])
        await self._adopt(self._composed, settings, resumed=True)
        self._desk = DaemonDesk(
            self._loop, self._clock, self._sources, self._channels, self._reloads, self._composed, recent
        )

    async def _judge_settings(self) -> JudgeSettings:
        """As configured; ``judge_from`` is the first start of this store where nothing is said."""
        settings = self._composed.judge_settings(keep=self._composed.config.judge.keep)
        if settings.judge_from is None:
            first = await self._store.call(self._store.store.first_start)
            settings = structs.replace(settings, judge_from=first)
        return settings

    async def _adopt(self, composed: Composed, settings: JudgeSettings, *, resumed: bool) -> None:
        """Rules, sources and settings in force from now on, journalled."""
        self._sources.adopt(composed.running, composed.book)
        adopted = Adopted(composed.book, composed.sources, settings, resumed)

        def change(now: datetime) -> tuple[list[Decision], Input]:
            said = recovery.adopt(self._loop.judge, adopted, now)
            self._words.adopt(
                composed.book, composed.sources, settings.judge_from, composed.config.url, composed.words
            )
            return said, composed.journalled(adopted, __version__)

        await self._loop.adopt(change, (source.name for source in composed.sources))
        self._checkpoints.rules_hash = composed.book.hash

    # -- sources and channels --------------------------------------------------------------------------

    async def _start_source(self, source: ComposedSource) -> None:
        name = source.spec.name
        cursor = await self._store.call(self._store.store.cursor, name)
        labeller = self._sources.labellers[name]
        shell = SourceShell(
            name, self._loop, self._clock, cursor, labeller, lambda: self._sources.standards.get(name, 0)
        )
        if source.make is not None:
            self._sources.start(name, source.make(source.setup), shell, source.made_from)
        elif source.receipt is not None:
            marks = ReceiptWatermarks(
                name,
                delay=source.receipt.delay,
                max_silence=source.spec.max_silence,
                judge=lambda: self._loop.judge,
            )
            self._sources.start(name, marks, shell, source.made_from)

    def _members(self) -> tuple[tuple[str, ...], DeliverySettings]:
        output = self._composed.config.alertmanager
        if output is None:
            return (), DeliverySettings()
        return output.members, DeliverySettings(resend=output.resend)

    # -- reload ----------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _reload_on_sighup(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        wanted = asyncio.Event()
        task = asyncio.create_task(self._reload_when(wanted), name="reload")
        with contextlib.suppress(ValueError, RuntimeError):  # not in the main thread: a test's own loop
            loop.add_signal_handler(signal.SIGHUP, wanted.set)
        self._reload_wanted = wanted
        try:
            yield
        finally:
            with contextlib.suppress(ValueError, RuntimeError):
                loop.remove_signal_handler(signal.SIGHUP)
            task.cancel()

    async def _reload_when(self, wanted: asyncio.Event) -> None:
        while True:
            await wanted.wait()
            wanted.clear()
            try:
                await self.reload()
            except Exception:  # our own mistake; the daemon goes on, and the next SIGHUP is heard
                log.exception("the reload failed half-way; correct what it is about and reload again")
                self._reloads.refused()

    def _compose(self) -> Composed:
        settings = self._settings
        return compose_aloud(self._composed.path, secrets_dir=settings.secrets_dir, data=settings.data)

    async def reload(self) -> bool:
        """New rules and sources without losing an open promise; a bad reload changes nothing."""
        try:
            composed = await asyncio.to_thread(self._compose)  # a holiday feed may take its time to answer
        except ComposeError as error:
            log.error("the reload was refused and what was in force stays in force:\n%s", error)
            self._reloads.refused()
            return False
        for key in ("listen", "data"):
            if getattr(composed.config, key) != getattr(self._composed.config, key):
                log.warning("`%s` changed; it is taken at the next start", key)
        before = {source.spec.name: source for source in self._composed.running}
        after = {source.spec.name: source for source in composed.running}
        for name in before:
            if name in self._sources.running and (
                name not in after or after[name].made_from != before[name].made_from
            ):
                await self._sources.stop(name)
        self._composed = composed
        await self._adopt(composed, await self._judge_settings(), resumed=False)
        await self._channels.adopt(*self._members())
        for name, source in after.items():
            if name not in self._sources.running:
                await self._start_source(source)
        self._desk.adopt(composed)
        self._reloads.done(self._clock.now())
        log.info("reloaded: %d standards, %d sources", len(composed.book.standards), len(after))
        return True

    # -- upkeep ----------------------------------------------------------------------------------------

    def _schedule(self) -> None:
        self._upkeep.every(checkpoint_seconds, self._checkpoints.write)
        self._upkeep.every(pending_seconds, self._count_pending)
        self._upkeep.every(prune_seconds, self._prune)
        self._upkeep.start()

    async def _count_pending(self) -> None:
        with contextlib.suppress(StoreTrouble):  # told by the loop already
            self._channels.pending = await self._store.call(self._store.store.pending)

    async def _prune(self) -> None:
        try:
            await self._store.call(self._store.store.prune, self._clock.now())
        except StoreTrouble as trouble:
            log.warning("nothing was pruned: %s", trouble)

    def _handle(self, host: str, port: int) -> DaemonHandle:
        url = f"http://{host if ':' not in host else f'[{host}]'}:{port}"
        metrics, wanted = url + "/metrics", self._reload_wanted.set
        return DaemonHandle(url + "/", metrics, self._loop.snapshot, lambda: self._composed.book, wanted)
