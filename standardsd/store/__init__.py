"""What must outlive the process: journal, verdicts, outbox, cursors, checkpoints.

``Store`` (in ``store.py``) is the one door; ``entries.py`` has the values that go
through it.  One process holds one store, one thread at a time calls it, and what
``commit`` has returned for is on the disk.
"""
