"""``by``: what may be told apart in figures and alerts, and what a person could be known by."""

from __future__ import annotations

import pytest

from standardsd.language.problems import Level
from standardsd.language.where import AVOIDED_LABELS, PERSONAL_LABELS, REFUSED_LABELS
from tests.language.written import HEAD, file, load, only, said, standard, the_error


@pytest.mark.parametrize("label", ["agent", "guest_name", "phone"])
def test_what_usually_tells_persons_apart_is_linted(label: str) -> None:
    loaded = load(file(standard(by=f"[site, {label}]")))
    assert [(said(one), one.level) for one in loaded.problems] == [
        (
            f"9:9 '{label}' may tell persons apart, and it would stand in metrics and alerts"
            " -> group by site, queue or department",
            Level.LINT,
        )
    ]
    assert only(loaded).by == ("site", label)


def test_it_is_told_where_the_defaults_bring_it_and_not_of_what_only_selects() -> None:
    inherited = load(file(head=f"{HEAD}defaults: {{by: [agent]}}\n")).problems
    assert [(one.line, one.column, one.level) for one in inherited] == [(3, 16, Level.LINT)]
    assert load(file(standard(where="{agent: vip-*}", by="[queue]"))).problems == ()


@pytest.mark.parametrize("label", ["room", "contact", "verdict"])
def test_what_no_figure_may_have_is_an_error(label: str) -> None:
    assert said(the_error(load(file(standard(by=f"[site, {label}]"))))) == (
        f"9:16 '{label}' cannot be a grain of figures and alerts -> write a label such as site or queue"
    )


def test_every_such_label_is_of_one_sort_and_the_usual_ones_are_of_none() -> None:
    assert not REFUSED_LABELS & PERSONAL_LABELS
    assert not AVOIDED_LABELS & (REFUSED_LABELS | PERSONAL_LABELS)
    usual = {"site", "department", "queue", "channel", "desk", "priority", "team"}
    assert not usual & (REFUSED_LABELS | PERSONAL_LABELS | AVOIDED_LABELS)
