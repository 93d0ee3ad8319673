"""Which messages a run sees through, and under which keys."""

from collections.abc import Iterable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from costspike.domain.deliveries import Delivery, Wanted, digest, plan_deliveries

IDS = st.lists(st.text("abcdef0123456789", min_size=16, max_size=16), max_size=12, unique=True)


def fresh(spike_ids: Iterable[str], **about: Any) -> list[Wanted]:
    return [Wanted(spike_id=spike_id, **about) for spike_id in spike_ids]


def test_each_spike_has_a_message_of_its_own() -> None:
    planned = plan_deliveries(fresh("ab"), 20)
    assert planned == [
        Delivery(message_key="a", spike_ids=("a",)),
        Delivery(message_key="b", spike_ids=("b",)),
    ]
    assert not any(delivery.is_digest for delivery in planned)


def test_what_is_beyond_the_limit_shares_one_digest() -> None:
    planned = plan_deliveries(fresh("abcde"), 2)
    assert [delivery.spike_ids for delivery in planned] == [("a",), ("b",), ("c", "d", "e")]
    assert [delivery.is_digest for delivery in planned] == [False, False, True]


def test_a_spike_stays_with_the_message_that_was_claimed_for_it() -> None:
    first = plan_deliveries(fresh("abcd"), 1)
    keys = {spike_id: delivery.message_key for delivery in first for spike_id in delivery.spike_ids}
    claimed = [Wanted(spike_id=name, message_key=keys[name]) for name in "abcd"]
    again = plan_deliveries([*fresh(["new"]), *claimed], 1)
    assert again[:2] == first
    assert again[2].spike_ids == ("new",)
    assert again[2].is_digest


def test_a_claimed_message_counts_towards_the_limit() -> None:
    planned = plan_deliveries([Wanted(spike_id="a", message_key="a"), *fresh("bc")], 2)
    assert [delivery.spike_ids for delivery in planned] == [("a",), ("b",), ("c",)]
    assert planned[2].is_digest


def test_each_channel_has_a_digest_of_its_own() -> None:
    wanted = [*fresh("a", channel="#x"), *fresh("bc", channel="#y"), *fresh("d", channel="#x")]
    planned = plan_deliveries(wanted, 1)
    assert [delivery.spike_ids for delivery in planned] == [("a",), ("b", "c"), ("d",)]


def test_what_is_minor_is_told_in_the_digest_only() -> None:
    planned = plan_deliveries([*fresh("a"), *fresh("bc", is_minor=True), *fresh("d")], 20)
    assert [delivery.spike_ids for delivery in planned] == [("a",), ("d",), ("b", "c")]
    assert planned[2].is_digest


def test_nothing_to_tell_is_no_message() -> None:
    assert plan_deliveries([], 20) == []


@given(IDS.filter(bool), st.randoms())
def test_the_key_of_a_digest_depends_on_its_spikes_only(spike_ids: list[str], chance: object) -> None:
    shuffled = sorted(spike_ids, key=lambda _: chance.random())  # type: ignore[attr-defined]
    assert digest(spike_ids).message_key == digest(shuffled).message_key
    assert digest(spike_ids).message_key != digest([*spike_ids, "another"]).message_key


@given(IDS, st.integers(1, 5))
def test_no_spike_is_left_out_or_told_twice(spike_ids: list[str], limit: int) -> None:
    planned = plan_deliveries(fresh(spike_ids), limit)
    told = [spike_id for delivery in planned for spike_id in delivery.spike_ids]
    assert told == spike_ids
    assert len(planned) <= limit + 1
