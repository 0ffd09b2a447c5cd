"""Standards about numbers: samples, counts, rates, statistics, duties, spreads and gaps, told in episodes.

The way of a reading: ``contributing`` makes contributions of what is known of an interaction, ``feeds`` keeps
them by interaction and group, a meter (``windowed``, ``duties``, ``meters``, ``figures``) walks through time
and gives turns, ``timeline`` makes states of them, ``saying`` tells the difference to what was said.
Instants inside are whole microseconds since 1970 (``core.instants``).
"""

from standardsd.core.numbers.judging import Numbers
from standardsd.core.numbers.now import Told

__all__ = ["Numbers", "Told"]
