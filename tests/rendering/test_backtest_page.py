"""The page and the text of a back-test. Read a changed snapshot before you accept it."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from syrupy.assertion import SnapshotAssertion

from costspike.domain.backtest import BackTest, Outcome
from costspike.domain.detection_settings import DetectionSettings
from costspike.domain.incidents import fold
from costspike.domain.spikes import Scope, Spike
from costspike.rendering.axis import day_labels, round_ticks, tick_label
from costspike.rendering.backtest_page import backtest_page
from costspike.rendering.backtest_text import backtest_text
from tests.incident_days import ALL_EC2, EC2, S3, costs, on, spike
from tests.rendering.samples import HOSTILE, RIGHT_TO_LEFT

DAYS = 20
NAMES = {"1": "prod-web"}
BEGINNING = spike(5, 300)
SHORT = spike(9, 40, 30, scope=S3)
BROAD = spike(12, 500, 450, scope=ALL_EC2)


def _outcome(sensitivity: float, *spikes: Spike) -> Outcome:
    known = {
        ("USD", EC2): costs([100] * 5 + [300] * 15),
        ("USD", S3): costs([30] * 9 + [40] + [30] * 10, before=30),
    }
    return Outcome(
        detection=DetectionSettings(sensitivity=sensitivity),
        judged_days=DAYS,
        spikes=spikes,
        incidents=fold(spikes, known, on(DAYS - 1)),
    )


def _test(*outcomes: Outcome) -> BackTest:
    amounts = [130] * 5 + [330] * 4 + [340] + [330] * 10
    return BackTest(
        billing_currency="USD",
        first_day=on(0),
        last_day=on(DAYS - 1),
        daily=tuple((on(number), Decimal(amount)) for number, amount in enumerate(amounts) if number != 3),
        outcomes=outcomes
        or (_outcome(1, BEGINNING, SHORT), _outcome(0.5, BEGINNING), _outcome(2, BEGINNING, BROAD)),
    )


def _page(*tests: BackTest) -> str:
    return backtest_page(tests or (_test(),), css="body { margin: 0 }\n", names=NAMES)


class _Tags(HTMLParser):
    """Checks that tags are closed in the order in which they were opened."""

    VOID = frozenset({"meta"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open += [tag] if tag not in self.VOID else []
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [(value or "").removeprefix("#") for name, value in attrs if name == "href"]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _parsed(page: str) -> _Tags:
    tags = _Tags()
    tags.feed(page)
    assert tags.open == []
    return tags


def test_page(snapshot: SnapshotAssertion) -> None:
    assert _page() == snapshot


def test_text(snapshot: SnapshotAssertion) -> None:
    assert backtest_text(_test(), NAMES) == snapshot


def test_text_of_a_quiet_time(snapshot: SnapshotAssertion) -> None:
    assert backtest_text(_test(_outcome(1))) == snapshot


def test_the_page_is_complete_and_loads_nothing() -> None:
    page = _page()
    tags = _parsed(page)
    assert "default-src &#x27;none&#x27;" in page
    assert "<script" not in page
    assert set(tags.links) <= set(tags.ids)
    assert len(set(tags.ids)) == len(tags.ids)


def test_two_currencies_do_not_share_their_numbers() -> None:
    euro = replace(_test(), billing_currency="EUR")
    tags = _parsed(_page(_test(), euro))
    assert {"c1i-1", "c2i-1"} <= set(tags.links)
    assert len(set(tags.ids)) == len(tags.ids)


def test_a_gap_in_the_data_is_a_gap_in_the_line() -> None:
    line = _page().split('class="line" d="')[1].split('"')[0]
    assert line.count("M") == 2


def test_names_of_the_bill_are_text_and_never_markup() -> None:
    hostile = spike(5, 300, scope=Scope(account_id="<b>", service=HOSTILE))
    page = backtest_page(
        [_test(_outcome(1, hostile))], css="</style><b>", names={"<b>": RIGHT_TO_LEFT}, title="<i>"
    )
    _parsed(page)
    assert "<!channel>" not in page
    assert "{{" not in page
    assert "</style><b>" not in page
    assert "\u202e" not in page
    assert "<i>" not in page


def test_nothing_found_and_nothing_known_are_told_apart() -> None:
    quiet, empty = _page(_test(_outcome(1))), _page(replace(_test(_outcome(1)), daily=()))
    assert "None: these days would have been quiet." in quiet
    assert "There is no data on these days." in empty
    _parsed(quiet)
    _parsed(empty)


def test_a_single_day_can_be_drawn() -> None:
    _parsed(_page(replace(_test(_outcome(1, BEGINNING)), daily=((on(5), Decimal(0)),))))


def test_a_long_list_is_cut_and_says_so() -> None:
    many = [
        spike(number % DAYS, 300, scope=Scope(account_id=str(number), service="EC2")) for number in range(130)
    ]
    page = _page(_test(_outcome(1, *many)))
    assert "… and 30 smaller ones." in page
    assert len([link for link in _parsed(page).links if link]) == 40
    assert "… and 110 smaller ones" in backtest_text(_test(_outcome(1, *many)))


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        pytest.param(0, 0, ["0", "1"], id="nothing"),
        pytest.param(0.01, 0.4, ["0", "0.1", "0.2", "0.3", "0.4"], id="cents"),
        pytest.param(-50, 120, ["-50", "0", "50", "100", "150"], id="a-credit"),
        pytest.param(1000, 9100, ["0", "2,500", "5,000", "7,500", "10,000"], id="thousands"),
    ],
)
def test_an_axis_has_round_labels(low: float, high: float, labels: list[str]) -> None:
    assert [tick_label(tick) for tick in round_ticks(low, high)] == labels


def test_an_axis_of_days_names_the_first_and_the_last() -> None:
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(100)]
    labels = day_labels(days)
    assert (labels[0], labels[-1], len(labels)) == ("Jan 01, 2026", "Apr 10, 2026", 7)
    assert day_labels(days[:2]) == ["Jan 01, 2026", "Jan 02, 2026"]
