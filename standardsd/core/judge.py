"""The judge: the one thing that decides, for the daemon, backtests, recovery and replay alike.

Rules of this module: time moves only by the ``now`` of ``receive`` and ``tick``, and never
back; a batch is heard whole before anything is said; what falls due on the wall clock
before ``now`` is decided first, at its own instant.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import structs

from standardsd.core import checkpoint
from standardsd.core.aggregate import Aggregator, WallKey
from standardsd.core.cases import CaseJudge, InteractionKey, Line, is_open
from standardsd.core.due import Dues, Lane
from standardsd.core.epochs import NOBODY, Epochs, Names
from standardsd.core.known import present, take_up
from standardsd.core.numbers import Numbers
from standardsd.core.refusing import JudgeSettings, refusal
from standardsd.core.sight import Sources
from standardsd.core.silence import Silence
from standardsd.model.decision import Alert, CaseDecision, Decision, Episode, Refused, SourceSpoken
from standardsd.model.reading import Event, Gap, Reading, Retract, Sample, Watermark
from standardsd.model.snapshot import GroupNow, Snapshot, SourceNow
from standardsd.model.source import Source
from standardsd.model.standard import Group, RuleBook

Touched = dict[InteractionKey, tuple[Names | None, frozenset[str] | None]]
"""What to look at: for these standards, or (None) for all; and the names of the events just heard, or (None) any."""

ALL: tuple[None, None] = (None, None)


class Judge:
    """State and the few ways to change it.  Every method that decides returns what is to be said."""

    def __init__(self, book: RuleBook, sources: Sequence[Source], settings: JudgeSettings) -> None:
        self.wall: datetime | None = None
        self._settings = settings
        self._dues: Dues[WallKey, InteractionKey] = Dues()
        self._epochs = Epochs(book)
        self._sources = Sources(sources)
        self._cases = CaseJudge(self._epochs, self._sources, self._dues, settings.judge_from)
        self._figures = Aggregator(
            self._dues.wall, self._sources, self._cases.kind, self._cases.is_old, settings.urgent_max
        )
        self._numbers = Numbers(
            self._sources, judge_from=settings.judge_from, accept_late=settings.accept_late
        )
        self._numbers.replace(book)
        self._silence = Silence(self._sources, self._touch_all, self._dues.wall)
        self._leaving: Lane[InteractionKey] = Lane()
        self._take_up(book)

    # -- deciding --------------------------------------------------------------------------------------

    def receive(self, readings: Sequence[Reading], now: datetime) -> list[Decision | Refused]:
        """Hears one batch at wall instant ``now``."""
        said: list[Decision | Refused] = []
        said += self._pass_time(now)
        wall = self._wall()
        touched: Touched = {}
        marks: dict[str, None] = {}
        for place, reading in enumerate(readings):
            refused = self._refused(reading, wall)
            if refused is not None:
                said.append(structs.replace(refused, place=place))
                continue
            said += self._silence.heard(reading, wall)
            self._hear(reading, touched, marks)
            self._numbers.take(reading)
        said += self._judge(touched, marks, wall)
        said += self._settle(wall)
        self._let_go(wall)  # not before: ``missing`` has said what need not be recalled
        return said

    def tick(self, now: datetime) -> list[Decision]:
        """Moves the wall clock on.  An earlier ``now`` than before moves nothing."""
        said = self._pass_time(now)
        self._let_go(self._wall())
        return said

    def _pass_time(self, now: datetime) -> list[Decision]:
        if self.wall is None:
            self.wall = now
            self._sources.listening(now)
            self._silence.listen()
        said: list[Decision] = []
        now = max(now, self.wall)
        while (at := self.next_wakeup()) is not None and at <= now:
            self.wall = max(self.wall, at)
            for key in list(self._dues.wall.reached(at)):
                said += self._reached(key, self.wall)
            said += self._settle(self.wall)
        self.wall = now
        return said

    def adopt(
        self,
        book: RuleBook,
        sources: Sequence[Source],
        now: datetime,
        settings: JudgeSettings | None = None,
        *,
        resumed: bool = False,
    ) -> list[Decision]:
        """New rules and sources from ``now`` on; open promises keep the rules they began under.

        ``settings`` None: those of before.  ``resumed``: until now nobody listened, so no source was silent.
        """
        if resumed:
            self._silence.listen_anew(now)
            self._touch_all()
        said = self.tick(now)
        if settings is not None:
            self._settings = settings
            self._cases.judge_from = settings.judge_from
        wall = self._wall()
        self._epochs.adopt(book, wall)
        self._epochs.drop_before(self._earliest_start())
        self._sources.replace(sources, added=wall)
        self._sources.listening(wall)
        self._numbers.replace(book, wall)
        self._take_up(book)
        self._silence.listen()
        said += self._judge(dict.fromkeys(self._cases.cases, ALL), {}, wall)
        self._touch_all()
        said += self._settle(wall)
        return said

    def _settle(self, wall: datetime) -> list[Episode | Alert]:
        """What all that was heard comes to: numbers first, because shares and alerts rest on them."""
        episodes = self._numbers.settle(wall)
        for told in self._numbers.drain():
            self._figures.hear_number(told.standard, told.group, told.number, told.changes)
        return [*episodes, *self._figures.settle(wall)]

    def _touch_all(self) -> None:
        self._figures.touch_all()
        self._numbers.touch_all()

    # -- asking ----------------------------------------------------------------------------------------

    def next_wakeup(self) -> datetime | None:
        """The wall instant by which ``tick`` must be called next."""
        return min(filter(None, (self._dues.next_wakeup(), self._numbers.next_wakeup())), default=None)

    def next_due(self, source: str) -> datetime | None:
        """The earliest instant at which this source's watermark is waited for."""
        return min(filter(None, (self._dues.next_due(source), self._numbers.next_due(source))), default=None)

    def heard(self, source: str) -> datetime | None:
        """The wall instant at which anything but a watermark of ours could last be read from it."""
        state = self._sources.states.get(source)
        return None if state is None else state.heard

    def missing(self, readings: Iterable[Reading]) -> set[InteractionKey]:
        """Interactions named in ``readings`` that are not in memory; the store may know them."""
        keys = {(r.kind, r.id) for r in readings if isinstance(r, Event | Retract)}
        return {key for key in keys if key not in self._cases.cases}

    def snapshot(self) -> Snapshot:
        """Everything as it stands at the wall clock's last instant."""
        wall = self._wall()
        sources = tuple(
            SourceNow(name, state.dark, state.watermark, state.heard)
            for name, state in sorted(self._sources.states.items())
        )
        old = self._cases.backlog(self._figures.old.values())
        groups = present(self._figures.groups(wall), self._figures, self._numbers, wall)
        return Snapshot(wall, groups, sources, old)

    def group(self, standard: str, group: Group) -> GroupNow | None:
        """One standard in one group as it stands; None: nothing is known of it."""
        wall = self._wall()
        found = self._figures.group((standard, group), wall)
        return None if found is None else present([found], self._figures, self._numbers, wall)[0]

    # -- memory ----------------------------------------------------------------------------------------

    def recall(
        self, kind: str, interaction: str, readings: Iterable[Reading], said: Iterable[CaseDecision]
    ) -> None:
        """Brings an interaction back from the store; nothing is said.

        It leaves again as any other would, also when nothing new is read of it (a reading known already, or refused).
        """
        key = (kind, interaction)
        case = self._cases.case(key)
        for reading in readings:
            if isinstance(reading, Event):
                case.history.add(reading)
            elif isinstance(reading, Retract):
                case.history.retract(reading)
        for line in said:
            case.said[(line.standard, line.occurrence)] = line
        if self.wall is not None:  # before the first input there is no time in which to leave
            self._leaving.set(key, self._forget_at(self.wall, gap_matters=False))

    def dump(self) -> bytes:
        """The whole state, for a checkpoint."""
        return checkpoint.dump(
            self.wall, self._epochs, self._sources, self._cases, self._figures, self._numbers
        )

    @classmethod
    def load(cls, blob: bytes, book: RuleBook, sources: Sequence[Source], settings: JudgeSettings) -> Judge:
        """The state as ``dump`` gave it.  ValueError when the blob is not one of ours."""
        judge = cls(book, sources, settings)
        judge.wall = checkpoint.restore(
            blob, judge._epochs, judge._sources, judge._cases, judge._figures, judge._numbers
        )
        judge._take_up(judge._epochs.current)
        if judge.wall is None:  # nothing was heard yet
            return judge
        for key in judge._cases.cases:
            judge._see(key, judge.wall)
        judge._silence.listen()
        judge._touch_all()
        judge._settle(judge.wall)
        return judge

    # -- one reading -----------------------------------------------------------------------------------

    def _refused(self, reading: Reading, wall: datetime) -> Refused | None:
        state = self._sources.states.get(reading.source)
        return refusal(
            reading,
            vocabulary=self._epochs.current.vocabulary,
            settings=self._settings,
            mark=None if state is None else state.watermark,
            wall=wall,
        )

    def _hear(self, reading: Reading, touched: Touched, marks: dict[str, None]) -> None:
        match reading:
            case Event():
                names = self._cases.hear(reading)
                fresh = None if names is None else frozenset((reading.event,))
                _touch(touched, (reading.kind, reading.id), names, fresh)
            case Retract():
                if self._cases.case((reading.kind, reading.id)).history.retract(reading):
                    touched[(reading.kind, reading.id)] = ALL
            case Watermark():
                if self._sources.advance(reading.source, reading.at):
                    marks[reading.source] = None
                    self._numbers.advanced(reading.source)
            case Gap():
                if self._sources.add_gap(reading):
                    touched.update(dict.fromkeys(self._cases.touched_by_gap(reading.until), ALL))
            case Sample():
                pass  # about no interaction: ``numbers`` takes it

    # -- looking ---------------------------------------------------------------------------------------

    def _judge(self, touched: Touched, marks: dict[str, None], wall: datetime) -> list[Line]:
        """Looks at every interaction that changed or whose awaited watermark has come."""
        for name in marks:
            mark = self._sources.states[name].watermark
            assert mark is not None
            for key in self._dues.of(name).reached(mark):
                _touch(touched, key, self._cases.awaiting(key, name, mark), frozenset())
        said: list[Line] = []
        for key, (names, fresh) in touched.items():
            said += self._see(key, wall, names)
            if fresh is None or fresh:
                self._numbers.see(key, self._cases.cases[key].history, fresh)
        said.sort(key=lambda line: (line.at, line.standard, line.kind, line.id, line.occurrence))
        self._numbers.hear(said)
        return said

    def _see(self, key: InteractionKey, wall: datetime, names: Names | None = None) -> list[Line]:
        """Looks at one interaction, for these standards or (None) for all."""
        said: list[Line] = []
        seen = self._cases.cases[key]
        for standard, number, known, before, lines in self._cases.look(key, names):
            case = (standard.id, key[0], key[1], number)
            if lines:
                self._figures.hear(standard, case, before=before, lines=lines, now=wall)
            last = lines[-1] if lines else before
            if known is not None and known.unseen:
                seen.unseen.add((standard.id, number))
            else:
                seen.unseen.discard((standard.id, number))
            if known is None or not is_open(known, last):
                seen.open.discard((standard.id, number))
                self._figures.track(standard, case, (), None, wall)
            else:
                seen.open.add((standard.id, number))
                promise = self._cases.promise(key, number, known, last)
                self._figures.track(standard, case, standard.group(known.labels), promise, wall)
            said += lines
        self._leaving.set(key, None if seen.open else self._forget_at(wall, gap_matters=bool(seen.unseen)))
        return said

    def _forget_at(self, wall: datetime, *, gap_matters: bool) -> datetime | None:
        """When a closed interaction leaves memory; None: never.

        What closed because it was out of sight stays as long as a gap is taken that would change it: a
        gap names no interaction, so nobody would bring it back.
        """
        keep, late = self._settings.keep, self._settings.accept_late
        if keep is None or (gap_matters and late is None):
            return None
        return wall + max(
            keep, self._epochs.longest_settle, late if gap_matters and late is not None else keep
        )

    def _let_go(self, now: datetime) -> None:
        for key in list(self._leaving.reached(now)):
            self._cases.forget(key)

    def _earliest_start(self) -> datetime | None:
        return min(
            (event.at for case in self._cases.cases.values() for event in case.history.events.values()),
            default=None,
        )

    # -- the wall clock --------------------------------------------------------------------------------

    def _wall(self) -> datetime:
        assert self.wall is not None, "tick or receive comes first: the judge has no clock of its own"
        return self.wall

    def _reached(self, key: WallKey, at: datetime) -> list[SourceSpoken]:
        match key:
            case ("source", str(name)):
                return [self._silence.fell(name, at)]
            case ("case", case):
                self._figures.reached_case(case, at)  # type: ignore[arg-type]
            case ("group", group):
                self._figures.touch(group)  # type: ignore[arg-type]
        return []

    def _take_up(self, book: RuleBook) -> None:
        take_up(book, self._settings.sites, self._sources, self._figures, self._numbers)


def _touch(touched: Touched, key: InteractionKey, names: Names | None, fresh: frozenset[str] | None) -> None:
    before, heard = touched.get(key, (NOBODY, NOBODY))
    touched[key] = (
        None if names is None or before is None else before | names,
        None if fresh is None or heard is None else heard | fresh,
    )


__all__ = ["Judge", "JudgeSettings"]
