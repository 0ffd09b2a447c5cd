"""Stories of calls, told message by message: how a stay ends, whose hold it is, what a snapshot means.

Times are seconds after 09:00:00.25, so that whole seconds and instants never fall together.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from standardsd.mapping import ami_visits
from standardsd.model.reading import Event, Gap, Retract, Watermark
from tests.asterisk.messages import AGENT, CALLER, Story, agent, at, caller, queue


def joined(**fields: str) -> Story:
    story = Story()
    story.tell("QueueCallerJoin", 1, **queue(**fields))
    return story


def talking() -> Story:
    story = joined()
    story.tell("AgentCalled", 1.1, **queue(), **agent())
    story.tell("QueueCallerLeave", 5, **queue())
    story.tell("AgentConnect", 5.1, **queue(), **agent(HoldTime="4", RingTime="3"))
    return story


# --- leaving the queue --------------------------------------------------------------------------

REQUEST = ("HangupRequest", 8.0)
DROP = ("SoftHangupRequest", 8.0)
OUT = ("QueueCallerAbandon", 8.5)
LEFT = ("QueueCallerLeave", 8.6)
GONE = ("Hangup", 8.7)
GONE_LATE = ("Hangup", 9.7)
ANSWER = ("AgentConnect", 8.7)
NEXT = ("QueueCallerJoin", 8.7)


@pytest.mark.parametrize(
    ("messages", "requests_seen", "said", "seconds", "exit_"),
    [
        # The caller hung up: at the request, however late app_queue notices (it hears out announcements).
        ([REQUEST, OUT, LEFT, GONE], True, "abandoned", 8.0, None),
        ([REQUEST, LEFT, GONE], True, "abandoned", 8.0, None),
        ([REQUEST, GONE], True, "abandoned", 8.0, None),
        # We threw the caller out: nobody gave up.
        ([DROP, OUT, LEFT, GONE], True, "diverted", 8.0, "pbx"),
        # Time-out and key; the dialplan may hang up at once, or late, and nobody asked for that.
        ([OUT, LEFT, GONE], True, "diverted", 8.5, "timeout"),
        ([OUT, LEFT, GONE_LATE], True, "diverted", 8.5, "timeout"),
        ([OUT, LEFT], True, "diverted", 8.5, "timeout"),
        ([LEFT, GONE], True, "diverted", 8.6, "key"),
        ([LEFT], True, "diverted", 8.6, "key"),
        # On to the next queue: whoever stands in it has not hung up.
        ([OUT, LEFT, NEXT], False, "diverted", 8.5, "timeout"),
        ([LEFT, NEXT], False, "diverted", 8.6, "key"),
        # A PBX that never says HangupRequest: a Hangup within a second makes an abandon of a time-out.
        ([OUT, LEFT, GONE], False, "abandoned", 8.5, None),
        ([OUT, LEFT, GONE_LATE], False, "diverted", 8.5, "timeout"),
        # Hung up after the time-out: the time-out was first.
        ([OUT, LEFT, ("HangupRequest", 8.65), GONE], True, "diverted", 8.5, "timeout"),
        ([LEFT, ANSWER], True, "answered", 8.7, None),
    ],
)  # fmt: skip
def test_how_a_stay_in_the_queue_ended(
    messages: list[tuple[str, float]], requests_seen: bool, said: str, seconds: float, exit_: str | None
) -> None:
    story = joined()
    if requests_seen:
        story.tell("HangupRequest", 1.5, Uniqueid="other.1", Linkedid="other.1")
    for name, when in messages:
        other = {"Queue": "second"} if name == "QueueCallerJoin" else {}
        story.tell(name, when, **{**queue(), **other}, **agent())
    story.pong(12)
    ended = [
        r for r in story.readings if isinstance(r, Event) and r.event in ("abandoned", "diverted", "answered")
    ]
    assert [event.event for event in ended] == [said]
    assert ended[0].at == at(seconds) and ended[0].labels.get("exit") == exit_


@pytest.mark.parametrize(
    ("status", "exit_"),
    [("TIMEOUT", "timeout"), ("LEAVEEMPTY", "empty"), ("LEAVEUNAVAIL", "empty"), ("WITHDRAW", "withdrawn"),
     ("CONTINUE", "continue"), ("NEWWORD", "newword")],
)  # fmt: skip
def test_with_class_dialplan_the_pbx_says_why_it_let_go(status: str, exit_: str) -> None:
    story = joined()
    story.tell("QueueCallerAbandon", 8, **queue())
    story.tell("VarSet", 8, **caller(Variable="QUEUESTATUS", Value=status))
    assert story.event("diverted").labels["exit"] == exit_
    assert story.event("diverted").at == at(8)


def test_an_abandon_is_said_the_moment_it_is_certain_and_a_key_after_a_second() -> None:
    story = joined()
    story.tell("HangupRequest", 4, **caller())
    story.tell("QueueCallerAbandon", 4.5, **queue())
    assert story.said()[-1] == ("abandoned", 4.0)
    story = joined()
    story.tell("QueueCallerLeave", 4, **queue())
    story.pong(4.999)
    assert story.said()[-1][0] == "queued"
    story.pong(5)
    assert story.said()[-1] == ("diverted", 4.0)


def test_no_watermark_passes_what_is_not_decided_and_none_waits_for_ever() -> None:
    story = joined()
    story.listed(1)
    story.tell("HangupRequest", 4, **caller())
    story.pong(6)
    assert [r.at for r in story.readings if isinstance(r, Watermark)] == [at(4) - timedelta(microseconds=1)]
    story.pong(9.1)  # more than 5 s later nothing explains it any more
    assert [r.at for r in story.readings if isinstance(r, Watermark)][-1] == at(9.05)


def test_an_agent_who_misses_a_ring_is_told_by_how() -> None:
    story = joined()
    story.tell("AgentCalled", 2, **queue(), **agent())
    story.tell("AgentRingNoAnswer", 10, **queue(), **agent(RingTime="8000"))
    story.tell("AgentDump", 12, **queue(), **agent())
    missed = [r for r in story.readings if isinstance(r, Event) and r.event == "ring_missed"]
    assert [event.labels["missed"] for event in missed] == ["no_answer", "dumped"]
    story.tell("HangupRequest", 13, **caller())
    story.tell("AgentDump", 13.5, **queue(), **agent())
    assert story.said().count(("ring_missed", 13.5)) == 0, "the caller had hung up; nobody missed them"


# --- ids ----------------------------------------------------------------------------------------


def test_a_caller_who_joins_again_begins_another_stay_with_the_next_number() -> None:
    story = joined()
    story.tell("QueueCallerLeave", 3, **queue())
    story.tell("QueueCallerJoin", 10, **queue())
    story.tell("QueueCallerLeave", 12, **queue())
    story.tell("QueueCallerJoin", 20, **queue("second"))
    ids = [r.id for r in story.readings if isinstance(r, Event) and r.event == "queued"]
    assert ids == [f"pbx/{CALLER}/support/1", f"pbx/{CALLER}/support/2", f"pbx/{CALLER}/second/1"]


def test_the_pbxs_name_stands_in_an_id_exactly_once() -> None:
    without = joined(SystemName="north")
    within = joined(SystemName="north", Uniqueid=f"north-{CALLER}", Linkedid=f"north-{CALLER}")
    assert without.event("queued").id == within.event("queued").id == f"pbx/north-{CALLER}/support/1"
    assert within.event("queued").labels == {"queue": "support", "contact": f"north-{CALLER}", "pbx": "north"}


def test_the_same_ids_on_two_pbxs_are_two_calls() -> None:
    story = joined(SystemName="north")
    story.tell("QueueCallerJoin", 2, **queue(SystemName="south"))
    story.tell("HangupRequest", 4, **caller(SystemName="south"))
    story.tell("QueueCallerAbandon", 4.1, **queue(SystemName="south"))
    left = story.event("abandoned")
    assert left.labels["pbx"] == "south" and story.stream.open_visits == 1


def test_an_id_that_is_too_long_is_not_said_rather_than_cut_into_anothers() -> None:
    story = joined(Queue="q" * 300)
    assert story.readings == []
    assert [rejected.reason for _, rejected in story.stream.rejected()] == ["id_too_long"]
    assert story.stream.rejected() == [], "told once"


def test_more_calls_than_can_be_kept_forget_the_oldest_and_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ami_visits, "visits_max", 10)
    story = Story()
    for number in range(13):
        story.tell(
            "QueueCallerJoin", 1 + number, **{**queue(), "Uniqueid": f"1.{number}", "Linkedid": f"1.{number}"}
        )
    assert story.stream.open_visits == 10
    ((_, rejected),) = story.stream.rejected()
    assert rejected.reason == "too_many_calls" and rejected.what.startswith("3 stays")


# --- talking ------------------------------------------------------------------------------------


def test_only_the_agents_own_hold_is_a_hold() -> None:
    story = talking()
    story.tell("Hold", 10, **caller())  # the caller's own
    story.tell("MusicOnHoldStart", 10, **caller(AGENT))
    story.tell("Unhold", 12, **caller())
    story.tell(
        "Hold", 13, Uniqueid=f"{int(at(-100).timestamp())}.2", Linkedid=CALLER
    )  # older: the caller's side
    story.tell("Hold", 20, **caller(AGENT))
    story.tell("Hold", 21, **caller(AGENT))  # said twice
    story.tell("Unhold", 30, **caller(AGENT))
    story.tell("Unhold", 31, **caller(AGENT))
    assert [said for said in story.said() if said[0] in ("held", "resumed")] == [
        ("held", 20),
        ("resumed", 30),
    ]


def test_a_hold_on_the_phone_behind_a_local_member_is_the_agents() -> None:
    story = talking()
    phone = f"{int(at(2).timestamp())}.14"
    story.tell("Hold", 20, **caller(phone))
    assert story.said()[-1] == ("held", 20)


def test_a_hold_that_is_not_taken_back_ends_with_the_stay() -> None:
    story = talking()
    story.tell("Hold", 10, **caller(AGENT))
    story.tell("HangupRequest", 15, **caller())
    story.tell("AgentComplete", 15.2, **queue(), **agent(HoldTime="4", TalkTime="10", Reason="caller"))
    assert story.said()[-1] == ("ended", 15) and story.event("ended").labels["ended_by"] == "caller"


@pytest.mark.parametrize(
    ("channel", "reason", "when"),
    [
        (CALLER, "caller", 15.0),
        (AGENT, "agent", 15.0),
        ("elsewhere.9", "agent", 15.5),  # somebody else's hang-up; the AgentComplete is all there is
    ],
)
def test_a_stay_ends_at_the_hangup_request_that_caused_it(channel: str, reason: str, when: float) -> None:
    story = talking()
    linked = CALLER if channel != "elsewhere.9" else channel
    story.tell("HangupRequest", 15, Uniqueid=channel, Linkedid=linked)
    story.tell("AgentComplete", 15.5, **queue(), **agent(Reason=reason))
    assert story.said()[-1] == ("ended", when)


def test_a_late_agentcomplete_does_not_hold_up_the_end() -> None:
    story = talking()
    story.tell("HangupRequest", 15, **caller())
    story.tell("Hangup", 15.1, **caller())
    assert story.said()[-1] == ("ended", 15)
    story.tell("AgentComplete", 40, **queue(), **agent(Reason="caller"))
    assert story.said()[-1] == ("ended", 15)


def test_an_agentcomplete_without_the_caller_or_with_another_channel_finds_its_stay() -> None:
    for fields in ({**agent(), "Queue": "support"}, {**queue(), **agent(), "Uniqueid": "1.99"}):
        story = talking()
        story.tell("AgentComplete", 15, **{**fields, "Reason": "agent"})
        assert story.said()[-1] == ("ended", 15)


def test_a_blind_transfer_ends_the_stay_a_moment_later_unless_it_is_parking() -> None:
    story = talking()
    story.tell("Hold", 8, **caller(AGENT))
    story.tell("BlindTransfer", 10, Result="Success", TransfereeUniqueid=CALLER, TransfererUniqueid=AGENT)
    story.tell("AgentComplete", 10, **queue(), **agent(Reason="transfer"))
    story.pong(10.5)
    assert story.said()[-1] == ("transferred", 10)
    story.pong(11.1)
    assert story.said()[-1] == ("ended", 10) and story.event("ended").labels["ended_by"] == "transfer"
    assert ("resumed", 10) not in story.said(), "a hold not taken back ends with the stay"


def test_a_transfer_that_failed_is_none() -> None:
    story = talking()
    story.tell("BlindTransfer", 10, Result="Fail", TransfereeUniqueid=CALLER)
    assert story.said()[-1] == ("answered", 5.1)


def test_a_parked_caller_is_parked_until_somebody_speaks_with_them() -> None:
    story = talking()
    story.tell("AgentComplete", 10, **queue(), **agent(Reason="transfer"))
    story.tell("ParkedCall", 10.01, ParkeeUniqueid=CALLER, ParkeeLinkedid=CALLER)
    story.tell("BridgeEnter", 10.02, **caller())  # into the parking lot
    story.pong(60)
    story.tell("ParkedCallTimeOut", 70, ParkeeUniqueid=CALLER, ParkeeLinkedid=CALLER)
    story.tell("BridgeEnter", 73, **caller())
    story.tell("HangupRequest", 80, **caller())
    story.tell("Hangup", 80.1, **caller())
    parked = [said for said in story.said() if said[0] in ("parked", "unparked", "ended")]
    assert parked == [("parked", 10.01), ("unparked", 73), ("ended", 80)]
    assert story.event("unparked").labels["unparked"] == "timed_out"


def test_a_parked_caller_who_hangs_up_ends_the_stay() -> None:
    story = talking()
    story.tell("AgentComplete", 10, **queue(), **agent(Reason="transfer"))
    story.tell("ParkedCall", 10.01, ParkeeUniqueid=CALLER)
    story.tell("HangupRequest", 20, **caller())
    story.tell("Hangup", 20.1, **caller())
    assert story.said()[-1] == ("ended", 20)


def test_a_caller_whose_channel_is_replaced_stays_the_same_interaction() -> None:
    story = talking()
    begin = {"LocalOneUniqueid": "1.50", "LocalTwoUniqueid": CALLER, "SourceUniqueid": "1.60", "Id": "0x1"}
    story.tell("LocalOptimizationBegin", 6, **begin)
    story.tell(
        "LocalOptimizationEnd", 6.1, LocalOneUniqueid="1.50", LocalTwoUniqueid=CALLER, Success="Yes", Id="0x1"
    )
    story.tell("Hangup", 6.2, **caller())  # the Local half, not the caller
    assert story.said()[-1] == ("answered", 5.1)
    story.tell("AgentComplete", 20, **{**queue(), "Uniqueid": "1.60"}, **agent(Reason="caller"))
    assert story.said()[-1] == ("ended", 20) and story.event("ended").id == f"pbx/{CALLER}/support/1"


def test_two_agents_who_pick_up_at_once_are_one_answer() -> None:
    story = talking()
    story.tell("AgentConnect", 5.2, **queue(), **agent(HoldTime="4"))
    assert [name for name, _ in story.said()].count("answered") == 1


def test_an_answer_whose_join_was_never_seen_tells_the_second_of_the_join() -> None:
    story = Story()
    story.tell("AgentConnect", 10, **queue(), **agent(HoldTime="4"))
    queued = story.event("queued")
    assert queued.not_before is not None
    # 09:00:10 less 4 s is 09:00:06, and somewhere in that second it was.
    assert queued.not_before < at(5.75) <= queued.at == at(6.75)
    assert story.said()[-1] == ("answered", 10)


def test_an_agentcomplete_of_an_unknown_stay_invents_none() -> None:
    story = Story()
    story.tell("AgentComplete", 10, **queue(), **agent(HoldTime="4", TalkTime="3", Reason="caller"))
    story.tell("Hangup", 10.1, **caller())
    assert story.readings == []


# --- snapshots and gaps -------------------------------------------------------------------------


def entry(wait: int, channel: str = CALLER, name: str = "support") -> dict[str, str]:
    return {"Queue": name, "Uniqueid": channel, "Wait": str(wait)}


def test_a_caller_in_the_first_snapshot_joined_in_the_second_that_wait_names() -> None:
    story = Story(sighted=10.0)
    story.listed(10.0, entry(7, channel="1.7"))
    queued = story.event("queued")
    assert queued.not_before is not None
    # 09:00:10.25 is second 10; 7 whole seconds before that is second 3: 2.75 to 3.75 after 09:00:00.25.
    assert queued.not_before < at(2.75) and queued.at == at(3.75)


def test_a_channel_made_in_that_second_joined_no_earlier_than_it_was_made() -> None:
    story = Story(sighted=10.0)
    made = int(at(9).timestamp())
    story.listed(12.0, entry(1, channel=f"{made}.7"))
    queued = story.event("queued")
    assert queued.not_before is not None and queued.not_before.timestamp() == pytest.approx(made, abs=1e-5)


def test_a_join_that_is_read_behind_the_snapshot_that_shows_it_is_the_same_join() -> None:
    story = Story(sighted=10.0)
    story.listed(10.5, entry(0))
    story.tell("QueueCallerJoin", 10.3, **queue())
    assert story.stream.open_visits == 1
    back = [r for r in story.readings if isinstance(r, Retract)]
    assert [(r.event, r.id) for r in back] == [("queued", f"pbx/{CALLER}/support/1")]
    assert story.said()[-1] == ("queued", 10.3)
    assert {r.id for r in story.readings if isinstance(r, Event)} == {f"pbx/{CALLER}/support/1"}


def test_a_snapshot_of_who_is_known_says_nothing_new() -> None:
    story = joined()
    for number in range(3):
        story.stream.asked(at(10 + number))
        story.listed(10 + number, entry(9 + number))
    assert story.said() == [("queued", 1)]


def test_after_a_gap_who_still_waits_is_updated_at_its_end_and_who_does_not_is_left_unsaid() -> None:
    story = joined()
    story.tell("QueueCallerJoin", 2, **{**queue(), "Uniqueid": "1.20", "Linkedid": "1.20"})
    story.reconnect(30)
    story.listed(30.1, entry(29))
    gap = next(r for r in story.readings if isinstance(r, Gap))
    assert (gap.since, gap.until) == (at(2), at(30))
    updated = story.event("updated")
    assert (updated.id, updated.at) == (f"pbx/{CALLER}/support/1", at(30))
    assert not [name for name, _ in story.said() if name in ("abandoned", "diverted", "answered")]


def test_the_gap_goes_on_while_tries_to_come_back_fail() -> None:
    story = joined()
    story.readings += story.stream.connected()
    story.pong(20)  # let in, and lost again before events flowed
    story.readings += story.stream.connected()
    story.readings += story.stream.sighted(at(30))
    gap = next(r for r in story.readings if isinstance(r, Gap))
    assert (gap.since, gap.until) == (at(1), at(30))


def test_no_watermark_is_said_between_the_gap_and_its_snapshot() -> None:
    story = joined()
    story.reconnect(30)
    story.pong(31)
    assert not [r for r in story.readings if isinstance(r, Watermark)]
    story.listed(31.5, entry(29))
    story.pong(32)
    assert [r.at for r in story.readings if isinstance(r, Watermark)] == [at(31.95)]


def test_a_pbx_without_queues_is_not_waited_for() -> None:
    story = Story()
    story.stream.no_snapshot()
    story.pong(1)
    assert [r.at for r in story.readings if isinstance(r, Watermark)] == [at(0.95)]


def test_a_stay_answered_in_the_gap_is_told_by_the_channels_and_then_by_holdtime() -> None:
    story = joined()
    story.reconnect(30)
    story.listed(30.1)
    channel = {
        "Application": "Queue",
        "ApplicationData": "support,tT",
        "BridgeId": "b-1",
        "Duration": "00:00:29",
    }
    story.tell("CoreShowChannel", None, received=30.2, **caller(**channel))
    story.tell("CoreShowChannelsComplete", None, received=30.2, EventList="Complete")
    answered = story.event("answered")
    assert (answered.not_before, answered.at) == (at(1), at(30))
    story.tell("AgentComplete", 40, **queue(), **agent(HoldTime="6", Reason="caller"))
    answers = [r for r in story.readings if isinstance(r, Event) and r.event == "answered"]
    back = [r for r in story.readings if isinstance(r, Retract)]
    assert [(r.event, r.at) for r in back] == [("answered", at(30))]
    # Joined in second 1, waited 6 whole seconds: answered in second 7.
    assert answers[-1].at == at(7.75) and answers[-1].not_before == at(6.75) - timedelta(microseconds=1)
    assert story.said()[-1] == ("ended", 40)


def test_a_hold_after_the_gap_proves_the_answer_in_it() -> None:
    story = joined()
    story.reconnect(30)
    story.listed(30.1)
    story.tell("Hold", 35, **caller(AGENT))
    answered = story.event("answered")
    assert (answered.not_before, answered.at) == (at(1), at(30))
    assert story.said()[-1] == ("held", 35)


def test_a_talk_whose_channel_is_gone_after_the_gap_ended_in_it() -> None:
    story = talking()
    story.reconnect(30)
    story.listed(30.1)
    story.tell("CoreShowChannelsComplete", None, received=30.2, EventList="Complete")
    ended = story.event("ended")
    assert (ended.not_before, ended.at) == (at(5.1), at(30))


def test_a_caller_who_waits_again_after_the_gap_has_begun_another_stay() -> None:
    story = talking()
    story.reconnect(30)
    story.listed(30.1, entry(3))
    ids = [r.id for r in story.readings if isinstance(r, Event) and r.event == "queued"]
    assert ids == [f"pbx/{CALLER}/support/1", f"pbx/{CALLER}/support/2"]
    ended = story.event("ended")
    assert ended.id == ids[0] and ended.not_before == at(5.1) and ended.at <= at(30)


def test_a_restarted_pbx_has_none_of_its_calls_left() -> None:
    story = talking()
    story.tell("QueueCallerJoin", 6, **{**queue(), "Uniqueid": "1.20", "Linkedid": "1.20"})
    story.reconnect(30)
    story.tell("FullyBooted", None, received=30.1, Uptime="3")
    assert story.stream.open_visits == 0
    assert (story.event("ended").not_before, story.event("ended").at) == (at(6), at(30))
    assert not [name for name, _ in story.said() if name in ("abandoned", "diverted")]


def test_a_pbx_that_ran_on_keeps_its_calls() -> None:
    story = talking()
    story.reconnect(30)
    story.tell("FullyBooted", None, received=30.1, Uptime="4000")
    assert story.stream.open_visits == 1


def test_two_snapshots_without_a_caller_prove_that_events_were_lost() -> None:
    story = joined()
    story.stream.asked(at(10))
    story.listed(10.1)
    assert not [r for r in story.readings if isinstance(r, Gap)], "one list may be older than the events"
    story.stream.asked(at(20))
    story.listed(20.1)
    gap = next(r for r in story.readings if isinstance(r, Gap))
    assert (gap.since, gap.until) == (at(1), at(20)), "since the join, because no list showed it"


def test_a_list_that_nobody_asked_for_proves_no_loss() -> None:
    """In a recording of two PBXs, the list of one does not show who waits at the other."""
    story = joined()
    story.listed(10)
    story.listed(20)
    story.listed(30)
    assert not [r for r in story.readings if isinstance(r, Gap)]


def test_a_caller_whom_a_snapshot_missed_is_waiting_as_soon_as_the_queue_says_so() -> None:
    story = joined()
    story.reconnect(30)
    story.listed(30.1)
    story.tell("AgentRingNoAnswer", 35, **queue(), **agent())
    story.tell("HangupRequest", 40, **caller())
    story.tell("QueueCallerAbandon", 40.1, **queue())
    assert [name for name, _ in story.said()] == ["queued", "ring_missed", "abandoned"]


def test_what_is_certain_when_sight_is_lost_is_said_and_a_leave_alone_is_not() -> None:
    story = joined()
    story.tell("HangupRequest", 4, **caller())
    story.readings += story.stream.connected()
    assert story.said()[-1] == ("abandoned", 4)
    story = joined()
    story.tell("QueueCallerLeave", 4, **queue())
    story.reconnect(30)
    story.pong(40)
    assert story.said() == [("queued", 1)], "the answer may be what was missed"


def test_memory_keeps_a_half_told_story_for_the_next_process() -> None:
    story = talking()
    again = Story(story.stream.memory(), sighted=30)
    again.tell("HangupRequest", 40, **caller())
    again.tell("AgentComplete", 40, **queue(), **agent(Reason="caller"))
    gap = next(r for r in again.readings if isinstance(r, Gap))
    assert (gap.since, gap.until) == (at(5.1), at(30))
    assert again.said() == [("ended", 40)] and again.event("ended").id == story.event("queued").id


def test_without_stamps_the_time_of_receipt_is_brought_to_the_pbxs_clock() -> None:
    story = Story()
    story.stream.offset = timedelta(seconds=5)
    story.tell("QueueCallerJoin", None, received=10, **queue())
    assert story.said() == [("queued", 15)]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"Queue": ""}, "missing_field"),
        ({"Uniqueid": ""}, "missing_field"),
        ({"Timestamp": "soon"}, "bad_field"),
        ({"Timestamp": "99999999999999999999999"}, "bad_field"),
    ],
)
def test_a_record_without_a_field_is_rejected_by_name_and_changes_nothing(
    fields: dict[str, str], reason: str
) -> None:
    story = Story()
    story.tell("QueueCallerJoin", None if "Timestamp" in fields else 1, received=1, **{**queue(), **fields})
    ((_, rejected),) = story.stream.rejected()
    assert rejected.reason == reason and story.readings == []
    assert "15550100" not in rejected.what
