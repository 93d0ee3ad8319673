"""What a landing changes about known days: compared with a plain reading of the same rows."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costspike.domain import costs
from costspike.domain.cost_changes import CostChanges, cost_changes
from costspike.domain.errors import DataContractError
from tests.cost_pages import DAY

Key = tuple[date, str, str]
Bill = Mapping[Key, dict[str, Any]]
DAYS = [DAY + timedelta(days=n) for n in range(3)]

AMOUNTS = st.decimals(-5, 5, places=1)
CELLS = st.fixed_dictionaries(
    {
        "billed_cost": AMOUNTS,
        "effective_cost": AMOUNTS,
        "consumed_quantity": st.none() | AMOUNTS,
        "x_estimated": st.booleans(),
        "sub_account_name": st.sampled_from(["", "prod"]),
    }
)
KEYS = st.tuples(st.sampled_from(DAYS), st.sampled_from(["1", "2"]), st.sampled_from(["S3", "EC2", "RDS"]))
BILLS = st.dictionaries(KEYS, CELLS, max_size=8)


def table(bill: Bill, order: Sequence[Key] | None = None, *, charge_type: str = "Usage") -> pa.Table:
    """Return the rows of a bill, in pieces as pages give them."""
    filled: dict[str, Any] = dict.fromkeys(costs.SCHEMA.names, "")
    rows = [
        filled
        | {"consumed_quantity": None, "x_estimated": False, "x_charge_type": charge_type}
        | {"charge_period_start": day, "charge_period_end": day + timedelta(days=1)}
        | {"sub_account_id": account, "service_name": service, "billing_currency": "USD"}
        | bill[day, account, service]
        for day, account, service in order or bill
    ]
    pieces = [pa.Table.from_pylist(part, costs.SCHEMA) for part in (rows[:2], rows[2:])]
    return pa.concat_tables(pieces)


def cost(amount: str, **more: Any) -> dict[str, Any]:
    return {"billed_cost": Decimal(amount), "effective_cost": Decimal(amount), **more}


def revisions(changes: CostChanges) -> set[tuple[Any, ...]]:
    rows = changes.revisions.to_pylist()
    assert len(
        {(row["charge_period_start"], row["sub_account_id"], row["service_name"]) for row in rows}
    ) == len(rows)
    return {
        (
            row["x_change"],
            (row["charge_period_start"], row["sub_account_id"], row["service_name"]),
            *(row[f"{side}_{name}"] for side in ("old", "new") for name in ("billed_cost", "effective_cost")),
        )
        for row in rows
    }


def expected_revisions(old: Bill, new: Bill, known: set[date]) -> set[tuple[Any, ...]]:
    """Return the same by looking at one key at a time."""
    found = set()
    for key in old.keys() | new.keys():
        sides = [
            (side[key]["billed_cost"], side[key]["effective_cost"]) if key in side else (None, None)
            for side in (old, new)
        ]
        if sides[0] == sides[1] or (key not in old and key[0] not in known):
            continue
        change = "appeared" if key not in old else "vanished" if key not in new else "changed"
        found.add((change, key, *sides[0], *sides[1]))
    return found


@given(st.data(), BILLS, BILLS, st.sets(st.sampled_from(DAYS)))
@settings(deadline=None)
def test_what_is_left_and_written_is_what_was_read(
    data: st.DataObject, old: dict[Key, Any], drawn: dict[Key, Any], known: set[date]
) -> None:
    stay = data.draw(st.lists(st.sampled_from(sorted(old)), unique=True)) if old else []
    new = drawn | {key: old[key] for key in stay}
    before, after = (table(bill, data.draw(st.permutations(list(bill)))) for bill in (old, new))
    changes = cost_changes(before, after, known)
    left = before.filter(pa.array(~changes.gone)).to_pylist()
    written = after.filter(pa.array(changes.written)).to_pylist()
    assert sorted(map(str, left + written)) == sorted(map(str, after.to_pylist()))
    assert all(row not in before.to_pylist() for row in written), "a row that is there is not written again"
    assert revisions(changes) == expected_revisions(old, new, known)
    usage_days = {day for _, (day, *_), *_ in expected_revisions(old, new, known)}
    assert changes.usage_days() == sorted(usage_days)


def test_the_same_rows_change_nothing() -> None:
    bill = {(DAY, "1", f"service {n}"): cost(str(n), consumed_quantity=None) for n in range(9)}
    changes = cost_changes(table(bill), table(bill), {DAY})
    assert not changes.gone.any()
    assert not changes.written.any()
    assert changes.usage_days() == []


@pytest.mark.parametrize(
    "change", [{"x_estimated": True}, {"consumed_quantity": Decimal(2)}, {"sub_account_name": "new"}]
)
def test_a_row_that_changed_besides_its_cost_is_written_and_not_recorded(change: dict[str, Any]) -> None:
    old, new = {(DAY, "1", "S3"): cost("1")}, {(DAY, "1", "S3"): cost("1", **change)}
    changes = cost_changes(table(old), table(new), {DAY})
    assert (changes.gone.tolist(), changes.written.tolist()) == ([True], [True])
    assert len(changes.revisions) == 0


def test_a_credit_is_recorded_and_its_day_is_not_judged_again() -> None:
    old, new = {(DAY, "1", "S3"): cost("-1")}, {(DAY, "1", "S3"): cost("-2")}
    changes = cost_changes(table(old, charge_type="Credit"), table(new, charge_type="Credit"), {DAY})
    assert len(changes.revisions) == 1
    assert changes.usage_days() == []


def test_keys_of_any_number_of_names_have_numbers_of_their_own() -> None:
    count = 3000
    names = pa.array([f"n{n}" for n in range(count)])
    columns = dict.fromkeys(costs.KEY, names) | {
        "charge_period_start": pa.array([DAY + timedelta(days=n) for n in range(count)])
    }
    rows = pa.table({name: pa.chunked_array([columns[name], columns[name][:1]]) for name in costs.KEY})
    codes = costs.key_codes(rows)
    assert len(np.unique(codes)) == count
    assert codes[0] == codes[-1]


def test_empty_and_missing_texts_are_different_keys() -> None:
    rows = table({(DAY, "1", "S3"): cost("1"), (DAY, "1", ""): cost("1")})
    at = rows.schema.get_field_index("service_name")
    rows = rows.set_column(at, rows.schema.field(at), pa.chunked_array([["", None]], pa.string()))
    costs.check_unique(rows)
    with pytest.raises(DataContractError, match=r"2 groups more than once, first 2 times"):
        costs.check_unique(pa.concat_tables([rows, rows]))
