"""Whatever a PBX says in whatever order, with connections lost in between: no error, nothing doubled."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from standardsd.model.reading import Gap, Watermark
from standardsd.model.vocabulary import VOCABULARY
from tests.asterisk.messages import Story, agent, at, caller, queue
from tests.asterisk.recorded import stays

MESSAGES = (
    "QueueCallerJoin", "AgentCalled", "AgentRingNoAnswer", "AgentDump", "QueueCallerAbandon", "QueueCallerLeave",
    "AgentConnect", "AgentComplete", "Hold", "Unhold", "HangupRequest", "SoftHangupRequest", "Hangup",
    "BlindTransfer", "ParkedCall", "UnParkedCall", "ParkedCallTimeOut", "BridgeEnter", "VarSet",
    "LocalOptimizationBegin", "LocalOptimizationEnd",
)  # fmt: skip
WORLD = ("pong", "break", "snapshot", "channels", "boot")

step = st.tuples(
    st.sampled_from(MESSAGES + WORLD),
    st.integers(0, 1),  # which caller
    st.sampled_from(["support", "sales"]),
    st.sampled_from([0.0, 0.002, 0.3, 1.0, 4.0, 40.0]),  # how much later
    st.booleans(),
)


def told(steps: list[tuple[str, int, str, float, bool]]) -> Story:
    story, now = Story(), 0.0
    for name, who, where, later, flag in steps:
        now += later
        channel = f"1772442{who}00.{who + 1}"
        mine = {
            **queue(where, Uniqueid=channel, Linkedid=channel),
            **agent(DestUniqueid=f"1772442900.{who + 50}"),
        }
        match name:
            case "pong":
                story.pong(now)
            case "break":
                story.reconnect(now)
            case "snapshot":
                story.stream.asked(at(now))
                story.listed(
                    now, *([{"Queue": where, "Uniqueid": channel, "Wait": str(int(later))}] if flag else [])
                )
            case "channels":
                if flag:
                    shown = caller(channel, Application="Queue", ApplicationData=f"{where},t", BridgeId="b")
                    story.tell("CoreShowChannel", None, received=now, **{**shown, "Linkedid": channel})
                story.tell("CoreShowChannelsComplete", None, received=now)
            case "boot":
                story.tell("FullyBooted", None, received=now, Uptime=str(int(later)))
            case _:
                others = {
                    "TransfereeUniqueid": channel, "ParkeeUniqueid": channel, "LocalTwoUniqueid": channel, "Id": "0x1",
                    "LocalOneUniqueid": "1.1", "SourceUniqueid": f"1772442950.{who + 70}", "Result": "Success",
                    "Success": "Yes", "HoldTime": str(int(later)), "Variable": "QUEUESTATUS", "Value": "TIMEOUT",
                    "Reason": "transfer" if flag else "caller",
                }  # fmt: skip
                if name in ("Hold", "Unhold", "HangupRequest") and flag:
                    mine["Uniqueid"] = f"1772442900.{who + 50}"
                story.tell(name, now, **{**mine, **others})
    story.readings += story.stream.finish()
    return story


@given(st.lists(step, max_size=60))
def test_no_order_of_messages_doubles_a_reading_or_goes_back(
    steps: list[tuple[str, int, str, float, bool]],
) -> None:
    story = told(steps)
    marks = [reading.at for reading in story.readings if isinstance(reading, Watermark)]
    assert marks == sorted(set(marks)), "watermarks only rise"
    kind = VOCABULARY["call"]
    for name, events in stays(story.readings).items():
        words = [event.event for event in events]
        assert name.startswith("pbx/")
        assert words.count("queued") == 1, f"{name} joined {words.count('queued')} times"
        assert words.count("answered") <= 1, f"{name} was answered twice"
        assert sum(word in kind.endings for word in words) <= 1, f"{name} ended twice: {words}"
        assert not {"answered", "abandoned"} <= set(words)
        for event in events:
            assert kind.knows(event.event)
            assert event.not_before is None or event.not_before < event.at
    for reading in story.readings:
        assert not isinstance(reading, Gap) or reading.since < reading.until


@given(st.lists(step, max_size=40), st.lists(step, max_size=20))
def test_a_new_process_with_the_old_memory_says_what_the_old_one_would(
    before: list[tuple[str, int, str, float, bool]], after: list[tuple[str, int, str, float, bool]]
) -> None:
    """The cursor is the whole memory: what follows a lost connection follows a restart as well."""
    late = sum(step[3] for step in before) + 10
    one, first = told(before), told(before)
    other = Story(first.stream.memory(), sighted=None)
    one.readings.clear()
    one.readings += one.stream.connected()
    for story in (one, other):
        story.readings += story.stream.sighted(at(late))
        story.listed(late)
        for name, who, where, later, _ in after:
            channel = f"1772442{who}00.{who + 1}"
            if name in MESSAGES[:13]:
                late_at = late + 1 + later
                mine = queue(where, Uniqueid=channel, Linkedid=channel)
                story.tell(name, late_at, **{**mine, **agent(), "HoldTime": "1", "Reason": "caller"})
    assert one.readings == other.readings
