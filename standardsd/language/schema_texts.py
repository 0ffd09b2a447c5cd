"""What the keys of our files say, in the words of the documentation: an editor shows them beside each key.

A test holds these texts against the tables of ``docs/rules.md`` and ``docs/configuration.md``, so that there is
one description of a key and not two.
"""

from __future__ import annotations

FILE: dict[str, str] = {
    "version": "`1`; required",
    "set": "the name of what the file holds; required; each file has its own",
    "standards": "the list of standards; required",
    "title": "how the file is called where people read it",
    "owner": "whose standards these are, where a standard does not say",
    "extends": "a set, or a list of sets, that this one builds on",
    "defaults": "any key of a standard but its `id`, for standards that do not say it",
    "calendars": "opening times by name, for `clock:`",
    "vocabulary": "kinds of your own, or events, states and endings added to a kind",
}
"""Keys of a rule file."""

STANDARD: dict[str, str] = {
    "id": "its name: `[a-z0-9][a-z0-9-]*`, unique among the standards that run",
    "title": "one line, a sentence a guest would understand",
    "of": "the kind of interaction; none for samples and for standards about standards",
    "where": "label → pattern or list of patterns (`* ? [ ]`, `!` excludes); all labels must match",
    "by": "labels: the grain of figures, objectives and alerts; `[]` is one for everything",
    "measure": "what is measured",
    "promise": "what is promised of it",
    "clock": "when time counts: `always`, a calendar, `site`",
    "pause_while": "states in which the clock stands still",
    "if_left": "what giving up in time makes of it: `exclude`, `breach`, `keep`, `void`",
    "if_diverted": "the same for overflow, voicemail, time-out, key press",
    "if_done": "the same for an ordinary end without the end event",
    "ignore_if_left_within": "who gives up this soon is left out, whatever `if_left` says",
    "unless": "an event, or a list, that takes it out when it comes in time",
    "reopen": (
        "what a reopening does: nothing (`first_only`), go on with the time between as a pause (`resume`), "
        "begin anew (`new_cycle`); the last two for `{from, to}` judged once"
    ),
    "ring": "how long one of `rings` is",
    "objective": "how often it must be kept",
    "alert": "who is told of what",
    "severity": "`info`, `warning`, `critical`",
    "settle": "how long a verdict is provisional: counted at once, in reports only when settled",
    "effective": "the days on which it is in force",
    "status": "`active`, or `shadow`: judged and recorded, without figures and alerts",
    "waivers": (
        "what is taken out as excluded (`waived`), with days, reason and who approved; `where` may narrow it"
    ),
    "dimension": "`tangibles`, `reliability`, `responsiveness`, `assurance`, `empathy`",
    "owner": "whose standard it is",
    "runbook": "web address of what to do",
    "because": "`{clause, edition, figure, source}`: why this is promised",
    "notes": "text",
    "examples": "`{kept: […], broken: […]}`",
}
"""Keys of a standard."""

CALENDAR: dict[str, str] = {
    "timezone": "name in the time-zone database; required",
    "weekly": (
        '`mon` … `sun`, or a span such as `mon-fri` → list of `"HH:MM-HH:MM"`; each day once; `[]` is a '
        "closed day"
    ),
    "holidays": (
        "`{country: RO}` with `subdivision`, `categories`, `language` as in the package `holidays`, or `{ics:"
        " FILE or URL}`"
    ),
    "closed": "days on which it does not open",
    "instead": "date → the times of that day",
}
"""Keys of a calendar."""

CONDITIONS: dict[str, str] = {
    "breach": (
        "fires while some occurrence is broken and not finished, or was broken less than `keep_firing_for` "
        "ago"
    ),
    "at_risk": (
        "fires while an open promise has used `warn_at` of its time, or is within `warn_before` of due"
    ),
    "objective": "fires while the share is below its target",
    "burn": "fires while the budget burns too fast, over a long and a short window",
    "limit": "fires while an episode is open",
    "silence": "fires while a source that it needs is dark",
}
"""Words of ``alert.on``: when each fires."""

CONFIGURATION: dict[str, str] = {
    "version": "the version of this page",
    "rules": (
        "rule files, folders (every `*.yaml` inside and below), shipped packs (`shipped:hotel/front-desk`)"
    ),
    "data": "folder of the SQLite file",
    "listen": "where the wallboard, `/metrics` and the API listen; port 0 takes any free one",
    "url": "how people reach it, for links in alerts",
    "language": "in which alerts and the wallboard speak; see explain.md",
    "sites": "properties and offices: the values of the label `site`",
    "sources": "outside systems that are read",
    "outputs": "who is told",
    "tokens": "who may call the API",
    "judge": "how far back it looks",
    "sites.NAME.title": "how the site is shown",
    "sites.NAME.timezone": "name in the time-zone database, such as `Europe/Lisbon`",
    "sites.NAME.calendar": "when the site is open, for standards with `clock: site`; needs the `timezone`",
    "sites.NAME.calendar.weekly": '`{mon-fri: ["08:00-12:00", "13:00-20:00"], sat: ["22:00-06:00"]}`',
    "sites.NAME.calendar.holidays": "`{country: RO}` or `{ics: FILE or URL}`",
    "sites.NAME.calendar.closed": "days on which it does not open",
    "sites.NAME.calendar.instead": "days with times of their own, also where they are holidays",
    "sources.NAME.use": (
        "an exporter definition by name or path; `push`: readings are posted to `/v1/readings`; `simulate`: a"
        " simulated house"
    ),
    "sources.NAME.labels": (
        "labels of everything it says; it speaks for them alone, and a posted reading with another value is "
        "refused (`foreign_label`)"
    ),
    "sources.NAME.map": "labels to add by the value of another one, such as the site of a queue",
    "sources.NAME.max_silence": "heard of longer ago, it is dark: its standards are `unknown`",
    "sources.NAME.watermark": "for `push` only: how we know that nothing is missing",
    "sources.NAME.yields": (
        "for `push` only: what it can say, such as `{visit: [arrived, greeted], samples: [queue_length]}`; "
        "the judge waits for it there, and anything else that is posted is refused (`not_yielded`). A number "
        "about a sample is unknown while a source that yields it is dark; one that says the sample without "
        "`yields` counts from its first one"
    ),
    "sources.NAME.settings": "what its definition asks for: `standardsd exporters show NAME`",
    "sources.NAME.watermark.kind": (
        "`explicit`: the source posts watermarks itself; `receipt`: the wall clock less `delay`, as long as "
        "it is heard"
    ),
    "sources.NAME.watermark.delay": "for `receipt`: how much later than it happened a reading may be posted",
    "outputs.alertmanager": "Alertmanager, version 2 of its API",
    "outputs.alertmanager.members": "every member of the cluster; each is told of everything",
    "outputs.alertmanager.resend": "how often a firing alert is told again: from 1 s to 1 h",
    "tokens.NAME.role": "`read`, `ingest`, `operate` or `admin`",
    "tokens.NAME.hash": "`sha256:` and what `printf %s TOKEN | sha256sum` prints",
    "tokens.NAME.sources": "for `ingest` only: the sources it may speak for",
    "judge.judge_from": "interactions that ended before it are recorded and not judged",
    "judge.accept_late": "a reading older than this is refused, and recorded as refused",
    "judge.keep": (
        "how long closed interactions stay in memory; later readings about them come from the store"
    ),
}
"""Keys of the configuration, by their dotted names."""

OBJECTIVE: dict[str, str] = {
    "at_least": "the share that must be kept",
    "over": (
        "the window: rolling (`30m`, `24h`, `30d`) or of the calendar (`day`, `week`, `month`, `quarter`)"
    ),
    "min_count": "with fewer verdicts the share is unknown, not 100 %",
    "periods": "so many failing calendar windows in a row",
    "zone": "whose midnight, where the groups are of no one site",
    "targets": "a share that changes with time; before the first day there is none",
}
"""Keys of an objective."""

ALERT: dict[str, str] = {
    "on": "what is told; each word is an alert of its own, `[]` tells nobody",
    "for": "how long it must be so before it fires",
    "keep_firing_for": "how long a breach keeps its alert firing",
    "warn_at": "at risk from this share of the time on",
    "warn_before": "at risk so long before due",
}
"""Keys of an alert."""

DEFINITION: dict[str, str] = {
    "version": "the version of the format",
    "name": "what `use:` of a source names it by",
    "title": "the system, in one line",
    "driver": "how bytes come",
    "decode": "what the bytes are",
    "evidence": "how we know that it is right: `live`, `recorded` or `documented`",
    "time": "where the instant of a record stands, what it means, and whose clock it is",
    "watermark": "how we know that nothing is missing up to an instant",
    "interaction": "the kind of interaction that its records are about",
    "yields": "kind → the events that it can say",
    "records": "the sorts of records, each told by the values of some keys",
    "description": "what one interaction is there",
    "labels": "label → field of the records",
    "limits": "name → number, as documented for that system",
    "settings": "what a source that uses it may set",
    "least_privilege": "the smallest rights that it needs there",
}
"""Keys of an exporter definition."""
