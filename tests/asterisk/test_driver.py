"""The driver against a manager port that misbehaves in every way that one can."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from standardsd.daemon.troubles import sentence
from standardsd.drivers import ami_connection
from standardsd.drivers.ami import AmiDriver, AmiSettings
from standardsd.drivers.backoff import Backoff, refused_pause
from standardsd.drivers.base import DriverSetup
from standardsd.mapping.ami_stream import AmiStream
from standardsd.model.reading import Event, Gap
from tests.asterisk.fake_pbx import BANNER, Connection, FakePbx
from tests.asterisk.recorded import definition
from tests.asterisk.shell import KeepingShell, Sleeps, driver

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def running(made: AmiDriver, shell: KeepingShell) -> AsyncIterator[None]:
    task = asyncio.create_task(made.run(shell))
    try:
        yield
        assert not task.done(), task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@contextlib.asynccontextmanager
async def serving(serve: Serve) -> AsyncIterator[int]:
    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await serve(reader, writer)
        writer.close()

    server = await asyncio.start_server(guarded, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def joined(now: float, channel: str = "1795000000.1", *, stamped: bool = True) -> bytes:
    stamp = f"Timestamp: {now:.6f}\r\n" if stamped else ""
    return (
        f"Event: QueueCallerJoin\r\n{stamp}Uniqueid: {channel}\r\nLinkedid: {channel}\r\nQueue: support\r\n\r\n"
    ).encode()


# --- letting in ---------------------------------------------------------------------------------


@pytest.mark.parametrize("auth", ["md5", "plain"])
async def test_it_logs_in_without_events_and_asks_for_the_queues_behind_the_second_ping(auth: str) -> None:
    pbx, shell = FakePbx([Connection(0.0)], ahead=0.0), KeepingShell()
    async with pbx.run() as port, running(driver(port, auth=auth), shell):
        await shell.until(lambda seen: seen.ups == 1 and seen.proven() is not None)
    asked = [action["Action"] for action in pbx.asked]
    login = ["Challenge", "Login"] if auth == "md5" else ["Login"]
    setting_up = ["Ping", "Events", "Ping", "QueueStatus", "CoreShowChannels", "Ping"]
    assert asked[: len(login) + len(setting_up)] == [*login, *setting_up]
    sent = repr(pbx.asked)
    assert ("quiet" in sent) == (auth == "plain"), "with MD5 the secret is never sent"


async def test_three_wrong_passwords_make_at_most_one_try_a_minute() -> None:
    pbx, shell, sleeps = FakePbx([Connection(0.0)]), KeepingShell(), Sleeps(give_up_after=6)
    async with pbx.run() as port, running(driver(port, sleeps, secret="wrong"), shell):
        await shell.until(lambda seen: len(seen.troubles) == 6)
    assert pbx.logins == 6
    assert sleeps.seconds[:2] == [1.0, 2.0]
    assert all(seconds >= 60 for seconds in sleeps.seconds[2:]), sleeps.seconds
    last = shell.troubles[-1]
    assert (last.doing, last.error, last.attempts) == ("logging in", "Authentication failed", 6)
    assert "username and secret" in last.fix and last.next_try is not None
    assert last.since == shell.troubles[0].since and shell.readings == []
    assert "wrong" not in repr(shell.troubles)


async def test_an_error_between_two_wrong_passwords_does_not_buy_more_tries() -> None:
    waits = Backoff(uniform=lambda low, high: low)
    for refused in (True, True, False, True):
        pause = waits.failed(refused=refused)
    assert pause >= refused_pause
    waits.let_in()
    assert waits.failed(refused=True) < timedelta(minutes=2)
    waits.worked()
    assert waits.failed(refused=False) == timedelta(seconds=1)


def test_waiting_grows_to_a_minute_and_is_never_in_step() -> None:
    low, high = Backoff(uniform=lambda a, b: a), Backoff(uniform=lambda a, b: b)
    shortest = [low.failed(refused=False).total_seconds() for _ in range(40)]
    longest = [high.failed(refused=False).total_seconds() for _ in range(40)]
    assert shortest[:8] == [1, 2, 4, 8, 16, 32, 60, 60] and shortest[-1] == 60
    assert longest == [1.5 * seconds for seconds in shortest]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    key, made = folder / "key.pem", folder / "cert.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run([*command, *names, "-keyout", key, "-out", made], check=True, capture_output=True)
    return made, key


def _context(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    return context


@pytest.mark.parametrize("trust", [{"tls_ca": True}, {"tls_verify": "false"}])
async def test_it_logs_in_over_tls(certificate: tuple[Path, Path], trust: dict[str, object]) -> None:
    settings = {key: str(certificate[0]) if value is True else value for key, value in trust.items()}
    pbx, shell = FakePbx([Connection(0.0)], ahead=0.0), KeepingShell()
    async with pbx.run(_context(certificate)) as port, running(driver(port, tls="true", **settings), shell):
        await shell.until(lambda seen: seen.ups == 1)
    assert shell.troubles == [] and pbx.logins == 1


async def test_a_certificate_nobody_vouches_for_is_refused_by_name(certificate: tuple[Path, Path]) -> None:
    pbx, shell = FakePbx([Connection(0.0)]), KeepingShell()
    async with pbx.run(_context(certificate)) as port, running(driver(port, Sleeps(1), tls="true"), shell):
        await shell.until(lambda seen: len(seen.troubles) == 1)
    assert "certificate is not trusted" in shell.troubles[0].error and "tls_ca" in shell.troubles[0].fix
    assert pbx.logins == 0


async def test_a_secret_file_is_read_when_it_is_needed_and_its_first_line_counts() -> None:
    pbx, shell = FakePbx([Connection(0.0)], ahead=0.0), KeepingShell()
    async with pbx.run() as port:
        given = {"host": "127.0.0.1", "port": port, "username": "standardsd", "secret_file": "ami.secret"}
        texts = {"ami.secret": "quiet\nignored\n"}
        made = AmiDriver(definition(), DriverSetup("pbx", given, {}, texts.__getitem__), sleep=Sleeps())
        async with running(made, shell):
            await shell.until(lambda seen: seen.ups == 1)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"hots": "x"}, "hots"),
        ({"secret_file": "a"}, "not both"),  # and a secret
        ({"ping_every": "5"}, "write 5s"),  # a number has no unit
        ({"ping_every": "0s"}, "ping_every"),
        ({"port": "70000"}, "65535"),
        ({"username": "a\r\nAction: Originate"}, "username"),  # would be another header
        ({"auth": "kerberos"}, "md5"),
        ({"secret": "quiet\nAction: Originate"}, "secret"),
    ],
)  # fmt: skip
def test_wrong_settings_are_told_before_anything_is_touched(settings: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError) as error:
        driver(5038, **settings)
    assert told in str(error.value)
    assert "quiet" not in str(error.value), "a secret is in no error"


def test_the_definition_describes_exactly_the_settings_that_the_driver_takes() -> None:
    fields = AmiSettings.model_fields
    assert {setting.name for setting in definition().settings} == set(fields)
    for setting in definition().settings:
        assert setting.required == fields[setting.name].is_required(), setting.name
        if setting.default is not None:
            given = {"host": "x", "username": "x", "secret": "x", setting.name: setting.default}
            assert getattr(AmiSettings.model_validate(given), setting.name) == fields[setting.name].default


# --- a port that is none, or that breaks --------------------------------------------------------


async def test_another_service_is_known_by_its_greeting() -> None:
    async def ssh(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        await reader.read()

    shell = KeepingShell()
    async with serving(ssh) as port, running(driver(port, Sleeps(1)), shell):
        await shell.until(lambda seen: len(seen.troubles) == 1)
    assert shell.troubles[0].doing == "waiting for its greeting" and "'SSH-2.0" in shell.troubles[0].error
    assert "5038" in shell.troubles[0].fix


async def test_a_port_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    monkeypatch.setattr(ami_connection, "greet_seconds", 0.1)  # else this test waits for 15 s
    shell = KeepingShell()
    async with serving(silent) as port, running(driver(port, Sleeps(1)), shell):
        await shell.until(lambda seen: len(seen.troubles) == 1)
    told = (shell.troubles[0].error, shell.troubles[0].doing)
    assert told == ("no answer within 0.1 s", "waiting for its greeting")


async def test_nobody_there_is_told_with_what_to_check() -> None:
    async with serving(lambda reader, writer: asyncio.sleep(0)) as port:
        pass
    shell = KeepingShell()
    async with running(driver(port, Sleeps(1)), shell):
        await shell.until(lambda seen: len(seen.troubles) == 1)
    assert shell.troubles[0].error == "connection refused" and "manager.conf" in shell.troubles[0].fix
    told = sentence("pbx", shell.troubles[0])
    assert told.startswith(f"pbx: connection refused while connecting to 127.0.0.1:{port}, failing since ")
    assert " UTC (1 attempt); check host and port" in told


async def test_a_pbx_that_answers_no_ping_is_left_and_tried_again() -> None:
    pbx, shell = FakePbx([Connection(0.0)], mute=True), KeepingShell()
    quick = {"ping_deadline": "100ms", "ping_every": "20ms"}
    async with pbx.run() as port, running(driver(port, Sleeps(2), **quick), shell):
        await shell.until(lambda seen: len(seen.troubles) == 2)
    assert all("pinging" in trouble.doing for trouble in shell.troubles)
    assert shell.readings == [], "what is not proven is not said"


async def test_a_message_cut_in_two_by_the_end_is_counted_and_the_gap_is_told() -> None:
    now = datetime.now(UTC).timestamp()
    whole, half = joined(now - 5), joined(now - 4, "1795000000.2")[:60]
    first = Connection(0.0, [(whole, 0.0), (half, 0.0)], ends=True)
    pbx, shell = FakePbx([first, Connection(0.0)], ahead=0.0), KeepingShell()
    async with pbx.run() as port, running(driver(port), shell):
        await shell.until(lambda seen: any(isinstance(r, Gap) for r in seen.readings))
    refused = [one for batch in shell.batches for one in batch.rejected]
    assert [one.reason for one in refused] == ["cut"]
    gap = next(r for r in shell.readings if isinstance(r, Gap))
    assert gap.since.timestamp() >= now - 4 and gap.until > gap.since
    assert [r.event for r in shell.readings if isinstance(r, Event)] == ["queued"]


async def test_an_endless_message_costs_no_memory_and_what_follows_is_read() -> None:
    now = datetime.now(UTC).timestamp()
    long = b"Event: VarSet\r\n" + b"Value: " + b"x" * 3_000_000 + b"\r\n\r\n"
    pbx = FakePbx([Connection(0.0, [(long, 0.0), (joined(now), 0.0)])], ahead=0.0)
    shell = KeepingShell()
    async with pbx.run() as port, running(driver(port), shell):
        await shell.until(lambda seen: any(isinstance(r, Event) for r in seen.readings))
    assert [one.reason for batch in shell.batches for one in batch.rejected] == ["too_long"]


async def test_a_judge_that_stands_still_costs_the_connection_and_never_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ami_connection, "buffer_bytes_max", 200_000)
    now = datetime.now(UTC).timestamp()
    flood = b"".join(joined(now + n / 1000, f"1795000000.{n}") for n in range(20_000))
    pbx, shell = FakePbx([Connection(0.0, [(flood, 0.0)])], ahead=0.0), KeepingShell(slow=0.2)
    async with pbx.run() as port, running(driver(port, Sleeps(1)), shell):
        await shell.until(lambda seen: len(seen.troubles) == 1)
    assert "more came than could be judged" in shell.troubles[0].error


async def test_a_client_that_is_thrown_out_decides_at_once_what_it_can() -> None:
    """The caller hung up and the connection broke: that is an abandon now, not when the PBX is back."""
    now = datetime.now(UTC).timestamp()
    hung_up = (
        joined(now - 3)
        .replace(b"QueueCallerJoin", b"HangupRequest")
        .replace(str(now - 3)[:10].encode(), str(now - 1)[:10].encode())
    )
    pbx = FakePbx([Connection(0.0, [(joined(now - 3) + hung_up, 0.0)], ends=True)], ahead=0.0)
    shell = KeepingShell()
    async with pbx.run() as port, running(driver(port, Sleeps(1)), shell):
        await shell.until(lambda seen: len(seen.troubles) == 1)
        await shell.until(
            lambda seen: any(isinstance(r, Event) and r.event == "abandoned" for r in seen.readings)
        )


# --- clocks and pings ---------------------------------------------------------------------------


async def test_the_clock_offset_is_measured_and_readings_stay_on_the_pbxs_clock() -> None:
    pbx = FakePbx([Connection(0.0, [(joined(0, stamped=False), 0.0)])], ahead=100.0)
    shell = KeepingShell()
    async with pbx.run() as port, running(driver(port), shell):
        await shell.until(lambda seen: any(isinstance(r, Event) for r in seen.readings))
    assert shell.offsets[-1] == pytest.approx(100.0, abs=0.5)
    event = next(r for r in shell.readings if isinstance(r, Event))
    assert (event.at - shell.now()).total_seconds() == pytest.approx(100.0, abs=1.0), "received, on its clock"


async def test_it_pings_at_the_next_due_instant_and_not_all_the_time() -> None:
    pbx, shell = FakePbx([Connection(0.0)], ahead=0.0), KeepingShell()
    async with pbx.run() as port, running(driver(port, ping_every="60s"), shell):
        await shell.until(lambda seen: seen.ups == 1 and seen.proven() is not None)
        await asyncio.sleep(0.1)
        before = len([action for action in pbx.asked if action["Action"] == "Ping"])
        due = shell.now() + timedelta(seconds=0.3)
        shell.due = due
        shell.changed.set()
        await shell.until(lambda seen: seen.proven() is not None and seen.proven() >= due)
        late = (shell.now() - due).total_seconds()
        shell.due = None
    pings = len([action for action in pbx.asked if action["Action"] == "Ping"]) - before
    assert pings <= 3, "the due instant needs one ping, not a storm"
    assert late < 1.0, "proven 50 ms after due, not at the next of the regular pings"


async def test_an_instant_that_cannot_be_proven_yet_is_asked_for_four_times_a_second() -> None:
    """The caller has hung up and the queue has not noticed: no watermark may pass that, however often one asks."""
    now = datetime.now(UTC).timestamp()
    request = joined(now).replace(b"QueueCallerJoin", b"HangupRequest")
    pbx, shell = FakePbx([Connection(0.0, [(joined(now - 1) + request, 0.0)])], ahead=0.0), KeepingShell()
    async with pbx.run() as port, running(driver(port, ping_every="60s"), shell):
        await shell.until(lambda seen: any(isinstance(r, Event) for r in seen.readings))
        shell.due = shell.now()
        shell.changed.set()
        before = len(pbx.asked)
        await asyncio.sleep(1.0)
        asked = len(pbx.asked) - before
        shell.due = None
    assert 2 <= asked <= 6
    assert shell.proven() is None or shell.proven().timestamp() < now


async def test_snapshots_are_compared_every_so_often() -> None:
    pbx, shell = FakePbx([Connection(0.0)], ahead=0.0), KeepingShell()
    async with pbx.run() as port, running(driver(port, reconcile_every="100ms", ping_every="50ms"), shell):
        async with asyncio.timeout(10):
            while sum(action["Action"] == "QueueStatus" for action in pbx.asked) < 3:
                await asyncio.sleep(0.02)


async def test_after_a_restart_the_cursor_makes_a_gap_and_keeps_who_waits() -> None:
    now = datetime.now(UTC).timestamp()
    entry = b"Event: QueueEntry\r\nQueue: support\r\nUniqueid: 1795000000.1\r\nWait: 3\r\n\r\n"
    pbx = FakePbx([Connection(0.0, [(joined(now - 3), 0.0)]), Connection(0.0, waiting=[entry])], ahead=0.0)
    first = KeepingShell()
    async with pbx.run() as port:
        async with running(driver(port), first):
            await first.until(lambda seen: any(isinstance(r, Event) for r in seen.readings))
        assert first.cursor() is not None
        again = KeepingShell(first.cursor())
        async with running(driver(port), again):
            await again.until(lambda seen: any(isinstance(r, Event) for r in seen.readings))
    gap = next(r for r in again.readings if isinstance(r, Gap))
    events = [r for r in again.readings if isinstance(r, Event)]
    assert [(event.event, event.at) for event in events] == [("updated", gap.until)]
    assert {event.id for event in events} == {r.id for r in first.readings if isinstance(r, Event)}


def test_a_cursor_of_another_version_is_as_none() -> None:
    for memory in (b"", b"{", b'{"visits":[{"x":1}]}', b"\xff\xfe"):
        assert AmiStream(definition(), "pbx", {}, memory).open_visits == 0


async def test_the_banner_alone_is_no_login() -> None:
    async def only_greets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(BANNER)

    shell = KeepingShell()
    async with serving(only_greets) as port, running(driver(port, Sleeps(1)), shell):
        await shell.until(lambda seen: len(seen.troubles) == 1)
    assert shell.ups == 0 and shell.troubles[0].error == "the PBX closed the connection"
