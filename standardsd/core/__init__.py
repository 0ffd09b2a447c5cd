"""The judge: readings and ticks in, decisions out.

Pure: no clock, no I/O, no randomness, no time zones.  The same readings in any order
and batching end in the same verdicts.

    judge = Judge(rules, sources, settings)
    decisions = judge.receive(readings, now)   # whenever something was read
    decisions = judge.tick(now)                # no later than judge.next_wakeup()
"""
