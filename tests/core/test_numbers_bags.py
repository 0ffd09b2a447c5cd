"""What lies in a window: ranks, sums, scores and repeats, exactly."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standardsd.core.numbers.bags import Combinations, Ranks, Ratio, Tally, Total, Votes, bag_of, nearest_rank
from standardsd.model.measure import Carried, How, Statistic
from tests.core.numbers_by_hand import nearest_rank as nearest_rank_by_hand
from tests.core.numbers_by_hand import window

VALUES = st.floats(min_value=-1e12, max_value=1e12, allow_nan=False).map(lambda value: value + 0.0)


@pytest.mark.parametrize(
    ("percent", "count", "rank"),
    [
        (50, 1, 1),
        (50, 2, 1),  # of two the lower one: no value is made up between them
        (50, 3, 2),
        (50, 4, 2),
        (90, 9, 9),  # 8.1 → the ninth
        (90, 10, 9),  # exactly the ninth
        (90, 11, 10),
        (95, 19, 19),
        (95, 20, 19),
        (95, 21, 20),
        (99, 99, 99),
        (99, 100, 99),
        (99, 101, 100),
        (100, 7, 7),
        (0, 7, 1),
    ],
)
def test_the_nearest_rank_is_the_ceiling_of_its_share(percent: int, count: int, rank: int):
    assert nearest_rank(percent, count) == rank


@given(values=st.lists(VALUES, min_size=1, max_size=60), percent=st.sampled_from([50, 90, 95, 99]))
def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed(values: list[float], percent: int):
    ranks = Ranks(percent)
    for value in values:
        ranks.add(value)
    assert ranks.value() == nearest_rank_by_hand(values, percent)


@given(
    values=st.lists(st.tuples(VALUES, st.booleans()), max_size=60),
    how=st.sampled_from(list(How)),
)
def test_what_was_put_in_and_taken_out_again_leaves_nothing_behind(
    values: list[tuple[float, bool]], how: How
):
    bag, rest = bag_of(Statistic(how, Carried("rating", "answered"), window(60))), []
    for value, _ in values:
        bag.add(value)
    for value, goes in values:
        if goes:
            bag.remove(value)
        else:
            rest.append(value)
    fresh = bag_of(Statistic(how, Carried("rating", "answered"), window(60)))
    for value in rest:
        fresh.add(value)
    assert (bag.value(), len(bag)) == (fresh.value(), len(rest))


@given(st.lists(VALUES, min_size=1, max_size=60))
def test_an_average_is_rounded_once(values: list[float]):
    bag = Total(average=True)
    for value in values:
        bag.add(value)
    assert bag.value() == float(sum(map(Fraction, values)) / len(values))


def test_a_sum_does_not_depend_on_the_order_in_which_it_was_read():
    values = [1e16, 1.0, -1e16, 0.1]
    bag = Total(average=False)
    for value in values:
        bag.add(value)
    assert bag.value() == 1.1


def test_a_sum_of_nothing_is_0_and_an_average_of_nothing_is_unknown():
    assert (Total(average=False).value(), Total(average=True).value()) == (0.0, None)


def test_a_sum_that_no_float_can_hold_is_unknown():
    bag = Total(average=False)
    bag.add(1.7e308)
    assert bag.value() == 1.7e308
    bag.add(1.7e308)
    assert bag.value() is None
    bag.remove(1.7e308)
    assert bag.value() == 1.7e308


@pytest.mark.parametrize(
    ("answers", "score"),
    [
        ([9.0], 100.0),  # the least promoter
        ([8.999], 0.0),
        ([7.0], 0.0),
        ([6.001], 0.0),
        ([6.0], -100.0),  # the greatest detractor
        ([0.0], -100.0),
        ([10.0, 10.0, 0.0], 100 / 3),
        ([10.0, 8.0, 6.0, 6.0], -25.0),
    ],
)
def test_a_net_promoter_score_is_promoters_less_detractors(answers: list[float], score: float):
    votes = Votes()
    for answer in answers:
        votes.add(answer)
    assert votes.value() == score


def test_without_an_answer_there_is_no_score_and_without_per_no_rate():
    ratio = Ratio()
    ratio.add(1.0)
    assert (Votes().value(), ratio.value()) == (None, None)
    ratio.add(0.0)
    assert ratio.value() == 1.0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=40))
def test_repeats_are_those_of_the_commonest_combination(steps: list[tuple[str, bool]]):
    bag, inside = Combinations(), []
    for name, goes in steps:
        if goes and (name,) in inside:
            inside.remove((name,))
            bag.remove((name,))
        else:
            inside.append((name,))
            bag.add((name,))
        assert bag.value() == max((inside.count(one) for one in inside), default=0)


def test_a_count_counts_and_a_hundred_thousand_values_are_ranked_exactly():
    tally, ranks = Tally(), Ranks(99)
    values = [float(value * 7919 % 100_003) for value in range(100_000)]
    for value in values:
        tally.add(value)
    ranks.fill(values)
    assert (tally.value(), ranks.value()) == (100_000.0, sorted(values)[98_999])
