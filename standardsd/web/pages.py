"""The wallboard's HTML: rendered once a version, whole for the first paint, in parts for who watches.

What is rendered is remembered by value: a row is rendered again only when something in it changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from standardsd.language.speech import Words
from standardsd.language.spoken import duration_text
from standardsd.model.snapshot import Snapshot
from standardsd.model.standard import Objective, RuleBook
from standardsd.web.board import NO_SITE, WELL, Board, Firing, Row, build_board
from standardsd.web.clocks import common_zone, hands
from standardsd.web.desk import Desk
from standardsd.web.receipt import build_receipt, read_asked
from standardsd.web.source_page import build_source
from standardsd.web.voice import Voice
from standardsd.web.words import STANDING_RANK, STANDING_WORDS, Standing, goal, share

rows_kept_max = 20_000  # rendered rows remembered, some 30 MB; past it all are forgotten
sites_kept_max = 100  # rendered boards remembered, one a site asked for; past it all are forgotten

_HERE = Path(__file__).parent
_MARKS: dict[Standing, str] = {
    Standing.BROKEN: "✕",
    Standing.AT_RISK: "!",
    Standing.UNKNOWN: "?",
    Standing.KEPT: "✓",
    Standing.NOTHING: "·",
    Standing.SHADOW: "○",
}

STATIC_TYPES = {
    "wallboard.css": "text/css; charset=utf-8",
    "receipt.css": "text/css; charset=utf-8",
    "wallboard.js": "text/javascript; charset=utf-8",
    "favicon.svg": "image/svg+xml",
}


@dataclass(frozen=True)
class Parts:
    """One version of the board in parts.  ``rows``: key → HTML of all rows; ``frame``: everything else."""

    rows: dict[str, str]
    frame: dict[str, Any]


@dataclass(frozen=True)
class _Seen:
    """What a board is made of."""

    snapshot: Snapshot
    book: RuleBook
    trouble: tuple[str, ...]

    def same_as(self, other: _Seen) -> bool:
        """Snapshots and books are compared by identity: thousands of rows need no look."""
        return self.snapshot is other.snapshot and self.book is other.book and self.trouble == other.trouble


class Pages:
    """Renders boards from a desk; remembers what it has rendered."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._env = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._titles: dict[str, str] = {}
        self._voice = Voice()
        self._env.globals.update(
            words=self._voice,
            say=self._voice.say,
            count=self._voice.count,
            code=_code,
            lang=self._language,
            script_words=self._voice.script,
            marks=_MARKS,
            hands=hands,
            worst_alert=_worst_alert,
            share=self._share,
            ms=milliseconds,
            duration=_duration,
            goal=self._goal,
            titles=self._titles,
            standard_href=standard_href,
            source_href=source_href,
        )
        self._page = self._env.get_template("wallboard.html")
        self._module: Any = self._env.get_template("parts.html").module
        self._rows: dict[str, tuple[Row, str]] = {}
        self._parts: dict[str | None, tuple[_Seen, Parts]] = {}
        self.static = {name: (_HERE / "static" / name).read_bytes() for name in STATIC_TYPES}
        self.build = self._digest()

    def board(self, site: str | None) -> Board:
        return self._build(self._seen(), site)

    def wallboard(self, site: str | None) -> str:
        """The whole page, right without any script."""
        board = self.board(site)
        self._set_titles()
        return self._page.render(
            board=board,
            now=self._desk.now(),
            build=self.build,
            title=_title(board, self._voice.words),
        )

    def standard(self, name: str, query: Mapping[str, str]) -> str | None:
        """The receipt that a link in an alert opens; None when no rule in force has this id."""
        seen = self._seen()
        found = next((standard for standard in seen.book.standards if standard.id == name), None)
        if found is None:
            return None
        asked = read_asked(query, found)
        breaches = self._desk.breaches(name)
        sayings = self._voice.sayings
        page = build_receipt(
            seen.snapshot,
            seen.book,
            self._desk.sites(),
            breaches,
            found,
            asked,
            sayings,
            self._desk.episodes(name),
        )
        said = sayings.of(found)
        return self._leaf("standard.html", page.timezone, page=page, said=said, troubles=seen.trouble)

    def source(self, name: str) -> str | None:
        """One source; None when nobody knows it."""
        seen = self._seen()
        page = build_source(name, seen.snapshot, seen.book, self._desk.sites(), self._desk.source(name))
        return None if page is None else self._leaf("source.html", page.timezone, page=page)

    def missing(self, what: str, name: str, why: str) -> str:
        """The page that says that there is no such thing."""
        zone = common_zone(self._desk.sites().values())
        return self._leaf("missing.html", zone.key, what=what, name=name, why=why)

    def _leaf(self, template: str, timezone: str, **values: object) -> str:
        self._set_titles()
        known = {"now": self._desk.now(), "timezone": timezone, "build": self.build}
        return self._env.get_template(template).render(**known, **values)

    def parts(self, site: str | None) -> Parts:
        """The board in parts; the same object while what is seen is the same."""
        seen = self._seen()
        known = self._parts.get(site)
        if known is not None and known[0].same_as(seen):
            return known[1]
        parts = self._render(self._build(seen, site))
        if len(self._parts) >= sites_kept_max:
            self._parts.clear()
        self._parts[site] = (seen, parts)
        return parts

    def _seen(self) -> _Seen:
        if self._voice.speak(self._desk.words()):  # a reload changed the language or the vocabulary
            self._rows.clear()
            self._parts.clear()
        return _Seen(self._desk.snapshot(), self._desk.book(), tuple(self._desk.ready()))

    def _build(self, seen: _Seen, site: str | None) -> Board:
        sites, sayings = self._desk.sites(), self._voice.sayings
        return build_board(seen.snapshot, seen.book, sites, site, trouble=seen.trouble, sayings=sayings)

    def _render(self, board: Board) -> Parts:
        self._set_titles()
        module = self._module
        sites = [
            {
                "name": site.name,
                "title": site.title,
                "state": site.state.value,
                "head": str(module.head(site, board.timezone)),
                "rows": [row.key for row in site.rows],
                "folded": [row.key for row in site.folded],
                "fold": str(module.fold_words(site)),
            }
            for site in board.sites
        ]
        frame = {
            "build": self._build_now,
            "title": _title(board, self._voice.words),
            "timezone": board.timezone,
            "sites": sites,
            **{part: str(getattr(module, part)(board)) for part in ("nav", "top", "empty")},
            "sources": str(module.foot(board)),
        }
        rows = {row.key: self._row(row) for site in board.sites for row in (*site.rows, *site.folded)}
        return Parts(rows, frame)

    def _row(self, row: Row) -> str:
        known = self._rows.get(row.key)
        if known is not None and known[0] == row:
            return known[1]
        if len(self._rows) >= rows_kept_max:
            self._rows.clear()
        html = str(self._module.row(row))
        self._rows[row.key] = (row, html)
        return html

    def _set_titles(self) -> None:
        """Alerts name a site by its title; titles change with a reload."""
        titles = {name: site.title for name, site in self._desk.sites().items() if name != NO_SITE}
        self._titles.clear()
        self._titles.update(titles)

    @property
    def _build_now(self) -> str:
        """A screen that shows another build, or another language, loads itself anew."""
        return f"{self.build}-{self._language()}"

    def _language(self) -> str:
        return self._voice.words.language

    def _share(self, ratio: float) -> str:
        return share(ratio, self._voice.words)

    def _goal(self, objective: Objective) -> str:
        return goal(objective, self._voice.words)

    def _digest(self) -> str:
        """Names this build of the page: a screen that shows another one loads itself anew."""
        digest = hashlib.sha256()
        for path in sorted((_HERE / "templates").glob("*.html")):
            digest.update(path.read_bytes())
        for name in sorted(self.static):
            digest.update(self.static[name])
        return digest.hexdigest()[:12]


def standard_href(standard: str, group: Mapping[str, str]) -> str:
    """The page of a standard in one group; an empty label is left out, as in the links of alerts."""
    asked = urlencode({name: value for name, value in group.items() if value})
    return f"/standards/{quote(standard, safe='')}" + (f"?{asked}" if asked else "")


def source_href(name: str) -> str:
    return f"/sources/{quote(name, safe='')}"


def milliseconds(instant: datetime) -> int:
    """Since 1970, cut to whole milliseconds: what a browser counts in."""
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _code(text: str) -> Markup:
    return Markup("<code>{}</code>").format(text)


def _duration(seconds: float) -> str:
    return duration_text(timedelta(seconds=seconds))


def _worst_alert(alerts: Iterable[Firing]) -> Standing:
    """What the worst of them tells of: their frame has its colour."""
    return min((alert.state for alert in alerts), key=STANDING_RANK.__getitem__)


def _title(board: Board, words: Words) -> str:
    """The worst news first, for a browser's tab: ``2 broken, 1 at risk · standardsd``."""
    counts = {standing: count for standing, count in board.counts.items() if count}
    news = {standing: count for standing, count in counts.items() if standing not in WELL}
    said = ", ".join(
        f"{count} {words.say(STANDING_WORDS[standing])}" for standing, count in (news or counts).items()
    )
    if len(counts) == 1 and not news:
        said = words.say("all kept" if Standing.KEPT in counts else STANDING_WORDS[Standing.NOTHING])
    return f"{said or words.say('no data')} · standardsd"
