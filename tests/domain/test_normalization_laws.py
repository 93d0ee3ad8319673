"""Laws of normalization: nothing is lost, nothing is made up, and the cut into pages does not matter."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal, localcontext
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from costspike.domain.amounts import amount as read_amount
from costspike.domain.amounts import amounts
from costspike.domain.errors import DataContractError
from costspike.domain.normalization import normalize
from tests.cost_pages import DAY, amount, group, page, period

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
MONEY = st.decimals(-(10**20), 10**20, places=10, allow_nan=False, allow_infinity=False)


@st.composite
def bills(draw: st.DrawFn) -> list[tuple[int, str, str, Decimal, Decimal | None]]:
    """Return lines of a bill: day, account, service, cost and, in some lines, the net cost."""
    keys = st.tuples(st.integers(0, 3), st.sampled_from(["1", "2", "3"]), TEXTS)
    return [
        (*key, draw(MONEY), draw(st.none() | MONEY))
        for key in draw(st.lists(keys, min_size=1, max_size=25, unique=True))
    ]


@st.composite
def cut(draw: st.DrawFn, lines: list[Any]) -> list[dict[str, Any]]:
    """Return pages that hold the lines: any order, days split anywhere."""
    shuffled = draw(st.permutations(lines))
    ends = sorted(draw(st.lists(st.integers(0, len(lines)), max_size=5)))
    parts = [shuffled[a:b] for a, b in zip([0, *ends], [*ends, len(lines)], strict=True)]
    return [page(*(_period(line) for line in part)) for part in parts]


def _period(line: tuple[int, str, str, Decimal, Decimal | None]) -> dict[str, Any]:
    day, account, service, cost, net = line
    metrics = {} if net is None else {"NetAmortizedCost": amount(format(net, "f"))}
    return period(group(account, service, cost=format(cost, "f"), **metrics), day=DAY + timedelta(days=day))


def _rows(pages: list[dict[str, Any]]) -> Counter[tuple[Any, ...]]:
    return Counter(normalize(pages).itertuples(index=False, name=None))


@given(st.data())
@settings(deadline=None)
def test_how_the_answer_is_cut_into_pages_does_not_matter(data: st.DataObject) -> None:
    lines = data.draw(bills())
    assert _rows(data.draw(cut(lines))) == _rows(data.draw(cut(lines)))


@given(st.data())
@settings(deadline=None)
def test_every_cent_of_the_bill_is_in_the_rows(data: st.DataObject) -> None:
    lines = data.draw(bills())
    frame = normalize(data.draw(cut(lines)))
    assert len(frame) == len(lines)
    with localcontext(prec=60):
        assert sum(frame["billed_cost"]) == sum(cost for *_, cost, _ in lines)
        assert sum(frame["effective_cost"]) == sum(cost if net is None else net for *_, cost, net in lines)


@given(st.data())
@settings(deadline=None)
def test_names_are_data(data: st.DataObject) -> None:
    lines = data.draw(bills())
    frame = normalize(data.draw(cut(lines)))
    keys = zip(frame["charge_period_start"], frame["sub_account_id"], frame["service_name"], strict=True)
    assert Counter(keys) == Counter(
        (DAY + timedelta(days=day), account, name) for day, account, name, *_ in lines
    )


@given(st.text(max_size=30) | st.from_regex(r"[+-]?\d{0,30}\.?\d{0,20}([eE][+-]?\d{1,3})?", fullmatch=True))
@settings(deadline=None)
def test_the_fast_way_and_the_careful_way_read_the_same_amount(text: str) -> None:
    def read(how: Any) -> object:
        try:
            return how()
        except DataContractError:
            return "refused"

    fast = read(lambda: amounts(pa.array([text]), lambda _: "row").to_pylist()[0])
    assert fast == read(lambda: read_amount(text, lambda: "row"))
