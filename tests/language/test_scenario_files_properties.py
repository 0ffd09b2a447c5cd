"""Laws of scenario files: any bytes give an answer, and what is written back holds, whatever happened."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from standardsd.language.scenarios import read_scenario
from standardsd.language.scenarios_clock import told
from standardsd.language.scenarios_run import difference, run_story, understand, updated
from standardsd.language.zones import zone
from tests.language.test_scenario_files import book, story

BOOK = book()
VIENNA = zone("Europe/Vienna")
BEGIN = VIENNA.instant(datetime(2026, 10, 25, 1, 50))
"""Ten minutes before an hour that comes twice."""
DAY = date(2026, 10, 25)

HEARD = st.one_of(
    st.tuples(
        st.sampled_from(("arrived", "greeted", "served", "left", "updated")), st.sampled_from("AB")
    ).map(lambda pair: f"visit.{pair[0]} {pair[1]} site=s{pair[1]}"),
    st.integers(0, 20).map(lambda number: f"sample queue={number} site=sA"),
    st.integers(1, 5).map(lambda number: f"survey.answered S score={number}"),
    st.sampled_from(("watermark", "tick", "retract visit.greeted A", "retract visit B")),
)


@st.composite
def stories(draw: st.DrawFn) -> str:
    """An hour or two in Vienna, over the night in which summer time ends."""
    lines = [
        "zone: Europe/Vienna",
        "tell: [verdicts, episodes, alerts, sources]",
        "sources: {desk: {max_silence: 40m}}",
    ]
    at = BEGIN
    for heard in draw(st.lists(HEARD, min_size=1, max_size=12)):
        at += timedelta(seconds=draw(st.sampled_from((0, 0.5, 30, 60, 61, 1_800, 3_600))))
        wall = told(at, DAY, VIENNA)
        day = "" if "-" in wall.partition(" ")[0] else f"{DAY} "
        lines.append(f"{day}{wall}  {heard}")
    return "\n".join([*lines, ""])


@given(stories())
@settings(max_examples=40)
def test_what_is_written_back_holds_and_stays(text: str) -> None:
    one = story(text)
    written = updated(one, list(run_story(one)))
    again = story(written)
    lines = list(run_story(again))
    assert [difference(again, line)[1] for line in lines if not line.holds] == []
    assert updated(again, lines) == written


@given(stories(), st.data())
@settings(max_examples=30)
def test_a_line_that_is_left_out_or_written_twice_never_holds(text: str, data: st.DataObject) -> None:
    one = story(text)
    lines = updated(one, list(run_story(one))).split("\n")
    expected = [number for number, line in enumerate(lines) if line.startswith("    ")]
    if not expected:
        return
    chosen = data.draw(st.sampled_from(expected))
    for other in ([], [lines[chosen]] * 2):
        wrong = story("\n".join([*lines[:chosen], *other, *lines[chosen + 1 :]]))
        assert sum(not line.holds for line in run_story(wrong)) == 1


@given(st.binary(max_size=300))
@settings(max_examples=60)
@example(b"09:00:00 visit.arrived V1\n    a=b\n")  # a first word that looks like a label
@example(b"a=b\n\xff")
@example(b"09:00:00 a=b\n")
def test_any_bytes_give_an_answer(text: bytes) -> None:
    for known in (BOOK, None):
        understood, problems = understand(read_scenario(text, "s.scenario.txt"), known)
        assert understood is not None or problems
        assert all(problem.render() for problem in problems)


WORDS = [
    *[
        "09:00:00",
        "at=",
        "due",
        "none",
        "V1",
        "#2",
        "tick",
        "gap",
        "watermark",
        "met",
        "breached",
        "final",
        "amended",
        "to",
        "nothing",
        "tell:",
        "only:",
    ],
    *[
        "standards:",
        "sample",
        "queue=4",
        "2026-03-29",
        "+01:00",
        "measured",
        "1h",
        "-2m",
        "visit.arrived",
        "visit",
        "greet",
        "V1#2",
        "(left)",
    ],
    *["rules:", "episode", "alert", "source", "story", "from=", "seq=", "not_before=", "retract", "#"],
    "\n",
    "\n   ",
]


@given(st.lists(st.sampled_from(WORDS), max_size=30))
@settings(max_examples=60)
def test_any_words_give_an_answer(words: list[str]) -> None:
    text = f"09:00:00 visit.arrived V1\n{' '.join(words)}\n".encode()
    understood, problems = understand(read_scenario(text, "s.scenario.txt"), BOOK)
    if understood is None:
        assert problems
    else:
        assert list(run_story(understood))
