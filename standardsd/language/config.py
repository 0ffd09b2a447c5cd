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

from standardsd.language import config_sources
from standardsd.language.config_keys import count_at_most, section
from standardsd.language.config_sources import read_sites, read_sources
from standardsd.language.feeds import FileFeeds
from standardsd.language.place import Place
from standardsd.language.problems import Problem, capped, errors, in_order, quoted
from standardsd.language.reader import Reader, one_line, read
from standardsd.language.speech import LANGUAGES
from standardsd.language.tree import Broken, Items, Map, Node, Text, parse
from standardsd.language.words import (
    Wrong,
    duration,
    instant,
    listen_address,
    name,
    one_of,
    positive_duration,
    url,
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
)
from standardsd.model.vocabulary import Vocabulary

SHIPPED = "shipped:"
tokens_max = 1_000
resend_max = timedelta(hours=1)
"""Alertmanager forgets an alert four re-sends after the last one; more than an hour would hide an end."""


@dataclass(frozen=True)
class LoadedConfig:
    """``config`` is None when anything is wrong.

    ``places``: where things stand, by dotted name: ``rules.0``, ``sources.pbx1.use``,
    ``sources.pbx1.settings.host``, ``tokens.kiosk``, …
    ``rules``, ``sites``, ``sources``, ``data``: as far as they could be read, also where something else is wrong.
    """

    config: Config | None
    problems: tuple[Problem, ...]
    places: dict[str, Place]
    rules: tuple[RulesFrom, ...] = ()
    sources: tuple[SourceConfig, ...] = ()
    sites: tuple[Site, ...] = ()
    data: str = "data"


def load_config(
    text: bytes, path: str, timezones: Collection[str] | None = None, feeds: FileFeeds | None = None
) -> LoadedConfig:
    """Reads the configuration.

    ``timezones``: the names there are, for messages; None: any that the tzdata package has.
    ``feeds``: what the shell has read of the holiday feeds that its sites name.
    """
    root, slips = parse(text, path)
    problems = list(slips)
    if root is None or isinstance(root, Broken):
        return LoadedConfig(None, _told(slips), {})
    whole = section(root, "the configuration", problems, "")
    if whole.broken:
        return LoadedConfig(None, _told(problems), {})
    places = _places(root)
    whole.value("version", _version)
    sites = read_sites(whole, problems, None if timezones is None else frozenset(timezones), feeds)
    sources = read_sources(whole, problems, sites)
    usual = Config(rules=())
    listen = whole.value("listen", listen_address) or usual.listen
    told_url = whole.value("url", url)
    config = Config(
        rules=whole.values("rules", rules_from) or (),
        data=whole.text("data") or usual.data,
        listen=listen,
        url=(told_url or _url_of(listen)).rstrip("/"),
        language=whole.value("language", language) or usual.language,
        sites=tuple(sites.values()),
        sources=tuple(sources.values()),
        alertmanager=_alertmanager(whole, problems),
        tokens=_tokens(whole, problems, sources),
        judge=_judge(whole, problems),
    )
    told = _told(problems)
    readable = tuple(source for source in config.sources if source.name and source.use)
    return LoadedConfig(
        None if errors(problems) else config, told, places, config.rules, readable, config.sites, config.data
    )


_SECRET = re.compile(r"(?i)(?:pass(?:word|phrase)?|secret|token|hash|credentials?|api_?key)['\"]?\s*:\s*")
"""A key whose value may be a secret; a key that ends in ``_file`` names a file, which is none."""


def _told(problems: list[Problem]) -> tuple[Problem, ...]:
    """In order, capped, and without what may be a secret."""
    return tuple(capped([discreet(problem) for problem in in_order(problems)]))


def discreet(problem: Problem) -> Problem:
    """With its line masked from where it may hold a secret, and the fix, too; columns stay as they are."""
    line = re.sub(r"(?<=://)[^/\s]*(?=@)", lambda found: "•" * len(found[0]), problem.source)
    found = _SECRET.search(line)
    if found is None:
        return replace(problem, source=line)
    line = line[: found.end()] + re.sub(r"\S", "•", line[found.end() :])
    beyond = problem.column > found.end()
    return replace(problem, source=line, fix=re.sub(r'".*"', '"…"', problem.fix) if beyond else problem.fix)


def check_yields(loaded: LoadedConfig, kinds: Vocabulary) -> list[Problem]:
    """What pushed sources say they yield, against the vocabulary of the rule files."""
    return config_sources.check_yields(loaded.sources, loaded.places, kinds)


def is_config(text: bytes, path: str) -> bool:
    """Whether a file looks like a configuration and not like a rule file, by its keys."""
    root, _ = parse(text, path)
    if not isinstance(root, Map):
        return False
    keys = {entry.key.text for entry in root.entries}
    return not keys & {"standards", "set"} and bool(
        keys & {"rules", "sources", "outputs", "listen", "tokens"}
    )


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


def language(text: str) -> str:
    """A language that there is a catalogue for, by its two letters."""
    return one_of(text, tuple(LANGUAGES), "a language that alerts and the wallboard can speak")


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


def _alertmanager(whole: Reader, problems: list[Problem]) -> AlertmanagerOutput | None:
    outputs = whole.node("outputs")
    if outputs is None:
        return None
    node = section(outputs, "outputs", problems, "outputs").node("alertmanager")
    if node is None:
        return None
    reader = section(node, "alertmanager", problems, "outputs.alertmanager")
    members = tuple(member.rstrip("/") for member in reader.values("members", _member) or ())
    resend = reader.value("resend", positive_duration)
    if resend is not None and not timedelta(seconds=1) <= resend <= resend_max:
        reader.tell(reader.at("resend"), "an odd time between two re-sends", "write 1s to 1h, usually 1m")
    return AlertmanagerOutput(members) if resend is None else AlertmanagerOutput(members, resend)


def _member(text: str) -> str:
    """An Alertmanager's address; one without scheme or port is offered with those it has by default."""
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9.-]*|[0-9.]+", text):
        raise Wrong(f"{quoted(text)} is not a web address", f"write http://{text}:9093")
    return url(text)


def _tokens(whole: Reader, problems: list[Problem], sources: dict[str, SourceConfig]) -> tuple[Token, ...]:
    found: list[Token] = []
    hashes: dict[str, str] = {}
    entries = whole.map_of("tokens")
    count_at_most(whole, "tokens", len(entries), tokens_max)
    for entry in entries:
        token = read(entry.key, name, problems)
        reader = section(entry.value, "a token", problems, "tokens.NAME")
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
    reader = section(node, "judge", problems, "judge")
    accept_late, keep = reader.value("accept_late", positive_duration), reader.value("keep", duration)
    return JudgeConfig(
        judge_from=reader.value("judge_from", instant),
        accept_late=usual.accept_late if accept_late is None else accept_late,
        keep=usual.keep if keep is None else keep,
    )
