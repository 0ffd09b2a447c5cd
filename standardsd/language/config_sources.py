"""Sites and sources of the configuration: which outside systems are read, and for whom they speak."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from standardsd.language.calendars import read_calendar
from standardsd.language.config_keys import count_at_most, section
from standardsd.language.feeds import FileFeeds
from standardsd.language.measures import sample_name
from standardsd.language.place import Place
from standardsd.language.problems import Level, Problem, quoted
from standardsd.language.reader import Reader, entries_of, one_line, read, read_each
from standardsd.language.tree import Broken, Entry, Items, Map, Node, Text
from standardsd.language.words import duration, label, name, one_of, positive_duration, word, write_one_of
from standardsd.language.zones import timezone
from standardsd.model.calendar import Calendar
from standardsd.model.config import PUSH, Site, SourceConfig, WatermarkKind, WatermarkRule
from standardsd.model.source import SAMPLES
from standardsd.model.vocabulary import Vocabulary
from standardsd.model.zone import Zone

sources_max = 1_000
sites_max = 10_000


def read_sites(
    whole: Reader, problems: list[Problem], timezones: frozenset[str] | None, feeds: FileFeeds | None = None
) -> dict[str, Site]:
    found: dict[str, Site] = {}
    entries = whole.map_of("sites")
    count_at_most(whole, "sites", len(entries), sites_max)
    for entry in entries:
        site = read(entry.key, one_line, problems)
        reader = section(entry.value, "a site", problems, "sites.NAME")
        title = reader.text("title")
        zone = reader.value("timezone", lambda text: timezone(text, timezones))
        calendar = _site_calendar(reader, site or "", zone, feeds)
        if site is not None:
            found[site] = Site(site, title or site, None if zone is None else zone.name, calendar)
    return found


def _site_calendar(reader: Reader, site: str, zone: Zone | None, feeds: FileFeeds | None) -> Calendar | None:
    """The site's opening times, which are wall times in its own zone."""
    node = reader.node("calendar")
    if node is None:
        return None
    if "timezone" not in reader:
        fix = "add timezone: with its name, such as Europe/Lisbon"
        reader.tell(reader.at_key("calendar"), "a site with a calendar has no timezone", fix)
    inner = section(node, "a calendar", reader.problems, "sites.NAME.calendar")
    return read_calendar(inner, site, zone, feeds, reader.at_key("calendar"))


def read_sources(whole: Reader, problems: list[Problem], sites: dict[str, Site]) -> dict[str, SourceConfig]:
    found: dict[str, SourceConfig] = {}
    entries = whole.map_of("sources")
    count_at_most(whole, "sources", len(entries), sources_max)
    if not entries and "sources" not in whole:
        whole.tell(whole.place, "nothing is read: there are no sources", "add sources:", Level.LINT)
    for entry in entries:
        source = read(entry.key, name, problems)
        reader = section(entry.value, "a source", problems, "sources.NAME")
        use = reader.text("use")
        watermark, yields = _watermark(reader, problems), _yields(reader, problems)
        settings = {one.key.text: _plain(one.value) for one in reader.map_of("settings")}
        if use is not None:
            _check_push(reader, use)
        usual = SourceConfig("", "")
        labels = _labels(reader.map_of("labels"), problems, sites)
        found[source or ""] = SourceConfig(
            name=source or "",
            use=use or "",
            labels=labels,
            map=_maps(reader, problems, sites, labels),
            max_silence=reader.value("max_silence", positive_duration) or usual.max_silence,
            watermark=watermark,
            yields=yields,
            settings=settings,
        )
    return found


def _check_push(reader: Reader, use: str) -> None:
    """A definition says itself how its watermark comes and what it yields; posted readings have none."""
    if use == PUSH:
        if "settings" in reader:
            reader.tell(reader.at_key("settings"), "a pushed source has no settings", "leave the key out")
        if "watermark" not in reader:
            said = "breaches by absence are spoken only when this source posts watermarks itself"
            fix = "add watermark: {kind: explicit} if it does, {kind: receipt, delay: 2s} if it does not"
            reader.tell(reader.at("use"), said, fix, Level.LINT)
        return
    for key in ("watermark", "yields"):
        if key in reader:
            said = f"{key} is said by the definition {quoted(use)} itself"
            reader.tell(reader.at_key(key), said, "leave the key out; it is for use: push")


def _maps(
    reader: Reader, problems: list[Problem], sites: dict[str, Site], fixed: Collection[str]
) -> dict[str, dict[str, dict[str, str]]]:
    """Label → value → labels to add.  What ``labels`` fixes for everything cannot come from a map as well."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for entry in reader.map_of("map"):
        key = read(entry.key, label, problems)
        values: dict[str, dict[str, str]] = {}
        for one in entries_of(entry.value, f"the map of {quoted(entry.key.text)}", problems):
            value = read(one.key, one_line, problems)
            added = entries_of(one.value, "labels", problems)
            for addition in added:
                if addition.key.text in (*fixed, entry.key.text):
                    said = f"{quoted(addition.key.text)} is there already"
                    problems.append(addition.key.place.problem(said, "let a map add other labels"))
            if value is not None:
                values[value] = _labels(added, problems, sites)
        if key is not None:
            found[key] = values
    return found


def _labels(entries: Sequence[Entry], problems: list[Problem], sites: dict[str, Site]) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in entries:
        key, value = read(entry.key, label, problems), read(entry.value, one_line, problems)
        if key is None or value is None:
            continue
        found[key] = value
        if key == "site" and sites and value not in sites:
            said = f"there is no site {quoted(value)} under sites"
            problems.append(entry.value.place.problem(said, write_one_of(value, sites)))
    return found


def _watermark(reader: Reader, problems: list[Problem]) -> WatermarkRule | None:
    node = reader.node("watermark")
    if node is None:
        return None
    inner = section(node, "a watermark", problems, "sources.NAME.watermark")
    kind = inner.value(
        "kind", lambda text: WatermarkKind(one_of(text, tuple(WatermarkKind), "a kind of watermark"))
    )
    delay = inner.value("delay", duration)
    if kind is WatermarkKind.EXPLICIT and "delay" in inner:
        said = "an explicit watermark has no delay: the source says it itself"
        inner.tell(inner.at_key("delay"), said, "leave it out, or write kind: receipt")
    return None if kind is None else WatermarkRule(kind, delay or timedelta(0))


def _yields(reader: Reader, problems: list[Problem]) -> dict[str, tuple[str, ...]] | None:
    """Kind → events, ``samples`` → names; which kinds and events there are is for ``check_yields`` to say."""
    if "yields" not in reader:
        return None
    found: dict[str, tuple[str, ...]] = {}
    for entry in reader.map_of("yields"):
        kind = read(entry.key, word, problems)
        name_of = sample_name if kind == SAMPLES else word
        events = read_each(entry.value, name_of, problems, "yields")
        if kind is not None and events:
            found[kind] = events
    return found


def _plain(node: Node) -> Any:
    """A setting as texts, lists and maps; ``tree`` bounds how deep it can be."""
    match node:
        case Text():
            return node.text
        case Items():
            return [_plain(item) for item in node.items]
        case Map():
            return {entry.key.text: _plain(entry.value) for entry in node.entries}
        case Broken():
            return ""


def check_yields(
    sources: Sequence[SourceConfig], places: dict[str, Place], kinds: Vocabulary
) -> list[Problem]:
    """What pushed sources say they yield, against the vocabulary of the rule files."""
    problems: list[Problem] = []
    for source in sources:
        for kind, events in (source.yields or {}).items():
            if kind == SAMPLES:
                continue  # whatever a source counts: no vocabulary has these names
            place = places[f"sources.{source.name}.yields.{kind}"]
            if kind not in kinds:
                problems.append(place.problem(f"there is no kind {quoted(kind)}", write_one_of(kind, kinds)))
                continue
            for event in events:
                if not kinds[kind].knows(event):
                    said = f"the kind '{kind}' has no event {quoted(event)}"
                    problems.append(place.problem(said, write_one_of(event, kinds[kind].all_events())))
    return problems
