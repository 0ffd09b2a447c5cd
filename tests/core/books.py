"""An aggregator alone, told by hand what a case judge would tell it; time passes as the judge lets it pass."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from standardsd.core.aggregate import Aggregator, WallKey
from standardsd.core.due import Lane
from standardsd.core.figures import CaseKey
from standardsd.core.sight import Sources
from standardsd.model.decision import Alert, Amendment, CaseDecision, Final, Reason, Verdict, VerdictSpoken
from standardsd.model.snapshot import GroupNow
from standardsd.model.standard import FromTo, Promise, Standard

SITE = (("site", "here"),)
MINUTE = timedelta(minutes=1)


def greeting(**more: object) -> Standard:
    """Guests are greeted within a minute."""
    return Standard(
        id="greet",
        title="Guests are greeted",
        of="visit",
        measure=FromTo(("arrived",), ("greeted",)),
        promise=Promise(MINUTE, within=True),
        rules="sha256:0",
        set="desk",
        **more,  # type: ignore[arg-type]
    )


class Desk:
    """``said``: every alert so far, each with the instant at which the aggregator was asked."""

    def __init__(self, standard: Standard) -> None:
        self.wall: Lane[WallKey] = Lane()
        self.sources = Sources([])
        self.aggregator = Aggregator(self.wall, self.sources, lambda name: None, lambda at: False, 5)
        self.aggregator.standards = {standard.id: standard}
        self.standard = standard
        self.last: dict[str, CaseDecision] = {}
        self.said: list[Alert] = []

    def adopt(self, standard: Standard, now: datetime) -> list[Alert]:
        """Other rules from now on."""
        self.standard = standard
        self.aggregator.standards = {standard.id: standard}
        self.aggregator.touch_all()
        return self._settle(now)

    def hear(
        self,
        now: datetime,
        case: str,
        verdict: Verdict | None,
        at: datetime,
        *,
        site: str = "here",
        reason: Reason | None = None,
    ) -> list[Alert]:
        """The first word on a visit, or another one."""
        before = self.last.get(case)
        fields = {
            "standard": self.standard.id, "kind": "visit", "id": case, "occurrence": 1, "verdict": verdict,
            "reason": reason, "at": at, "start": at - MINUTE, "due": at, "late_from": None, "end": None,
            "measured": None, "limit": 60.0, "labels": {"site": site}, "rules": "sha256:0",
        }  # fmt: skip
        line: VerdictSpoken | Amendment = (
            VerdictSpoken(**fields)  # type: ignore[arg-type]
            if before is None
            else Amendment(**fields, was=before.verdict)  # type: ignore[arg-type]
        )
        said = self.to(now)
        self._tell(case, [line], now)
        return said + self._settle(now)

    def finish(self, now: datetime, case: str) -> list[Alert]:
        """What was breached is over: a final, which counts nowhere else."""
        last = self.last[case]
        said = self.to(now)
        fields = {name: getattr(last, name) for name in CaseDecision.__struct_fields__}
        self._tell(case, [Final(**fields)], now)
        return said + self._settle(now)

    def to(self, now: datetime) -> list[Alert]:
        """Time passes up to ``now``; what the aggregator wants to look at is looked at, at its instant."""
        said: list[Alert] = []
        while (at := self.wall.first()) is not None and at <= now:
            for key in list(self.wall.reached(at)):
                match key:
                    case ("group", group):
                        self.aggregator.touch(group)  # type: ignore[arg-type]
                    case ("case", case):
                        self.aggregator.reached_case(case, at)  # type: ignore[arg-type]
            said += self._settle(at)
            after = self.wall.first()
            assert after is None or after > at, "woken again at the same instant"
        return said

    def now(self, now: datetime, site: str = "here") -> GroupNow:
        found = self.aggregator.group((self.standard.id, (("site", site),)), now)
        assert found is not None
        return found

    def _tell(self, case: str, lines: Iterable[VerdictSpoken | Amendment | Final], now: datetime) -> None:
        lines = list(lines)
        key: CaseKey = (self.standard.id, "visit", case, 1)
        self.aggregator.hear(self.standard, key, before=self.last.get(case), lines=lines, now=now)
        self.last[case] = lines[-1]

    def _settle(self, now: datetime) -> list[Alert]:
        said = self.aggregator.settle(now)
        assert all(alert.at == now for alert in said)
        self.said += said
        return said
