"""One scrape says what the snapshot says, in both formats, to prometheus-client's own readers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import generate_latest as reference_plain
from prometheus_client.openmetrics.exposition import generate_latest as reference_openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_plain
from prometheus_client.registry import Collector

from standardsd.core.windows import window_word
from standardsd.metrics.catalog import BY, BY_NAME, CATALOG, RUNTIME, Type
from standardsd.metrics.exposition import Exposition
from standardsd.metrics.figures import ChannelFigures, DaemonFigures, SourceFigures, Tally
from standardsd.metrics.standards import series_of
from standardsd.metrics.text import Format, negotiated
from standardsd.model.decision import Verdict
from standardsd.model.measure import Calendar, CalendarUnit
from standardsd.model.objective import Objective
from standardsd.model.snapshot import Burn, GroupNow, Histogram, Snapshot, SourceNow, State
from standardsd.model.standard import RuleBook
from tests.metrics.parts import (
    ANSWER,
    BOOK,
    BUSY,
    FIGURES,
    GREET,
    NOON,
    OPENMETRICS,
    QUEUE,
    TRIED,
    WAKE_UP,
    WHOLE,
    group,
    snapshot,
)

Labels = frozenset[tuple[str, str]]
Series = dict[tuple[str, Labels], float]


def samples(families: Iterator[Metric]) -> Series:
    """Every sample by its name and labels; one that comes twice is a fault."""
    found: Series = {}
    for family in families:
        for one in family.samples:
            key = (one.name, frozenset((n, v) for n, v in one.labels.items() if v != ""))
            assert key not in found, f"twice: {key}"
            found[key] = one.value
    return found


def ours(found: Series) -> Series:
    return {key: value for key, value in found.items() if not key[0].startswith(RUNTIME)}


def plain(
    what: Snapshot = WHOLE, *, exposition: Exposition | None = None, figures: DaemonFigures = FIGURES
) -> Series:
    exposed = (exposition or Exposition()).render(what, BOOK, figures)
    return ours(samples(read_plain(exposed.body.decode())))


def of(found: Series, name: str, **labels: str) -> dict[Labels, float]:
    """The series of that name which carry these labels."""
    wanted = set(labels.items())
    return {given: value for (known, given), value in found.items() if known == name and wanted <= given}


class Reference(Collector):
    """The families of standards as prometheus-client itself would write them, from the same snapshot."""

    def collect(self) -> Iterator[Metric]:
        standards = {standard.id: standard for standard in BOOK.standards}
        for one in WHOLE.groups:
            if one.state is State.SHADOW:
                continue
            standard = standards[one.standard]
            names = ["standard", *standard.by]
            values = [standard.id, *(dict(one.group)[name] for name in standard.by)]
            counters = CounterMetricFamily("standardsd_verdicts", "d", labels=[*names, "verdict"])
            for word in Verdict:
                counters.add_metric([*values, word.value], one.verdicts.get(word, 0))
            yield counters
            violations = CounterMetricFamily("standardsd_violations", "d", labels=[*names, "severity"])
            violations.add_metric([*values, standard.severity.value], one.violations)
            yield violations
            yield self._gauge("open_promises", names, values, one.open)
            yield self._gauge("overdue_promises", names, values, one.overdue)
            if one.next_due is not None:
                yield self._gauge("next_due_timestamp_seconds", names, values, one.next_due.timestamp())
            if one.kept_ratio is not None:
                window = "30d" if standard.objective else "24h"
                yield self._gauge("kept_ratio", [*names, "window"], [*values, window], one.kept_ratio)
            if one.value is not None:
                yield self._gauge("reading", [*names, "name"], [*values, "queue_length"], one.value)
            if standard.id not in (WAKE_UP.id, QUEUE.id):
                measured = HistogramMetricFamily("standardsd_measure_seconds", "d", labels=names)
                cumulative, buckets = 0, []
                for edge, count in zip((*one.measured.edges, math.inf), one.measured.counts, strict=True):
                    cumulative += count
                    buckets.append(("+Inf" if edge == math.inf else str(edge), cumulative))
                measured.add_metric(values, buckets, one.measured.sum)
                yield measured
        for standard in BOOK.standards:
            info = InfoMetricFamily("standardsd_standard", "d", labels=["standard"])
            says = {
                "title": standard.title,
                "severity": standard.severity.value,
                "rules_hash": standard.rules,
            }
            info.add_metric([standard.id], says | {"dimension": standard.dimension or ""})
            yield info

    def _gauge(self, name: str, names: list[str], values: list[str], value: float) -> Metric:
        family = GaugeMetricFamily("standardsd_" + name, "d", labels=names)
        family.add_metric(values, value)
        return family


def test_both_formats_say_what_prometheus_client_would_say() -> None:
    registry = CollectorRegistry()
    registry.register(Reference())
    exposition = Exposition()
    for accept, write, read in (
        ("", reference_plain, read_plain),
        (OPENMETRICS, reference_openmetrics, read_openmetrics),
    ):
        exposed = exposition.render(WHOLE, BOOK, FIGURES, accept)
        mine = samples(read(exposed.body.decode()))
        theirs: Series = {}
        for family in registry.collect():  # one group at a time: the reference writes a family once each
            single = CollectorRegistry()
            single.register(_only(family))
            theirs |= samples(read(write(single).decode()))
        assert len(theirs) > 50
        assert {key: mine.get(key) for key in theirs} == theirs


def _only(family: Metric) -> Collector:
    class Only(Collector):
        def collect(self) -> list[Metric]:
            return [family]

    return Only()


def test_the_two_formats_carry_the_same_samples() -> None:
    exposition = Exposition()
    first, second = (
        exposition.render(WHOLE, BOOK, FIGURES),
        exposition.render(WHOLE, BOOK, FIGURES, OPENMETRICS),
    )
    assert first.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert second.content_type == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    mine = ours(samples(read_plain(first.body.decode())))
    assert mine == ours(samples(read_openmetrics(second.body.decode())))
    assert len(mine) > 120
    assert second.body.count(b"# EOF") == 1
    assert second.body.endswith(b"\n# EOF\n")
    assert b"# EOF" not in first.body
    assert b"# TYPE standardsd_verdicts counter\n" in second.body
    assert b"# TYPE standardsd_verdicts_total counter\n" in first.body
    assert b"# UNIT standardsd_measure_seconds seconds\n" in second.body
    assert b"# UNIT" not in first.body
    assert b"# TYPE standardsd_build info\n" in second.body
    assert b"# TYPE standardsd_build_info gauge\n" in first.body


def test_every_exposed_family_is_in_the_catalogue_and_every_one_of_it_is_exposed() -> None:
    """With its type and exactly its labels; ``…`` stands for the standard's own grain."""
    body = Exposition().render(WHOLE, BOOK, FIGURES, OPENMETRICS).body.decode()
    families = {one.name: one for one in read_openmetrics(body) if not one.name.startswith(RUNTIME)}
    exposed = {family.base: family for family in CATALOG if not family.later}
    assert families.keys() == exposed.keys()
    grain = {label for standard in BOOK.standards for label in standard.by}
    for name, family in families.items():
        entry = exposed[name]
        assert family.type == entry.type.value, name
        assert family.unit == entry.unit, name
        assert family.documentation == entry.meaning, name
        carried = {label for one in family.samples for label in one.labels} - {"le"}
        own = {label for label in entry.labels if label != BY}
        may = own | (grain if BY in entry.labels else set())
        assert carried <= may, name
        # Every label of the table is really used, the grain apart.
        assert own <= carried, name
    assert not [family.name for family in CATALOG if family.later]


def test_the_catalogue_has_the_contracts_names() -> None:
    contract = """verdicts_total violations_total amendments_total open_promises overdue_promises
        next_due_timestamp_seconds measure_seconds kept_ratio target_ratio error_budget_remaining_ratio burn_rate
        standard_state standard_info reading alerts source_up source_watermark_timestamp_seconds
        source_poll_duration_seconds readings_total readings_rejected_total detection_delay_seconds
        notifications_total outbox_pending reload_success reload_timestamp_seconds source_clock_offset_seconds
        labels_unmapped_total series_dropped_total build_info"""
    assert {"standardsd_" + name for name in contract.split()} == set(BY_NAME)
    avoided = {"type", "service", "region", "zone", "cluster", "env", "customer", "owner", "stage"}
    assert not avoided & {label for family in CATALOG for label in family.labels}
    assert all(family.name.endswith("_total") == (family.type is Type.COUNTER) for family in CATALOG)
    assert all(family.name.endswith("_" + family.unit) for family in CATALOG if family.unit)


def test_totals_start_at_zero_for_every_known_group_and_word() -> None:
    found = plain(snapshot(group(ANSWER, "grand", "vip")))
    verdicts = of(found, "standardsd_verdicts_total", standard=ANSWER.id, site="grand", queue="vip")
    assert sorted(dict(labels)["verdict"] for labels in verdicts) == sorted(word.value for word in Verdict)
    assert set(verdicts.values()) == {0}
    assert list(of(found, "standardsd_violations_total", standard=ANSWER.id).values()) == [0]
    assert list(of(found, "standardsd_amendments_total", standard=ANSWER.id).values()) == [0]
    readings = of(found, "standardsd_readings_total", source="kiosk")
    assert {dict(labels)["reading"] for labels in readings} == {
        "event",
        "retract",
        "sample",
        "watermark",
        "gap",
    }
    assert set(readings.values()) == {0}
    assert of(found, "standardsd_readings_rejected_total", source="kiosk", reason="too_late")
    told = of(found, "standardsd_notifications_total", channel="alertmanager/127.0.0.1:9093")
    assert {dict(labels)["outcome"]: n for labels, n in told.items()} == {
        "delivered": 5,
        "resent": 100,
        "retried": 0,
        "refused": 0,
        "gave_up": 0,
        "mended": 0,
    }
    assert of(found, "standardsd_series_dropped_total") == {frozenset(): 0}


@pytest.mark.parametrize("state", list(State))
def test_a_state_is_one_series_a_word_and_one_of_them_is_one(state: State) -> None:
    found = of(plain(snapshot(group(GREET, "a", state=state))), "standardsd_standard_state")
    by_word = {dict(labels)["state"]: value for labels, value in found.items()}
    assert by_word == {
        word: int(word == state.value) for word in ("kept", "at_risk", "broken", "unknown", "shadow")
    }


def test_a_histogram_has_an_edge_exactly_at_the_limit_and_buckets_add_up() -> None:
    found = plain(snapshot(BUSY))
    buckets = of(found, "standardsd_measure_seconds_bucket")
    by_edge = {dict(labels)["le"]: count for labels, count in buckets.items()}
    assert by_edge == {"30.0": 400, "60.0": 937, "120.0": 997, "+Inf": 999}
    assert list(of(found, "standardsd_measure_seconds_sum").values()) == [40123.456789]
    assert list(of(found, "standardsd_measure_seconds_count").values()) == [999]


def test_a_limit_of_zero_makes_one_bucket_of_equal_edges() -> None:
    zero = Histogram((0.0, 0.0, 0.0), (1, 2, 3, 4), 9.0)
    buckets = of(plain(snapshot(group(GREET, "a", measured=zero))), "standardsd_measure_seconds_bucket")
    assert {dict(labels)["le"]: count for labels, count in buckets.items()} == {"0.0": 6, "+Inf": 10}


def test_a_measure_that_may_be_negative_has_no_sum_which_could_fall() -> None:
    early = Histogram((60.0, 120.0, 240.0), (5, 0, 0, 1), -12.5)
    exposition = Exposition()
    for one in (group(WAKE_UP, "a", measured=early), group(GREET, "a", measured=early)):
        exposed = exposition.render(snapshot(one), BOOK, FIGURES, OPENMETRICS)
        found = samples(read_openmetrics(exposed.body.decode()))
        assert len(of(found, "standardsd_measure_seconds_bucket")) == 4
        assert of(found, "standardsd_measure_seconds_sum") == {}
        assert of(found, "standardsd_measure_seconds_count") == {}


@pytest.mark.parametrize(
    ("changes", "ratio", "budget", "burn"),
    [
        ({}, [], [], []),  # below min_count: unknown is absent, never 0 and never 100 %
        ({"kept_ratio": 1.0, "budget_remaining": 1.0}, [1.0], [1.0], [0.0]),
        ({"kept_ratio": 0.95, "budget_remaining": 0.0}, [0.95], [0.0], [1.0]),
        ({"kept_ratio": 0.875, "budget_remaining": -1.5}, [0.875], [-1.5], [2.5]),
        ({"kept_ratio": 0.5}, [0.5], [], []),  # a target of 100 % has no budget
    ],
)
def test_what_is_not_known_is_absent(
    changes: dict[str, float], ratio: list[float], budget: list[float], burn: list[float]
) -> None:
    found = plain(snapshot(group(GREET, "a", **changes)))
    assert list(of(found, "standardsd_kept_ratio", window="30d").values()) == ratio
    assert list(of(found, "standardsd_error_budget_remaining_ratio").values()) == budget
    assert list(of(found, "standardsd_burn_rate", window="30d").values()) == burn
    assert list(of(found, "standardsd_target_ratio").values()) == [0.95]
    assert of(found, "standardsd_next_due_timestamp_seconds") == {}


def test_each_burn_window_has_its_rate_beside_what_is_spent_of_the_budget() -> None:
    burn = (Burn("5m", 0.0), Burn("1h", 14.4))
    found = plain(snapshot(group(GREET, "a", kept_ratio=0.875, budget_remaining=-1.5, burn=burn)))
    rates = of(found, "standardsd_burn_rate", standard=GREET.id)
    assert {dict(labels)["window"]: rate for labels, rate in rates.items()} == {
        "30d": 2.5,
        "5m": 0.0,
        "1h": 14.4,
    }
    same = plain(snapshot(group(GREET, "a", budget_remaining=0.0, burn=(Burn("30d", 7.0),))))
    assert list(of(same, "standardsd_burn_rate").values()) == [7.0], "the one that the alert goes by"


def test_the_target_shown_is_that_of_today_and_the_window_is_called_as_the_rule_calls_it() -> None:
    monthly = msgspec.structs.replace(GREET, objective=Objective(0.9, Calendar(CalendarUnit.MONTH)))
    book = msgspec.structs.replace(BOOK, standards=(monthly,))
    for target, shown in ((0.95, [0.95]), (None, [])):
        one = group(GREET, "a", kept_ratio=0.5, target=target)
        body = Exposition().render(snapshot(one), book, FIGURES).body.decode()
        found = samples(read_plain(body))
        assert list(of(found, "standardsd_target_ratio").values()) == shown
        assert list(of(found, "standardsd_kept_ratio", window="month").values()) == [0.5]


def test_of_a_shadow_there_is_its_state_and_nothing_else() -> None:
    one = group(TRIED, "a", state=State.SHADOW, verdicts={Verdict.MET: 5}, kept_ratio=0.5, target=0.9)
    found = {key: value for key, value in plain(snapshot(one)).items() if ("standard", TRIED.id) in key[1]}
    states = of(found, "standardsd_standard_state")
    assert {dict(labels)["state"]: value for labels, value in states.items()} == {
        **dict.fromkeys((state.value for state in State), 0),
        "shadow": 1,
    }
    assert {name for name, _ in found} == {"standardsd_standard_state", "standardsd_standard_info"}
    assert len(states) == series_of(TRIED, one)


@pytest.mark.parametrize("value", [12.0, 0.0, -3.5])
def test_a_number_is_shown_while_it_is_known(value: float) -> None:
    found = plain(snapshot(group(QUEUE, "a", value=value)))
    assert of(found, "standardsd_reading", site="a", standard=QUEUE.id) == {
        frozenset({("standard", QUEUE.id), ("site", "a"), ("name", "queue_length")}): value
    }
    assert of(plain(snapshot(group(QUEUE, "a"))), "standardsd_reading") == {}
    assert of(found, "standardsd_measure_seconds_bucket") == {}, "a number is no time"


def test_without_an_objective_the_share_is_of_a_day_and_has_no_target() -> None:
    found = plain(snapshot(group(ANSWER, "a", "b", kept_ratio=0.75)))
    assert list(of(found, "standardsd_kept_ratio", window="24h").values()) == [0.75]
    assert of(found, "standardsd_target_ratio") == {}


def test_alerts_say_pending_and_firing_for_each_condition_of_the_rule() -> None:
    found = of(plain(snapshot(BUSY)), "standardsd_alerts", alertname=GREET.id, severity="critical")
    by_words = {(dict(labels)["condition"], dict(labels)["state"]): value for labels, value in found.items()}
    assert by_words == {
        ("breach", "pending"): 0,
        ("breach", "firing"): 1,
        ("at_risk", "pending"): 1,
        ("at_risk", "firing"): 0,
    }


@pytest.mark.parametrize(
    ("answers", "dark", "heard", "up"),
    [
        (True, False, True, 1),
        (True, True, True, 0),  # it answers, and says nothing: dark
        (False, False, True, 0),  # it was heard of, and does not answer now
        (None, False, True, 1),  # it only pushes
        (None, False, False, 0),  # never heard of
        (True, False, False, 1),  # it answers, and has had nothing to say yet
    ],
)
def test_a_source_is_up_while_it_answers_and_is_heard(
    answers: bool | None, dark: bool, heard: bool, up: int
) -> None:
    judged = SourceNow("x", dark=dark, watermark=None, heard=NOON if heard else None)
    figures = DaemonFigures(True, NOON, sources=(SourceFigures("x", answers=answers),))
    found = plain(Snapshot(NOON, (), (judged,)), figures=figures)
    assert of(found, "standardsd_source_up") == {frozenset({("source", "x")}): up}


def test_figures_of_sources_and_daemon_come_out_as_they_are() -> None:
    found = plain()
    pbx1, kiosk = frozenset({("source", "pbx1")}), frozenset({("source", "kiosk")})
    assert of(found, "standardsd_source_clock_offset_seconds") == {pbx1: -0.25}
    assert of(found, "standardsd_source_poll_duration_seconds") == {pbx1: 0.0123}
    assert of(found, "standardsd_source_watermark_timestamp_seconds") == {kiosk: NOON.timestamp()}
    assert of(found, "standardsd_labels_unmapped_total") == {pbx1 | {("label", "queue")}: 2}
    assert of(found, "standardsd_readings_rejected_total", reason="bad_time") == {
        pbx1 | {("reason", "bad_time")}: 3
    }
    assert of(found, "standardsd_reload_success") == {frozenset(): 1}
    assert of(found, "standardsd_reload_timestamp_seconds") == {frozenset(): NOON.timestamp()}
    assert list(of(found, "standardsd_outbox_pending").values()) == [1]
    assert list(of(found, "standardsd_detection_delay_seconds_count", standard=GREET.id).values()) == [62]


def test_the_process_tells_of_itself_once() -> None:
    exposition = Exposition()
    for accept, read in (("", read_plain), (OPENMETRICS, read_openmetrics)):
        found = samples(read(exposition.render(WHOLE, BOOK, FIGURES, accept).body.decode()))
        assert of(found, "process_resident_memory_bytes")
        assert of(found, "process_start_time_seconds")
        assert of(found, "python_gc_collections_total", generation="2")


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=30))
def test_any_text_survives_as_a_label_value(value: str) -> None:
    exposition = Exposition()
    one = snapshot(group(GREET, value))
    for accept, read in (("", read_plain), (OPENMETRICS, read_openmetrics)):
        found = samples(read(exposition.render(one, BOOK, FIGURES, accept).body.decode()))
        assert len(of(found, "standardsd_open_promises", site=value)) == 1


def test_a_value_that_is_no_unicode_does_not_end_the_scrape() -> None:
    found = plain(snapshot(group(GREET, "a\ud800b")))
    assert len(of(found, "standardsd_open_promises", site="a���b")) == 1


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_comes_back_with_every_digit(value: float) -> None:
    found = plain(snapshot(group(GREET, "a", kept_ratio=value)))
    assert list(of(found, "standardsd_kept_ratio").values()) == [value]


@pytest.mark.parametrize(
    ("accept", "format"),
    [
        ("", Format.PLAIN),
        ("*/*", Format.PLAIN),
        ("text/plain", Format.PLAIN),
        ("text/html,application/xhtml+xml", Format.PLAIN),  # a browser
        (OPENMETRICS, Format.OPENMETRICS),
        ("application/openmetrics-text", Format.OPENMETRICS),
        ("application/openmetrics-text; version=1.0.0; charset=utf-8", Format.OPENMETRICS),
        ("application/openmetrics-text;version=0.0.1", Format.PLAIN),  # a draft nobody should get
        ("text/plain;version=1.0.0;escaping=allow-utf-8", Format.PLAIN),
        ("application/openmetrics-text;version=one", Format.PLAIN),
        ("application/openmetrics-text;version", Format.OPENMETRICS),
        ("application/openmetrics-text," * 1000, Format.PLAIN),
        (";;;,,=,", Format.PLAIN),
    ],
)
def test_the_format_is_the_one_asked_for(accept: str, format: Format) -> None:
    assert negotiated(accept) is format


@pytest.mark.parametrize(
    ("window", "word"),
    [
        (timedelta(minutes=30), "30m"),
        (timedelta(hours=1), "1h"),
        (timedelta(hours=24), "24h"),
        (timedelta(days=2), "2d"),
        (timedelta(days=30), "30d"),
        (timedelta(hours=36), "36h"),
        (timedelta(seconds=90), "90s"),
        (timedelta(milliseconds=1500), "1.5s"),
    ],
)
def test_a_window_has_one_word(window: timedelta, word: str) -> None:
    assert window_word(window) == word


def groups(count: int, first: int = 0) -> list[GroupNow]:
    return [group(GREET, f"site-{n}") for n in range(first, first + count)]


def test_only_changed_groups_are_written_anew() -> None:
    exposition = Exposition()
    all_of_them = groups(50)
    plain(snapshot(*all_of_them), exposition=exposition)
    assert exposition.standards.rewritten == 50
    # The judge hands out new values that are equal: nothing is written.
    copies = [msgspec.structs.replace(one) for one in all_of_them]
    before = plain(snapshot(*copies), exposition=exposition)
    assert exposition.standards.rewritten == 50
    copies[7] = msgspec.structs.replace(copies[7], open=3, verdicts={Verdict.MET: 1})
    after = plain(snapshot(*copies), exposition=exposition)
    assert exposition.standards.rewritten == 51
    moved = {key for key, value in after.items() if before[key] != value}
    site = ("site", "site-7")
    assert {name for name, _ in moved} == {"standardsd_open_promises", "standardsd_verdicts_total"}
    assert all(site in labels for _, labels in moved)


def test_groups_that_come_go_or_change_places_are_shown_as_they_stand() -> None:
    exposition = Exposition()
    a, b, c = groups(3)
    for stand in ([a, b], [b, a], [b], [], [c, b, a], [msgspec.structs.replace(c, open=1), b]):
        found = of(plain(snapshot(*stand), exposition=exposition), "standardsd_open_promises")
        fresh = of(plain(snapshot(*stand)), "standardsd_open_promises")
        assert found == fresh
        assert len(found) == len(stand)


def test_new_rules_are_shown_at_once_and_a_standard_that_is_gone_is_not() -> None:
    exposition = Exposition()
    stand = snapshot(group(GREET, "a"), group(ANSWER, "a", "b"))
    exposition.render(stand, BOOK, FIGURES)
    retitled = msgspec.structs.replace(GREET, title="Greeted soon", dimension=None)
    new = RuleBook((retitled,), BOOK.vocabulary, (), "sha256:new")
    found = samples(read_plain(exposition.render(stand, new, FIGURES).body.decode()))
    (info,) = of(found, "standardsd_standard_info")
    assert dict(info)["title"] == "Greeted soon"
    assert of(found, "standardsd_open_promises", standard=ANSWER.id) == {}
    empty = RuleBook((), BOOK.vocabulary, (), "sha256:empty")
    found = samples(read_plain(exposition.render(stand, empty, FIGURES).body.decode()))
    assert of(found, "standardsd_open_promises") == {}


def test_over_the_maximum_new_groups_are_left_out_counted_once_and_nobody_is_pushed_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    each = series_of(GREET, group(GREET, "x"))
    exposition = Exposition(series_max=3 * each)  # exactly three fit
    old, new = groups(3), groups(2, first=3)
    found = plain(snapshot(*old), exposition=exposition)
    assert len(of(found, "standardsd_open_promises")) == 3
    assert exposition.standards.dropped == 0
    for _ in range(2):  # the flood comes first in the snapshot, and stays outside all the same
        found = plain(snapshot(*new, *old), exposition=exposition)
        shown = {dict(labels)["site"] for labels in of(found, "standardsd_open_promises")}
        assert shown == {"site-0", "site-1", "site-2"}
        assert of(found, "standardsd_series_dropped_total") == {frozenset(): 2 * each}
    assert len(caplog.messages) == 1
    assert "2 groups left out, the first is greet-within-60s {'site': 'site-3'}" in caplog.messages[0]
    # When one goes, its room is for the next.
    found = plain(snapshot(*new, *old[:2]), exposition=exposition)
    shown = {dict(labels)["site"] for labels in of(found, "standardsd_open_promises")}
    assert shown == {"site-0", "site-1", "site-3"}
    assert of(found, "standardsd_series_dropped_total") == {frozenset(): 2 * each}


def test_room_is_reckoned_with_every_series_a_group_can_have() -> None:
    full = group(
        GREET,
        "x",
        next_due=NOON,
        kept_ratio=0.5,
        budget_remaining=-9.0,
    )
    found = plain(snapshot(full))
    labelled = [key for key in found if ("site", "x") in key[1]]
    assert len(labelled) == series_of(GREET, full)
    assert len([key for key in plain(snapshot(group(GREET, "x"))) if ("site", "x") in key[1]]) < len(labelled)


def test_a_tally_puts_a_measure_on_an_edge_below_it() -> None:
    tally = Tally((0.1, 1.0))
    for seconds in (0.0, 0.1, 0.100001, 1.0, 1.5):
        tally.observe(seconds)
    assert tally.now() == Histogram((0.1, 1.0), (2, 2, 1), 0.0 + 0.1 + 0.100001 + 1.0 + 1.5)
    with pytest.raises(AssertionError):
        tally.observe(-0.001)


def test_a_channel_without_any_telling_counts_from_zero() -> None:
    figures = DaemonFigures(False, NOON, channels=(ChannelFigures("alertmanager/x"),))
    found = plain(snapshot(), figures=figures)
    assert set(of(found, "standardsd_notifications_total").values()) == {0}
    assert of(found, "standardsd_reload_success") == {frozenset(): 0}
