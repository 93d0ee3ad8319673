"""The page that shows what Slack would."""

from dataclasses import replace
from decimal import Decimal

import pytest

from costspike.rendering.alert_message import alert_message
from costspike.rendering.digest_message import digest_message
from costspike.rendering.message import Message, metadata
from costspike.rendering.mrkdwn_html import mrkdwn_html
from costspike.rendering.preview_chart import chart_figure
from costspike.rendering.preview_page import preview_page
from tests.rendering.samples import DAY, alert


def _page(*messages: Message) -> str:
    return preview_page(messages, title="Spikes <today>", css="body { margin: 0 }\n", channel="#costs")


def test_the_page_is_complete_and_loads_nothing() -> None:
    page = _page(alert_message(alert(), message_key="k"), digest_message([alert()], day=DAY, message_key="k"))
    assert page.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert "<title>Spikes &lt;today&gt;</title>" in page
    assert "body { margin: 0 }" in page
    assert "A preview of 2 messages" in page
    assert "<script" not in page
    assert "default-src &#x27;none&#x27;" in page
    assert 'rel="noopener noreferrer"' in page


def test_what_people_need_to_hear_is_there() -> None:
    page = _page(alert_message(alert(), message_key="k"))
    assert "<caption>Contributor: before, after, change, change in %</caption>" in page
    assert 'role="img" aria-label="Line chart, EC2 - Other, USD a day: 20 days, from 498.75 on Nov 01' in page
    assert 'scope="col"' in page
    assert 'scope="row"' in page
    assert "<h2>🟠 P2" in page


@pytest.mark.parametrize(("count", "note"), [(0, "There is no message."), (1, "A preview of one message")])
def test_the_count_is_said(count: int, note: str) -> None:
    assert note in _page(*[alert_message(alert(), message_key="k")] * count)


def test_a_style_cannot_end_early() -> None:
    assert "</style><b>" not in preview_page([], title="t", css="</style><b>")


def test_a_block_that_is_not_known_is_named() -> None:
    message = Message(text="t", blocks=[{"type": "<video>"}], metadata=metadata("k", "P1"))
    assert "A block of type &lt;video&gt;" in _page(message)


@pytest.mark.parametrize(
    ("mrkdwn", "html"),
    [
        pytest.param("a *b* c", "a <strong>b</strong> c", id="bold"),
        pytest.param("2*3*4", "2*3*4", id="no-bold-within-words"),
        pytest.param("a\nb", "a<br>b", id="lines"),
        pytest.param("a\n```x &lt; y```\nb", 'a<pre tabindex="0"><code>x &lt; y</code></pre>b', id="code"),
        pytest.param(
            "<https://a.example/?x=1&amp;y=2|go>",
            '<a href="https://a.example/?x=1&amp;y=2" rel="noopener noreferrer">go</a>',
            id="link",
        ),
        pytest.param("<javascript:x|go>", "&lt;javascript:x|go&gt;", id="no-other-link"),
        pytest.param('&amp;copy; "', "&amp;copy; &quot;", id="entities-once"),
    ],
)
def test_mrkdwn_as_html(mrkdwn: str, html: str) -> None:
    assert mrkdwn_html(mrkdwn) == html


@pytest.mark.parametrize(
    ("amounts", "labels"),
    [
        pytest.param(["0", "0"], ["1", "0"], id="nothing"),
        pytest.param(["0.01", "0.4"], ["0.4", "0.3", "0.2", "0.1", "0"], id="cents"),
        pytest.param(["-50", "120"], ["150", "100", "50", "0", "-50"], id="a-credit"),
        pytest.param(["1000", "9100"], ["10,000", "7,500", "5,000", "2,500", "0"], id="thousands"),
    ],
)
def test_the_chart_has_round_labels(amounts: list[str], labels: list[str]) -> None:
    one = alert()
    days = tuple((day, Decimal(amounts[0])) for day, _ in one.history)
    found = replace(one.spike, actual_cost=Decimal(amounts[1]))
    message = alert_message(replace(one, spike=found, history=days), message_key="k")
    figure = chart_figure(next(block for block in message.blocks if block["type"] == "data_visualization"))
    assert "".join(f"<li>{label}</li>" for label in labels) in figure
