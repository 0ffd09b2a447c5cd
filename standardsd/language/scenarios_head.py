"""The head of a scenario file: which rules it goes by, and the world it happens in.

It is YAML, in the words of rule files and of the configuration.  A rule file's own keys may
stand in it, too (``standards:`` and what belongs to them); they are read with the rules.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from msgspec import Struct

from standardsd.core.refusing import JudgeSettings
from standardsd.language.config_sources import read_sites
from standardsd.language.envelope import ENVELOPE_OPTIONAL, ENVELOPE_REQUIRED
from standardsd.language.feeds import FileFeeds
from standardsd.language.place import Place
from standardsd.language.place import Source as File
from standardsd.language.problems import Problem, quoted
from standardsd.language.reader import Reader, one_line, read, read_each
from standardsd.language.tree import Broken, Items, Map, Node, Text, parse
from standardsd.language.words import (
    duration_days_max,
    instant,
    label,
    name,
    one_of,
    positive_duration,
    word,
    write_one_of,
    yes_no,
)
from standardsd.language.zones import timezone
from standardsd.model.config import Site
from standardsd.model.source import Source
from standardsd.model.vocabulary import Vocabulary
from standardsd.model.zone import UTC_ZONE, Zone

RULE_KEYS = (*ENVELOPE_REQUIRED, *ENVELOPE_OPTIONAL)
HEAD_KEYS: dict[str, str] = {
    # key         what it says
    "rules": "rule files, relative to this one, or shipped:PACK",
    "zone": "of the wall times of the story",
    "sites": "as in the configuration",
    "sources": "who is heard: yields, labels, max_silence, private_ids",
    "settings": "of the judge: judge_from, accept_late, accept_early, keep",
    "tell": "what is told: verdicts, episodes, alerts, sources",
    "only": "the standards of which it is told",
}
SOURCE_KEYS = ("yields", "labels", "max_silence", "private_ids")
SETTING_KEYS = ("judge_from", "accept_late", "accept_early", "keep")

SET = "scenario"
"""The set of standards that stand in a head, unless it names another."""

sources_max = 100


class Tell(StrEnum):
    """What of all that the judge says is told, and so must be expected."""

    VERDICTS = "verdicts"  # amendments and finals, too
    EPISODES = "episodes"
    ALERTS = "alerts"
    SOURCES = "sources"


USUAL = JudgeSettings()
TOLD = frozenset({Tell.VERDICTS, Tell.EPISODES, Tell.SOURCES})
"""Unless the head says otherwise: who is told of what is a story of its own."""

NEVER_SILENT = Source("story", max_silence=timedelta(days=duration_days_max))
"""Who is heard where no source is named: it never goes dark."""


class Named(Struct, frozen=True):
    """A text and where it stands."""

    text: str
    place: Place


@dataclass(frozen=True)
class Head:
    """``rules`` empty: the standards in the head, or those of the file beside.  ``sites`` None: not said."""

    rules: tuple[Named, ...] = ()
    zone: Zone = UTC_ZONE
    sites: tuple[Site, ...] | None = None
    sources: tuple[Source, ...] = (NEVER_SILENT,)
    settings: JudgeSettings = USUAL
    tell: frozenset[Tell] = TOLD
    only: tuple[Named, ...] = ()
    yields: tuple[tuple[str, str, Place], ...] = ()

    def check_yields(self, kinds: Vocabulary) -> list[Problem]:
        """What sources say they yield, against the vocabulary of the rules."""
        problems = []
        for kind, event, place in self.yields:
            if kind not in kinds:
                problems.append(place.problem(f"there is no kind {quoted(kind)}", write_one_of(kind, kinds)))
            elif not kinds[kind].knows(event):
                said = f"the kind '{kind}' has no event {quoted(event)}"
                problems.append(place.problem(said, write_one_of(event, kinds[kind].all_events())))
        return problems


def read_head(
    lines: Sequence[str], file: File, timezones: Collection[str] | None, feeds: FileFeeds | None
) -> tuple[Head, list[Problem]]:
    """The head from its lines; a head of comments alone says nothing and is fine."""
    if not any(line.strip() and not line.startswith("#") for line in lines):
        return Head(), []
    root, problems = parse("\n".join(lines).encode(), file.path)
    if root is None or isinstance(root, Broken):
        return Head(), problems
    whole = Reader(root, "the head of a scenario", problems, optional=(*HEAD_KEYS, *RULE_KEYS))
    if whole.broken:
        return Head(), problems
    known = None if timezones is None else frozenset(timezones)
    sites = read_sites(whole, problems, known, feeds)
    yields: list[tuple[str, str, Place]] = []
    head = Head(
        rules=_named(whole, "rules", one_line),
        zone=whole.value("zone", lambda text: timezone(text, known)) or UTC_ZONE,
        sites=tuple(sites.values()) if "sites" in whole else None,
        sources=_sources(whole, sites, yields) or (NEVER_SILENT,),
        settings=_settings(whole),
        tell=frozenset(whole.values("tell", _tell) or TOLD),
        only=_named(whole, "only", one_line),
        yields=tuple(yields),
    )
    return head, problems


def inline_rules(lines: Sequence[str]) -> bytes | None:
    """The rule file in the head: its lines where they stand, without the head's own keys; None: no standards.

    ``version`` and ``set`` need not be written; they are added below, where nothing is looked up.
    """
    kept, keys, inside = [], set(), False
    for line in lines:
        key = line.partition(":")[0]
        if line.strip() and not line[0].isspace() and line[0] not in "-#]}":
            inside = key in RULE_KEYS
            keys.add(key)
        kept.append(line if inside else "")
    if "standards" not in keys:
        return None
    added = [f"{key}: {value}" for key, value in (("version", "1"), ("set", SET)) if key not in keys]
    return "\n".join([*kept, *added, ""]).encode()


def _tell(text: str) -> Tell:
    return Tell(one_of(text, tuple(Tell), "one of what is told"))


def _named(whole: Reader, key: str, convert: object) -> tuple[Named, ...]:
    """A text or a list of texts, each with its place."""
    node = whole.node(key)
    assert callable(convert)
    found = set(() if node is None else read_each(node, convert, whole.problems, key))
    items: tuple[Node, ...] = node.items if isinstance(node, Items) else () if node is None else (node,)
    named = {
        one.text: Named(one.text, one.place) for one in items if isinstance(one, Text) and one.text in found
    }
    return tuple(named.values())


def _sources(
    whole: Reader, sites: dict[str, Site], yields: list[tuple[str, str, Place]]
) -> tuple[Source, ...]:
    found = []
    problems = whole.problems
    entries = whole.map_of("sources")
    if len(entries) > sources_max:
        whole.tell(whole.at_key("sources"), f"{len(entries)} sources", f"keep it to {sources_max}")
    for entry in entries:
        called = read(entry.key, name, problems)
        empty = isinstance(entry.value, Map) and not entry.value.entries
        reader = Reader(entry.value, "a source", problems, optional=SOURCE_KEYS)
        if called is None or (reader.broken and not empty):
            continue
        found.append(
            Source(
                called,
                yields=_yields(reader, yields),
                speaks_for=_labels(reader, sites),
                private_ids=reader.value("private_ids", yes_no) or False,
                max_silence=reader.value("max_silence", positive_duration) or Source(called).max_silence,
            )
        )
    return tuple(found)


def _yields(reader: Reader, found: list[tuple[str, str, Place]]) -> dict[str, tuple[str, ...]] | None:
    if "yields" not in reader:
        return None
    said: dict[str, tuple[str, ...]] = {}
    for entry in reader.map_of("yields"):
        kind = read(entry.key, word, reader.problems)
        events = read_each(entry.value, word, reader.problems, "yields")
        if kind is not None and events:
            said[kind] = events
            found += ((kind, event, entry.value.place) for event in events)
    return said


def _labels(reader: Reader, sites: dict[str, Site]) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in reader.map_of("labels"):
        key, value = read(entry.key, label, reader.problems), read(entry.value, one_line, reader.problems)
        if key is None or value is None:
            continue
        found[key] = value
        if key == "site" and sites and value not in sites:
            said = f"there is no site {quoted(value)} under sites"
            reader.tell(entry.value.place, said, write_one_of(value, sites))
    return found


def _settings(whole: Reader) -> JudgeSettings:
    node = whole.node("settings")
    if node is None:
        return USUAL
    reader = Reader(node, "settings", whole.problems, optional=SETTING_KEYS)
    late, early, keep = (
        reader.value(key, positive_duration) for key in ("accept_late", "accept_early", "keep")
    )
    return JudgeSettings(
        judge_from=reader.value("judge_from", instant),
        accept_late=USUAL.accept_late if late is None else late,
        accept_early=early,
        keep=keep,
    )
