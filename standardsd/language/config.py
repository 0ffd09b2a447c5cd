"""The configuration file → ``model.config.Config``: everything in it right, or none of it.

Nothing is opened here.  Files that are named (rules, definitions, secrets) and settings
that belong to a definition are checked by those who open them; ``LoadedConfig.places``
tells them where each stands, so that they can speak in the same voice.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from standardsd.language.calendars import timezone
from standardsd.language.place import Place
from standardsd.language.problems import Level, Problem, capped, errors, in_order, quoted
from standardsd.language.reader import Reader, one_line, read, read_each
from standardsd.language.tree import Broken, Items, Map, Node, Text, parse
from standardsd.language.words import (
    Wrong,
    duration,
    instant,
    label,
    listen_address,
    name,
    one_of,
    positive_duration,
    url,
    word,
    write_one_of,
)
from standardsd.model.config import (
    PUSH,
    AlertmanagerOutput,
    Config,
    JudgeConfig,
    Role,
    RulesFrom,
    Site,
    SourceConfig,
    Token,
    WatermarkKind,
    WatermarkRule,
)
from standardsd.model.vocabulary import Vocabulary

REQUIRED: dict[str, tuple[str, ...]] = {
    # map                   keys it must have
    "": ("version", "rules"),
    "sources.NAME": ("use",),
    "sources.NAME.watermark": ("kind",),
    "outputs.alertmanager": ("members",),
    "tokens.NAME": ("role", "hash"),
}
OPTIONAL: dict[str, tuple[str, ...]] = {
    # map                   keys it may have
    "": ("data", "listen", "url", "sites", "sources", "outputs", "tokens", "judge"),
    "sites.NAME": ("title", "timezone"),
    "sources.NAME": ("labels", "max_silence", "watermark", "yields", "settings"),
    "sources.NAME.watermark": ("delay",),
    "outputs": ("alertmanager",),
    "outputs.alertmanager": ("resend",),
    "tokens.NAME": ("sources",),
    "judge": ("judge_from", "accept_late", "keep"),
}
"""Every key of the file; ``docs/configuration.md`` describes exactly these."""

SHIPPED = "shipped:"
sources_max = 1_000
sites_max = 10_000
tokens_max = 1_000
resend_max = timedelta(hours=1)
"""Alertmanager forgets an alert four re-sends after the last one; more than an hour would hide an end."""


@dataclass(frozen=True)
class LoadedConfig:
    """``config`` is None when anything is wrong.

    ``places``: where things stand, by dotted name: ``rules.0``, ``sources.pbx1.use``,
    ``sources.pbx1.settings.host``, ``tokens.kiosk``, …
    ``rules``: those that could be read, also where something else is wrong.
    """

    config: Config | None
    problems: tuple[Problem, ...]
    places: dict[str, Place]
    rules: tuple[RulesFrom, ...] = ()


def load_config(text: bytes, path: str, timezones: Collection[str] | None = None) -> LoadedConfig:
    """Reads the configuration; ``timezones``: the names there are, None: they are not checked."""
    root, slips = parse(text, path)
    problems = list(slips)
    if root is None or isinstance(root, Broken):
        return LoadedConfig(None, tuple(slips), {})
    whole = _reader(root, "the configuration", problems, "")
    if whole.broken:
        return LoadedConfig(None, tuple(in_order(problems)), {})
    places = _places(root)
    whole.value("version", _version)
    sites = _sites(whole, problems, None if timezones is None else frozenset(timezones))
    sources = _sources(whole, problems, sites)
    usual = Config(rules=())
    listen = whole.value("listen", listen_address) or usual.listen
    told_url = whole.value("url", url)
    config = Config(
        rules=whole.values("rules", rules_from) or (),
        data=whole.text("data") or usual.data,
        listen=listen,
        url=(told_url or _url_of(listen)).rstrip("/"),
        sites=tuple(sites.values()),
        sources=tuple(sources.values()),
        alertmanager=_alertmanager(whole, problems),
        tokens=_tokens(whole, problems, sources),
        judge=_judge(whole, problems),
    )
    told = tuple(capped([_discreet(problem) for problem in in_order(problems)]))
    return LoadedConfig(None if errors(problems) else config, told, places, config.rules)


_SECRET = re.compile(r"(?i)(?:pass(?:word|phrase)?|secret|token|hash|credentials?|api_?key)['\"]?\s*:\s*")
"""A key whose value may be a secret; a key that ends in ``_file`` names a file, which is none."""


def _discreet(problem: Problem) -> Problem:
    """With its line masked from where it may hold a secret; columns stay as they are."""
    line = re.sub(r"(?<=://)[^/\s]*(?=@)", lambda found: "•" * len(found[0]), problem.source)
    found = _SECRET.search(line)
    if found is not None:
        line = line[: found.end()] + re.sub(r"\S", "•", line[found.end() :])
    return replace(problem, source=line)


def is_config(text: bytes, path: str) -> bool:
    """Whether a file looks like a configuration and not like a rule file, by its keys."""
    root, _ = parse(text, path)
    if not isinstance(root, Map):
        return False
    keys = {entry.key.text for entry in root.entries}
    return not keys & {"standards", "set"} and bool(
        keys & {"rules", "sources", "outputs", "listen", "tokens"}
    )


def check_yields(loaded: LoadedConfig, kinds: Vocabulary) -> list[Problem]:
    """What pushed sources say they yield, against the vocabulary of the rule files."""
    problems: list[Problem] = []
    for source in () if loaded.config is None else loaded.config.sources:
        for kind, events in (source.yields or {}).items():
            place = loaded.places[f"sources.{source.name}.yields.{kind}"]
            if kind not in kinds:
                problems.append(place.problem(f"there is no kind {quoted(kind)}", write_one_of(kind, kinds)))
                continue
            for event in events:
                if not kinds[kind].knows(event):
                    said = f"the kind '{kind}' has no event {quoted(event)}"
                    problems.append(place.problem(said, write_one_of(event, kinds[kind].all_events())))
    return problems


def _reader(node: Node, what: str, problems: list[Problem], keys: str) -> Reader:
    return Reader(node, what, problems, required=REQUIRED.get(keys, ()), optional=OPTIONAL.get(keys, ()))


def _places(root: Node) -> dict[str, Place]:
    """Dotted name → the place of the value; of a map's name where the value is a map."""
    found: dict[str, Place] = {}
    waiting: list[tuple[str, Node]] = [("", root)]
    while waiting:
        prefix, node = waiting.pop()
        if isinstance(node, Map):
            for entry in node.entries:
                dotted = f"{prefix}{entry.key.text}"
                found[dotted] = entry.value.place if isinstance(entry.value, Text) else entry.key.place
                waiting.append((f"{dotted}.", entry.value))
        elif isinstance(node, Items):
            for number, item in enumerate(node.items):
                found[f"{prefix}{number}"] = item.place
                waiting.append((f"{prefix}{number}.", item))
    return found


def _version(text: str) -> str:
    if text != "1":
        raise Wrong(f"version {quoted(text)} of the configuration is not known", "write version: 1")
    return text


def rules_from(text: str) -> RulesFrom:
    """A path, or ``shipped:`` and the name of a pack; a pack's name stays inside the shipped folder."""
    if not text.startswith(SHIPPED):
        return RulesFrom(one_line(text))
    pack = text.removeprefix(SHIPPED).removesuffix(".yaml")
    if not re.fullmatch(r"[a-z0-9-]+(/[a-z0-9-]+)*", pack):
        raise Wrong(
            f"{quoted(text)} is not the name of a shipped pack", "write it as shipped:hotel/front-desk"
        )
    return RulesFrom(pack, shipped=True)


def _url_of(listen: tuple[str, int]) -> str:
    host, port = listen
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _sites(whole: Reader, problems: list[Problem], timezones: frozenset[str] | None) -> dict[str, Site]:
    found: dict[str, Site] = {}
    entries = whole.map_of("sites")
    _count(whole, "sites", len(entries), sites_max)
    for entry in entries:
        site = read(entry.key, one_line, problems)
        reader = _reader(entry.value, "a site", problems, "sites.NAME")
        title = reader.text("title")
        zone = reader.value("timezone", lambda text: timezone(text, timezones))
        if site is not None:
            found[site] = Site(site, title or site, zone)
    return found


def _count(whole: Reader, key: str, count: int, most: int) -> None:
    if count > most:
        whole.tell(whole.at_key(key), f"{count} {key}", f"keep it to {most}")


def _sources(whole: Reader, problems: list[Problem], sites: dict[str, Site]) -> dict[str, SourceConfig]:
    found: dict[str, SourceConfig] = {}
    entries = whole.map_of("sources")
    _count(whole, "sources", len(entries), sources_max)
    if not entries and "sources" not in whole:
        whole.tell(whole.place, "nothing is read: there are no sources", "add sources:", Level.LINT)
    for entry in entries:
        source = read(entry.key, name, problems)
        reader = _reader(entry.value, "a source", problems, "sources.NAME")
        use = reader.text("use")
        watermark, yields = _watermark(reader, problems), _yields(reader, problems)
        settings = {one.key.text: _plain(one.value) for one in reader.map_of("settings")}
        if use is not None:
            _check_push(reader, use)
        usual = SourceConfig("", "")
        found[source or ""] = SourceConfig(
            name=source or "",
            use=use or "",
            labels=_labels(reader, problems, sites),
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


def _labels(reader: Reader, problems: list[Problem], sites: dict[str, Site]) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in reader.map_of("labels"):
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
    inner = _reader(node, "a watermark", problems, "sources.NAME.watermark")
    kind = inner.value(
        "kind", lambda text: WatermarkKind(one_of(text, tuple(WatermarkKind), "a kind of watermark"))
    )
    delay = inner.value("delay", duration)
    if kind is WatermarkKind.EXPLICIT and "delay" in inner:
        said = "an explicit watermark has no delay: the source says it itself"
        inner.tell(inner.at_key("delay"), said, "leave it out, or write kind: receipt")
    return None if kind is None else WatermarkRule(kind, delay or timedelta(0))


def _yields(reader: Reader, problems: list[Problem]) -> dict[str, tuple[str, ...]] | None:
    """Kind → events; whether they exist is checked against the rules (``check_yields``)."""
    if "yields" not in reader:
        return None
    found: dict[str, tuple[str, ...]] = {}
    for entry in reader.map_of("yields"):
        kind, events = read(entry.key, word, problems), read_each(entry.value, word, problems, "yields")
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


def _alertmanager(whole: Reader, problems: list[Problem]) -> AlertmanagerOutput | None:
    outputs = whole.node("outputs")
    if outputs is None:
        return None
    node = _reader(outputs, "outputs", problems, "outputs").node("alertmanager")
    if node is None:
        return None
    reader = _reader(node, "alertmanager", problems, "outputs.alertmanager")
    members = tuple(member.rstrip("/") for member in reader.values("members", url) or ())
    resend = reader.value("resend", positive_duration)
    if resend is not None and not timedelta(seconds=1) <= resend <= resend_max:
        reader.tell(reader.at("resend"), "an odd time between two re-sends", "write 1s to 1h, usually 1m")
    return AlertmanagerOutput(members) if resend is None else AlertmanagerOutput(members, resend)


def _tokens(whole: Reader, problems: list[Problem], sources: dict[str, SourceConfig]) -> tuple[Token, ...]:
    found: list[Token] = []
    hashes: dict[str, str] = {}
    entries = whole.map_of("tokens")
    _count(whole, "tokens", len(entries), tokens_max)
    for entry in entries:
        token = read(entry.key, name, problems)
        reader = _reader(entry.value, "a token", problems, "tokens.NAME")
        role = reader.value("role", lambda text: Role(one_of(text, tuple(Role), "a role")))
        hashed = reader.value("hash", _hash)
        spoken = reader.values("sources", lambda text: _pushed(text, sources)) or ()
        if role not in (None, Role.INGEST) and "sources" in reader:
            said = f"a token of the role {role} speaks for no sources"
            reader.tell(reader.at_key("sources"), said, "leave the key out, or write role: ingest")
        if hashed is not None and hashed in hashes:
            said = f"this is the token of {quoted(hashes[hashed])}, too"
            reader.tell(reader.at("hash"), said, "give each its own token")
        if token is not None and role is not None and hashed is not None:
            hashes[hashed] = token
            found.append(Token(token, role, hashed, spoken))
    return tuple(found)


def _pushed(text: str, sources: dict[str, SourceConfig]) -> str:
    pushed = [source.name for source in sources.values() if source.use == PUSH]
    if text in sources and text not in pushed:
        raise Wrong(f"nothing is posted for the source {quoted(text)}: it does not use push", "leave it out")
    if text not in pushed:
        raise Wrong(f"there is no source {quoted(text)}", write_one_of(text, pushed))
    return text


def _hash(text: str) -> str:
    """``sha256:`` and 64 hexadecimal digits; the text in question may be a secret and is never shown."""
    if re.fullmatch(r"sha256:[0-9a-f]{64}", text):
        return text
    how = "write sha256: and the 64 digits that `printf %s TOKEN | sha256sum` prints"
    if re.fullmatch(r"(sha256:)?[0-9a-fA-F]{64}", text):
        raise Wrong("this hash is not written as sha256: and small digits", how)
    raise Wrong("this is not the hash of a token", how)


def _judge(whole: Reader, problems: list[Problem]) -> JudgeConfig:
    node = whole.node("judge")
    usual = JudgeConfig()
    if node is None:
        return usual
    reader = _reader(node, "judge", problems, "judge")
    accept_late, keep = reader.value("accept_late", positive_duration), reader.value("keep", duration)
    return JudgeConfig(
        judge_from=reader.value("judge_from", instant),
        accept_late=usual.accept_late if accept_late is None else accept_late,
        keep=usual.keep if keep is None else keep,
    )
