"""The maxima that belong to one open store, each with its reason; a test or a small machine may set others."""

from __future__ import annotations

from datetime import timedelta

from msgspec import Struct


class Limits(Struct, frozen=True, kw_only=True):
    """Numbers of rows unless said otherwise."""

    # How long a call waits for a backup or a shell that holds the file, before it is a StoreTrouble.
    busy_wait: timedelta = timedelta(seconds=5)

    # Readings of one interaction fetched for the judge.  A ticket touched every minute for two months;
    # more is a source that gives one id to many interactions.
    history_readings_max: int = 100_000

    # Bodies held at once while the journal is read: about 1 MB at 1,000 readings a batch.
    journal_page_max: int = 16

    # Decisions held at once while they are read: about 1 MB.
    decision_page_max: int = 1_000

    # Of one checkpoint, compressed; SQLite holds 10⁹ bytes in one value.
    checkpoint_bytes_max: int = 900_000_000

    # The last checkpoint, and the one before it in case the last is damaged.
    checkpoints_kept: int = 2

    # Idempotency keys: eight batches a second for a week, about 500 MB.  Beyond it the oldest go early.
    keys_max: int = 5_000_000

    # How long a source may repeat a batch and be told that it was taken.  Exactly this old is still kept.
    key_age: timedelta = timedelta(days=7)

    # Finished messages: their keys keep a repetition from being sent twice, their rows show what was sent.
    delivered_age: timedelta = timedelta(days=7)
    gave_up_age: timedelta = timedelta(days=90)

    # Removed of one table in one call: some 20 ms, so that no commit waits long.
    prune_max: int = 10_000


LIMITS = Limits()
