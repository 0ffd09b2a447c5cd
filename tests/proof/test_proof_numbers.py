"""Standards about numbers, from the rule file to the episode."""

from __future__ import annotations

import pytest

from tests.proof.told import rulebook, rules, standard_text, tell


def number(measure: str, promise: str, of: str = "", **keys: str) -> list[str]:
    return [standard_text(id="n", of=of, measure=measure, promise=promise, **keys)]


def episodes(measure: str, promise: str, story: str, of: str = "", **keys: str) -> list[str]:
    """What is said of the number ``n``; nothing else is."""
    said = tell(rulebook(*number(measure, promise, of, **keys)), story)
    assert all(line.startswith("episode n ") for line in said), said
    return [line.removeprefix("episode n ") for line in said]


# -- samples -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("promise", "kept", "broken", "limit"),
    [
        ("{at_most: 10}", "10", "10.001", 10),
        ("{under: 10}", "9.999", "10", 10),
        ("{at_least: 10}", "10", "9.999", 10),
        ("{over: 10}", "10.001", "10", 10),
        ("{between: [8, 10]}", "8", "7.999", 8),
        ("{between: [8, 10]}", "10", "10.001", 10),
    ],
)
def test_a_sample_keeps_its_limit_or_not_at_the_very_edge(
    promise: str, kept: str, broken: str, limit: int
) -> None:
    story = (
        f"09:00:00 sample q={kept} site=a\n09:01:00 sample q={broken} site=a\n09:02:00 sample q={kept} site=a"
    )
    assert episodes("{reading: q}", promise, story) == [
        f"broken site=a at 09:01:00 value {float(broken):g} limit {limit}",
        f"in_limits site=a at 09:02:00 value {float(kept):g} limit 10",
    ]


FOR = [
    ("09:05:59.999999", []),
    (
        "09:06:00",
        ["broken site=a at 09:01:00 value 12 limit 10"],
    ),  # exactly so long counts, from the crossing
]


@pytest.mark.parametrize(("looked", "said"), FOR)
def test_an_episode_opens_when_the_limit_was_broken_for_so_long_and_begins_at_the_crossing(
    looked: str, said: list[str]
) -> None:
    story = f"09:00:00 sample q=3 site=a\n09:01:00 sample q=12 site=a\n{looked} tick"
    assert episodes("{reading: q}", "{at_most: 10, for: 5m}", story) == said


def test_a_break_begins_the_time_anew() -> None:
    story = """
        09:00:00 sample q=12 site=a
        09:04:00 sample q=10 site=a
        09:04:01 sample q=12 site=a
        09:09:00 tick
        09:09:01 tick
    """
    assert episodes("{reading: q}", "{at_most: 10, for: 5m}", story) == [
        "broken site=a at 09:04:01 value 12 limit 10"
    ]


def test_of_each_label_set_the_latest_sample_counts_and_a_group_is_as_bad_as_its_worst() -> None:
    story = """
        09:00:00 sample q=12 site=a desk=1
        09:00:10 sample q=15 site=a desk=2
        09:00:20 sample q=3 site=a desk=1
        09:00:30 sample q=3 site=a desk=2
        09:00:40 sample q=3 site=b
    """
    assert episodes("{reading: q}", "{at_most: 10}", story) == [
        "broken site=a at 09:00:00 value 12 limit 10",
        "in_limits site=a at 09:00:30 value 3 limit 10",
    ]


def test_a_group_is_made_by_the_labels_of_by() -> None:
    story = "09:00:00 sample q=12 site=a desk=1\n09:00:01 sample q=12 site=b desk=1"
    assert episodes("{reading: q}", "{at_most: 10}", story, by="[desk]") == [
        "broken desk=1 at 09:00:00 value 12 limit 10"
    ]
    assert len(episodes("{reading: q}", "{at_most: 10}", story, by="[site]")) == 2


def test_a_grid_has_a_limit_for_each_row_and_none_for_others() -> None:
    promise = "{per: size, s: {at_most: 5}, l: {at_most: 50}}"
    story = "09:00:00 sample q=12 site=a size=s\n09:00:01 sample q=12 site=b size=l\n09:00:02 sample q=99 site=c size=x"
    assert episodes("{reading: q}", promise, story) == ["broken site=a at 09:00:00 value 12 limit 5"]


# -- events --------------------------------------------------------------------------------------------


def arrivals(*times: str) -> str:
    return "\n".join(f"{at} visit.arrived V{n} site=a" for n, at in enumerate(times))


def test_a_window_holds_what_is_younger_than_its_length_and_not_what_is_exactly_as_old() -> None:
    story = arrivals("09:00:00", "09:30:00", "09:59:59.999999") + "\n10:00:00 tick"
    assert episodes("{count: arrived, over: 1h}", "{at_most: 2}", story, "visit") == [
        "broken site=a at 09:59:59.999999 value 3 limit 2",
        "in_limits site=a at 10:00:00 value 2 limit 2",
    ]
    story = arrivals("09:00:00", "09:30:00", "10:00:00")
    assert episodes("{count: arrived, over: 1h}", "{at_most: 2}", story, "visit") == []


def test_a_calendar_window_begins_with_its_local_day() -> None:
    keys = {"objective": "{at_least: 50%, over: day, zone: Europe/Berlin}", "alert": "{on: []}"}
    story = arrivals(
        "2026-03-02 22:59:59", "2026-03-02 22:59:59.999999", "2026-03-02 23:00:00", "2026-03-02 23:00:01"
    )
    story += "\n2026-03-02 23:00:02 tick"
    assert (
        episodes("{count: arrived, over: day}", "{at_most: 1}", story, "visit", **keys)
        == [
            "broken site=a at 22:59:59.999999 value 2 limit 1",
            "in_limits site=a at 23:00:00 value 0 limit 1",  # at the boundary, before the batch of that instant is read
            "in_limits site=a at 23:00:00 value 1 limit 1",
            "broken site=a at 23:00:01 value 2 limit 1",
        ]
    )


def test_a_rate_is_how_many_for_each() -> None:
    story = """
        09:00:00 call.queued A site=a
        09:00:01 call.queued B site=a
        09:00:02 call.abandoned A
        09:00:03 call.abandoned B
        09:00:04 call.queued C site=a
    """
    measure = "{rate: abandoned, per: queued, over: 1h}"
    assert episodes(measure, "{at_most: 50%}", story, "call") == [
        "broken site=a at 09:00:03 value 1 limit 0.5"
    ]
    assert episodes(measure, "{under: 0.7}", story, "call") == [
        "broken site=a at 09:00:03 value 1 limit 0.7",
        "in_limits site=a at 09:00:04 value 0.666667 limit 0.7",
    ]


def worth(measure: str, of: str, story: str, promise: str) -> float:
    """The number after ``story``, as the episode tells it: by a promise that no number keeps."""
    said = episodes(measure, promise, story, of)[-1].split()
    assert said[0] == "broken"
    return float(said[said.index("value") + 1])


NPS = [
    # answers, score
    (["9", "10"], 100),
    (["9", "8.999"], 50),  # a passive
    (["9", "7"], 50),
    (["9", "6"], 0),  # a detractor
    (["9", "6.001"], 50),
    (["0", "6"], -100),
    (["9", "6", "6", "7"], -25),
]


@pytest.mark.parametrize(("answers", "score"), NPS)
def test_the_net_promoter_score_is_promoters_less_detractors(answers: list[str], score: int) -> None:
    story = "\n".join(f"09:00:00 survey.answered S{n} site=a r:={r}" for n, r in enumerate(answers))
    assert worth("{nps: r, at: answered, over: 1h}", "survey", story, "{between: [99.98, 99.99]}") == score


def test_repeats_are_those_of_the_combination_that_came_most_often() -> None:
    story = """
        09:00:00 request.requested A site=a room=1 category=tv
        09:01:00 request.requested B site=a room=1 category=tv
        09:02:00 request.requested C site=a room=2 category=tv
        09:03:00 request.requested D site=a room=1 category=tap
        09:04:00 request.requested E site=a room=1 category=tv
    """
    measure = "{repeats: requested, same: [room, category], over: 7d}"
    assert episodes(measure, "{at_most: 2}", story, "request") == [
        "broken site=a at 09:04:00 value 3 limit 2"
    ]


def test_a_duty_is_broken_when_the_last_is_too_long_ago() -> None:
    story = """
        09:00:00 duty.done R1 site=a
        11:00:00 watermark
        11:30:00 duty.done R2 site=a
    """
    assert episodes("{since: done}", "{at_most: 2h}", story, "duty") == [
        "broken site=a at 11:00:00 value 7200 limit 7200",
        "in_limits site=a at 11:30:00 value 0 limit 7200",
    ]
    in_time = "09:00:00 duty.done R1 site=a\n11:00:00 duty.done R2 site=a\n11:30:00 watermark"
    assert episodes("{since: done}", "{at_most: 2h}", in_time, "duty") == []
    just_after = in_time.replace("11:00:00", "11:00:00.000001")
    assert len(episodes("{since: done}", "{at_most: 2h}", just_after, "duty")) == 2


STATISTICS = [
    # of the waits 1 s, 2 s, 3 s and 10 s
    ("average", 4), ("median", 2), ("p90", 10), ("p95", 10), ("p99", 10), ("max", 10), ("min", 1), ("sum", 16),
]  # fmt: skip


@pytest.mark.parametrize(("how", "value"), STATISTICS)
def test_a_statistic_over_the_values_completed_in_the_window(how: str, value: int) -> None:
    arrived = [f"08:59:{60 - wait} visit.arrived V{wait} site=a" for wait in (10, 3, 2, 1)]
    greeted = [f"09:00:00 visit.greeted V{wait}" for wait in (3, 1, 10, 2)]
    measure = f"{{{how}: {{from: arrived, to: greeted}}, over: 1h}}"
    nobody = "{over: 1h}" if how == "min" else "{under: -1h}"  # what is still unread could only make it worse
    assert worth(measure, "visit", "\n".join([*arrived, *greeted]), nobody) == value


NEAREST_RANK = [
    # of the values 1, 2, … n: ⌈p · n⌉
    ("p90", 10, 9), ("p90", 11, 10), ("p95", 20, 19), ("p95", 21, 20), ("p99", 100, 99), ("p99", 101, 100),
    ("median", 4, 2), ("median", 5, 3), ("median", 1, 1), ("max", 100, 100),
]  # fmt: skip


@pytest.mark.parametrize(("how", "count", "rank"), NEAREST_RANK)
def test_a_percentile_is_the_value_of_the_nearest_rank(how: str, count: int, rank: int) -> None:
    story = "\n".join(f"09:00:00 survey.answered S{n} site=a r:={n}" for n in range(1, count + 1))
    assert worth(f"{{{how}: {{value: r, at: answered}}, over: 1h}}", "survey", story, "{under: -1}") == rank


# -- figures -------------------------------------------------------------------------------------------

GREETINGS = """
    09:00:00 visit.arrived A1 site=a
    09:00:01 visit.greeted A1
    09:00:02 visit.arrived B1 site=b
    09:00:03 visit.greeted B1
    09:00:10 visit.arrived B2 site=b
    09:01:10 watermark
"""


def figures(promise: str, measure: str, **keys: str) -> list[str]:
    other = standard_text(
        measure="{from: arrived, to: greeted, each: true}", id="other", promise="{within: 10m}"
    )
    book = rulebook(standard_text(), other, *number(measure, promise, **keys))
    return [line for line in tell(book, GREETINGS) if line.startswith("episode")]


def test_a_spread_is_the_best_figure_less_the_worst() -> None:
    assert figures("{at_most: 49%}", "{spread: greet, across: site}", by="[]") == [
        "episode n broken at 09:01:10 value 0.5 limit 0.49"
    ]
    assert figures("{at_most: 50%}", "{spread: greet, across: site}", by="[]") == []


def test_a_gap_is_the_first_figure_less_the_second() -> None:
    assert figures("{over: -50%}", "{gap: [greet, other]}") == [
        "episode n broken site=b at 09:01:10 value -0.5 limit -0.5"
    ]
    assert figures("{at_least: -50%}", "{gap: [greet, other]}") == []
    assert figures("{at_most: 49%}", "{gap: [other, greet]}") == [
        "episode n broken site=b at 09:01:10 value 0.5 limit 0.49"
    ]


def test_a_number_has_no_verdicts_and_a_case_no_episodes() -> None:
    count = rules(id="n", measure="{count: arrived, over: 1h}", promise="{at_most: 1}")
    assert [line.split()[0] for line in tell(count, GREETINGS)] == ["episode"]
    assert {line.split()[0] for line in tell(rules(), GREETINGS)} == {"met", "breached"}
