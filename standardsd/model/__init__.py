"""Values that every other package speaks in: readings, standards, decisions.

Rules of this package: it imports nothing of ours, touches nothing outside, and
its values are frozen.  Instants are aware datetimes in UTC; spans are half-open
``[start, end)``; durations are ``timedelta`` inside and seconds on the wire.
"""
