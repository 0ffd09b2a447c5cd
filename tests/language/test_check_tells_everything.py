"""What an operator gets wrong: each mistake once, at its place, with a fix that mends it.

A row is one line of a sound file as it might be written by mistake.  ``«…»`` stand around
what is underlined.  All rows are tried alone, and many together in one file: then every one
is told, and putting one right makes that one vanish and no other.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

import pytest

from standardsd.language.config import load_config
from standardsd.language.problems import Problem, errors, render
from standardsd.language.rules import load_rules

RULES = """\
version: 1
set: house
standards:
  - id: greet
    title: Greeted within a minute
    of: visit
    measure: {from: arrived, to: greeted}
    promise: {within: 60s}
    objective: {at_least: 95%, over: 30d, min_count: 20}
    alert: {on: [breach, at_risk], keep_firing_for: 5m}
    severity: warning
    runbook: https://example.org/greet
  - id: serve
    title: Served within ten minutes
    of: visit
    measure:
      from: arrived
      to: [served, checked_in]
    promise: {within: 10m}
    severity: info
""".splitlines()

CONFIG = """\
version: 1
rules: [rules/hotel, "shipped:hotel/front-desk"]
listen: 127.0.0.1:8080
url: http://127.0.0.1:8080
sites:
  lisbon: {title: Lisbon, timezone: Europe/Lisbon}
sources:
  pbx1:
    use: asterisk
    labels: {site: lisbon}
    max_silence: 15m
    settings: {host: 127.0.0.1, username: me}
  kiosk:
    use: push
    watermark: {kind: receipt, delay: 2s}
    yields: {visit: [arrived, greeted]}
outputs:
  alertmanager: {members: ["http://127.0.0.1:9093"], resend: 1m}
tokens:
  kiosk: {role: ingest, hash: "sha256:0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a", sources: [kiosk]}
judge: {accept_late: 7d, keep: 1h}
""".splitlines()


@dataclass(frozen=True)
class Mistake:
    line: int
    written: str
    said: str
    fix: str

    @property
    def text(self) -> str:
        return re.sub("[«»]", "", self.written)

    @property
    def place(self) -> tuple[int, int, int]:
        """Line, column and how much is underlined."""
        begin, end = self.written.index("«"), self.written.index("»")
        return self.line, begin + 1, end - begin - 1


def m(line: int, written: str, said: str, fix: str) -> Mistake:
    return Mistake(line, written, said, fix)


IN_RULES = [
    # what the file is made of
    m(1, "version: «2»", "version '2' of the language is not known", "write version: 1"),
    m(1, "version«:»1", "a space is missing behind the colon", "write version: 1"),
    m(1, "«version 1»", "a key without its ':'", "write version: 1"),
    m(1, " «version»: 1", "not indented like its neighbours", "begins in column 1"),
    m(1, "«Version»: 1", "a rule file has no key 'Version'", "write version"),
    m(2, "set: «@house»", "a text begins with @", 'quote the text: "@house"'),
    m(2, "set: «House»", "'House' is not a name", "write house;"),
    m(2, "«set»:", "'set' has no value", "write the value"),
    m(3, "«standards»", "a key without its ':'", "write standards:"),
    m(3, "«standrds»:", "a rule file has no key 'standrds'", "write standards"),
    # items
    m(4, "  «-»id: greet", "a space is missing behind the dash", "write - id: greet"),
    m(4, "  «*» id: greet", "an item begins with '- '", "write - id: greet"),
    m(4, "  «id»: greet", "an item without its '- '", "write - id: greet"),
    m(4, "  - id: «Greet Now»", "'Greet Now' is not a name", "write greet-now"),
    m(4, '  - id: «"greet»', "a quote is never closed", 'close it with the same quote (")'),
    m(13, " «-» id: serve", "this item is not indented like its neighbours", "begins in column 3"),
    m(13, "   «-» id: serve", "this item is not indented like its neighbours", "begins in column 3"),
    m(13, "«-» id: serve", "this item is not indented like its neighbours", "begins in column 3"),
    m(13, "  «id»: serve", "an item without its '- '", "write - id: serve"),
    # keys
    m(5, "   «title»: Greeted within a minute", "this key is not indented like", "begins in column 5"),
    m(5, "     «title»: Greeted within a minute", "this key is not indented like", "begins in column 5"),
    m(5, "«title»: Greeted within a minute", "this key is not indented like", "begins in column 5"),
    m(5, "«\t»title: Greeted within a minute", "a tab in the indentation", "indent with spaces"),
    m(5, "«\u00a0»   title: Greeted within a minute", "no space (U+00A0)", "indent with spaces"),
    m(5, "    title«:»Greeted within a minute", "a space is missing", "write title: Greeted within a minute"),
    m(5, "    «title Greeted within a minute»", "a key without its", "write title: Greeted within a minute"),
    m(
        5,
        "    «title = Greeted within a minute»",
        "a key without its",
        "write title: Greeted within a minute",
    ),
    m(5, "    «-» title: Greeted within a minute", "where a key should stand", "write title: Greeted within"),
    m(5, "    «titel»: Greeted within a minute", "a standard has no key 'titel'", "write title"),
    m(11, "    «// a note»", "a comment begins with #", "write # a note"),
    # texts
    m(5, "    title: «!test»", "a tag (!)", '"!test"'),
    m(5, "    title: «!test of a tag»", "a tag (!)", '"!test of a tag"'),
    m(5, "    title: «&test»", "an anchor (&)", '"&test"'),
    m(5, "    title: «*test»", "an alias (*)", '"*test"'),
    m(5, "    title: «%test»", "a text begins with %", '"%test"'),
    m(5, "    title: «`test`»", "a text begins with `", '"`test`"'),
    m(5, "    title: «? test»", "a text begins with ?", '"? test"'),
    m(5, "    title: Greeted«:» now", "a second ':'", 'quote the text that contains it: "Greeted: now"'),
    m(5, '    title: «"Greeted within»', "a quote is never closed", "close it with the same quote"),
    m(5, "    title: «'Greeted within»", "a quote is never closed", "close it with the same quote"),
    m(5, '    title: "C:«\\d»esk"', "an unknown escape", "put the text into single quotes"),
    m(5, "    title: 'It'«s greeted'»", "behind the closing quote", 'into quotes: "It\'s greeted"'),
    m(5, "    «title»: # Greeted", "'title' has no value", "a text with # in front"),
    m(5, "    title: «-» Greeted", "an item ('- ') where none can stand", "write [Greeted]"),
    m(6, "    of: «vist»", "there is no kind 'vist'", "write visit"),
    # brackets
    m(7, "    measure: «{»from: arrived, to: greeted", "a map is not closed", "write } behind"),
    m(7, "    measure: {from: arrived, to: greeted}«}»", "behind the last bracket", "leave out }"),
    m(7, "    measure: «{»from: arrived, to: greeted]", "a map is not closed", "write } in place of ]"),
    m(7, "    measure: {from: arrived «to»: greeted}", "a comma is missing", "write ','"),
    m(7, "    measure: {from: arrived,«,» to: greeted}", "a comma without", "leave the comma out"),
    m(7, "    measure: {from: arrived, to: «!greeted»}", "a tag (!)", '"!greeted"'),
    m(7, "    measure: {from: arrived, to«:»greeted}", "a space is missing", "write to: greeted"),
    m(7, "    measure: {from: arrived, «to» greeted}", "a key without its ':'", "write to: greeted"),
    m(7, "    measure: {from: «'arrived, to: greeted}»", "a quote is never closed", "(')"),
    m(7, "    measure: {from: arrived, to: «greted»}", "no event 'greted'", "write greeted"),
    m(7, "    measure: from«:» arrived, to: greeted", "a second ':'", "{from: arrived, to: greeted}"),
    m(
        10,
        "    alert: {on: «[»breach, at_risk, keep_firing_for: 5m}",
        "a list is not closed",
        "write ] in front of }",
    ),
    m(10, "    alert: {on: [breach, «@at_risk»], keep_firing_for: 5m}", "a text begins with @", '"@at_risk"'),
    m(18, "      to: «[»served, checked_in", "a list is not closed", "write ] behind"),
    m(18, "     «to»: [served, checked_in]", "this key is not indented like", "begins in column 7"),
    m(18, "       «to»: [served, checked_in]", "this key is not indented like", "begins in column 7"),
    # units and numbers
    m(8, "    promise: {within: «10 mins»}", "'10 mins' is not a duration", "write 10m;"),
    m(8, "    promise: {within: «one minute»}", "'one minute' is not a duration", "write 1m;"),
    m(8, "    promise: {within: «60»}", "'60' has no unit", "write 60s"),
    m(8, "    promise: {within: «-60s»}", "'-60s' is negative", "0 or more"),
    m(8, "    promise: «60s»", "'60s' is not a promise", "write {within: 60s}"),
    m(9, "    objective: {at_least: «95 %», over: 30d}", "'95 %' is not a share", "write 95%"),
    m(9, "    objective: {at_least: «0.95», over: 30d}", "'0.95' has no unit", "write 95%"),
    m(9, "    objective: {at_least: «95», over: 30d}", "'95' has no unit", "write 95%"),
    m(9, "    objective: {at_least: 95%, over: 30d, min_count: «-3»}", "'-3' is negative", "1 or more"),
    m(9, "    objective: {at_least: 95%, over: 30d, min_count: «2.0»}", "not a whole number", "write 2"),
    m(11, "    severity: «warn»", "'warn' is not a word for severity", "write warning"),
    m(11, "    «serverity»: warning", "no key 'serverity'", "write severity"),
    m(12, "    runbook: «example.org/greet»", "not a web address", "write https://example.org/greet"),
    m(12, "    runbook: «javascript:alert(1)»", "not a web address", "begins with http:// or https://"),
    m(12, "    runbook: «127.0.0.1:8080/x»", "not a web address", "write http://127.0.0.1:8080/x"),
    m(20, "«<<<<<<< HEAD»", "a mark of a merge conflict", "settle the conflict"),
    m(20, "    «}»", "a bracket that closes nothing", "leave out }"),
]

IN_CONFIG = [
    m(3, "listen: «8080»", "not an address to listen on", "write 127.0.0.1:8080"),
    m(4, "url: «localhost:8080»", "not a web address", "write http://localhost:8080"),
    m(4, "«ulr»: http://127.0.0.1:8080", "no key 'ulr'", "write url"),
    m(6, "  lisbon: {title: Lisbon, timezone: «Europe/Lisboa»}", "not a time zone", "write Europe/Lisbon"),
    m(6, "  lisbon: «{»title: Lisbon, timezone: Europe/Lisbon", "a map is not closed", "write }"),
    m(9, "   «use»: asterisk", "this key is not indented like", "begins in column 5"),
    m(9, "    use: «!asterisk»", "a tag (!)", '"!asterisk"'),
    m(10, "    labels: {site: «lisboa»}", "there is no site 'lisboa'", "write lisbon"),
    m(11, "    max_silence: «15 minutes»", "not a duration", "write 15m;"),
    m(11, "    max_silence: «15»", "'15' has no unit", "write 15s"),
    m(12, "    settings: «{»host: 127.0.0.1, username: me", "a map is not closed", "write }"),
    m(15, "    watermark: {kind: «reciept», delay: 2s}", "not a kind of watermark", "write receipt"),
    m(15, "    watermark: {kind: receipt, «dealy»: 2s}", "no key 'dealy'", "write delay"),
    m(
        18,
        "  alertmanager: {members: [«127.0.0.1:9093»]}",
        "not a web address",
        "write http://127.0.0.1:9093",
    ),
    m(18, "  alertmanager: {members: [«localhost»]}", "not a web address", "write http://localhost:9093"),
    m(21, "judge: {accept_late: «one week», keep: 1h}", "not a duration", "write 7d;"),
    m(21, "judge: {accept_late: 7d, «kep»: 1h}", "no key 'kep'", "write keep"),
    m(9, "«\t»use: asterisk", "a tab in the indentation", "indent with spaces"),
]


def told(lines: list[str]) -> list[Problem]:
    text = "\n".join(lines).encode()
    if any(line.startswith("rules:") for line in lines):
        return errors(load_config(text, "a.yaml", ("Europe/Lisbon", "UTC")).problems)
    return errors(load_rules([("a.yaml", text)]).problems)


def wrong(sound: list[str], mistakes: list[Mistake]) -> list[str]:
    lines = list(sound)
    for mistake in mistakes:
        lines[mistake.line - 1] = mistake.text
    return lines


def check(sound: list[str], mistakes: list[Mistake]) -> None:
    """Every mistake once, at its place; nothing else."""
    found = told(wrong(sound, mistakes))
    expected = sorted(mistakes, key=lambda one: one.line)
    assert [(p.line, p.column, p.length) for p in found] == [one.place for one in expected], render(found)
    for problem, mistake in zip(found, expected, strict=True):
        assert mistake.said in problem.text, problem.render()
        assert mistake.fix in problem.fix, problem.render()


def test_the_files_are_sound_without_the_mistakes() -> None:
    assert told(RULES) == []
    assert told(CONFIG) == []
    assert len(IN_RULES) + len(IN_CONFIG) >= 90


@pytest.mark.parametrize("mistake", IN_RULES, ids=lambda one: f"{one.line} {one.text.strip()[:40]}")
def test_a_mistake_in_a_rule_file_is_told_once_at_its_place(mistake: Mistake) -> None:
    check(RULES, [mistake])


@pytest.mark.parametrize("mistake", IN_CONFIG, ids=lambda one: f"{one.line} {one.text.strip()[:40]}")
def test_a_mistake_in_a_configuration_is_told_once_at_its_place(mistake: Mistake) -> None:
    check(CONFIG, [mistake])


def _several(mistakes: list[Mistake], seed: int, most: int) -> list[Mistake]:
    """Two to ``most`` of them, in lines that are no neighbours."""
    dice = random.Random(seed)
    chosen: list[Mistake] = []
    for mistake in dice.sample(mistakes, len(mistakes)):
        apart = all(abs(mistake.line - other.line) > 1 for other in chosen)
        if apart and len(chosen) < dice.randint(2, most):
            chosen.append(mistake)
    return chosen


@pytest.mark.parametrize("seed", range(60))
def test_up_to_six_mistakes_in_one_rule_file_are_all_told_and_mended_one_by_one(seed: int) -> None:
    mistakes = _several(IN_RULES, seed, 6)
    while mistakes:
        check(RULES, mistakes)
        mistakes = mistakes[1:]


@pytest.mark.parametrize("seed", range(25))
def test_up_to_six_mistakes_in_one_configuration_are_all_told_and_mended_one_by_one(seed: int) -> None:
    mistakes = _several(IN_CONFIG, seed, 6)
    while mistakes:
        check(CONFIG, mistakes)
        mistakes = mistakes[1:]
