"""Decisions leave the house: Alertmanager v2, with texts, current alerts and delivery workers.

``texts`` words an alert, ``current`` knows which alerts stand, ``worker`` delivers what the
store keeps in its outbox, ``alertmanager`` speaks to one member.  Nothing here decides
whether an alert fires: the judge has.
"""
