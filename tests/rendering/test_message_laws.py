"""Whatever AWS and the model write: Slack takes the message, and nothing in it is obeyed."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from costspike.domain.explanation import Explained, Explanation, Hypothesis, Recommendation
from costspike.domain.facts import Fact
from costspike.domain.incidents import NotifyReason, State
from costspike.domain.notices import Notice
from costspike.domain.spikes import Contributor, Gate, Scope, Spike
from costspike.rendering import slack_limits
from costspike.rendering.alert import Alert
from costspike.rendering.alert_message import alert_message, details_message
from costspike.rendering.digest_message import digest_message
from costspike.rendering.links import Link
from costspike.rendering.message import Message, misrouted, plain_message, plainer_form, possible_repeat
from costspike.rendering.note_message import note_message
from costspike.rendering.preview_page import preview_page
from costspike.rendering.short_message import folded_message
from costspike.rendering.status import with_status
from demo.servers.slack_blocks import block_problems
from tests.rendering.samples import DAY, HOSTILE, RIGHT_TO_LEFT, alert, hostile_alert, status

_OUR_LINK = re.compile(r"<https?://[^|<>\s]+\|[^|<>]+>")
_OUR_CALLS = re.compile(r"For (?:<@[UW][A-Z0-9]+> ?|<!subteam\^S[A-Z0-9]+> ?)+")
_ESCAPED = re.compile(r"(?:[^&<>]|&amp;|&lt;|&gt;)*", re.DOTALL)
# fmt: off
_TAGS = frozenset({
    "html", "head", "meta", "title", "style", "body", "div", "aside", "main", "header", "article", "p",
    "span", "h1", "h2", "ul", "ol", "li", "a", "strong", "br", "pre", "code", "table", "caption", "thead",
    "tbody", "tr", "th", "td", "figure", "figcaption", "svg", "path", "rect", "details", "summary",
})
# fmt: on

_hostile = st.sampled_from(
    [HOSTILE, RIGHT_TO_LEFT, "&" * 700, '"\\' * 900, "<" * 3000, "```", "a" * 3000, "{{", "", " "]
)
_texts = st.one_of(st.text(max_size=60), _hostile)
_ids = st.one_of(_texts, st.from_regex(r"[UWS][A-Z0-9]{2,30}", fullmatch=True))
_money = st.decimals(-(10**20), 10**20, places=12)
_severities = st.sampled_from(["P1", "P2", "P3", "P4"])
_scopes = st.builds(Scope, account_id=_texts, service=_texts, usage_type=_texts, region=_texts)
_contributors = st.builds(
    Contributor,
    account_id=_texts,
    service=_texts,
    usage_type=_texts,
    region=_texts,
    before=_money,
    after=_money,
    delta=_money,
)
_spikes = st.builds(
    Spike,
    day=st.dates(date(2010, 1, 1), date(2100, 1, 1)),
    scope=_scopes,
    billing_currency=_texts,
    detector=_texts,
    actual_cost=_money,
    expected_cost=_money,
    expected_low=_money,
    expected_high=_money,
    previous_cost=_money,
    typical_cost=_money,
    score=st.floats(),
    gates=st.lists(
        st.builds(
            Gate,
            name=st.one_of(_texts, st.sampled_from(["impact", "band"])),
            value=st.floats(),
            limit=st.floats(),
        ),
        max_size=9,
    ).map(tuple),
    contributors=st.lists(_contributors, max_size=8).map(tuple),
    fallen=st.lists(_contributors, max_size=3).map(tuple),
)
_hypotheses = st.builds(
    Hypothesis,
    cause=_texts,
    evidence_for=st.lists(_texts, max_size=20),
    evidence_against=st.lists(_texts, max_size=20),
    how_to_disprove=_texts,
)
_values = st.dictionaries(
    st.sampled_from(["event", "user", "resource_1", "action", HOSTILE]),
    st.one_of(st.none(), st.booleans(), _texts),
)
_facts = st.builds(Fact, id=_texts, label=_texts, values=_values)
_explanations = st.builds(
    Explanation,
    root_cause=_texts,
    severity=_severities,
    severity_reason=_texts,
    recommendations=st.lists(
        st.builds(Recommendation, action=_texts, console_path=_texts, cli=_texts), max_size=60
    ),
    prevention=_texts,
    evidence_ids=st.lists(_texts, max_size=20),
    what_changed=_texts,
    changed_on=_texts,
    hypotheses=st.lists(_hypotheses, max_size=5),
)
_explained = st.builds(
    Explained,
    severity=_severities,
    explanation=st.one_of(st.none(), _explanations),
    reason=_texts,
    flags=st.lists(_texts, max_size=20).map(tuple),
    model=_texts,
    prompt_version=_texts,
    evidence=st.lists(_facts, max_size=9).map(tuple),
)
_alerts = st.builds(
    Alert,
    spike=_spikes,
    explained=_explained,
    account_name=_texts,
    history=st.lists(st.tuples(st.dates(), _money), max_size=25).map(tuple),
    links=st.lists(
        st.builds(Link, label=_texts, url=_texts.map("https://a.example/".__add__)), max_size=6
    ).map(tuple),
    mentions=st.lists(_ids, max_size=12).map(tuple),
    related=st.one_of(st.just(()), st.tuples(_spikes), st.tuples(_spikes).map(lambda one: one * 7)),
    first_day=st.one_of(st.none(), st.dates()),
    raised_days=st.integers(0, 4000),
)
_days = st.dates(date(2010, 1, 1), date(2100, 1, 1))
_notices = st.builds(
    Notice,
    incident_id=st.just("0123456789abcdef"),
    reason=st.sampled_from(NotifyReason),
    day=_days,
    spike_id=st.just("0123456789abcdef"),
    scope=_scopes,
    billing_currency=_texts,
    state=st.sampled_from(State),
    severity=_severities,
    old_severity=_severities,
    impact=_money,
    old_impact=_money,
    first_day=_days,
    last_day=_days,
    raised_days=st.integers(0, 4000),
    spike_ids=st.just(()),
    restated=st.lists(st.tuples(_days, _money, _money), max_size=4).map(tuple),
)
_thorough = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def _forms(message: Message) -> list[Message]:
    plainer = plain_message(message)
    marked = possible_repeat(misrouted(message, "#team-<!here>", "channel_not_found"))
    forms = [message, plainer, possible_repeat(message), possible_repeat(plainer), marked]
    while plainest := plainer_form(forms[-1]):
        forms.append(plainest)
    assert forms[-1].blocks == []
    return forms


def _mrkdwn_texts(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if node.get("type") == "mrkdwn":
            assert node["verbatim"] is True
            yield node["text"]
        for value in node.values():
            yield from _mrkdwn_texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _mrkdwn_texts(value)


def _assert_slack_takes_it(message: Message, spoken: int = 180) -> None:
    written = json.dumps(message.blocks, ensure_ascii=False)
    assert block_problems(message.blocks) == []
    assert len(message.blocks) <= slack_limits.BLOCKS
    assert len(written) <= slack_limits.BLOCKS_JSON
    assert 0 < len(message.text) <= slack_limits.FALLBACK_TEXT + spoken
    assert sum(block["type"] == "table" for block in message.blocks) <= 1
    assert written.encode()


def _assert_nothing_is_obeyed(message: Message) -> None:
    assert _ESCAPED.fullmatch(message.text)
    assert "://" not in message.text
    for text in _mrkdwn_texts(message.blocks):
        own = "" if _OUR_CALLS.fullmatch(text) else text
        assert _ESCAPED.fullmatch(_OUR_LINK.sub("", own)), text
        assert text.count("```") % 2 == 0
    everything = message.text + json.dumps(message.blocks, ensure_ascii=False)
    assert not re.search(r"\{[{%#]", everything)


@_thorough
@given(_alerts)
@example(hostile_alert())
def test_every_alert_is_taken_and_harmless(one: Alert) -> None:
    folded = folded_message(one, message_key="key")
    details = details_message(one, message_key="key")
    assert folded.full == alert_message(one, message_key="key")
    for message in (*_forms(folded.full), *_forms(folded.short), details):
        _assert_slack_takes_it(message)
        _assert_nothing_is_obeyed(message)
    assert not any(_OUR_CALLS.fullmatch(text) for text in _mrkdwn_texts(details.blocks)), "called once only"


@_thorough
@given(st.lists(_alerts, max_size=6), st.integers(0, 12), st.integers(-1, 200))
@example([hostile_alert()], 60, 100)
def test_every_digest_is_taken_and_harmless(alerts: list[Alert], times: int, shown: int) -> None:
    for message in _forms(digest_message(alerts * times, day=DAY, message_key="key", shown=shown)):
        _assert_slack_takes_it(message)
        _assert_nothing_is_obeyed(message)


@_thorough
@given(_notices, _texts, _explained, _spikes)
def test_every_note_is_taken_and_harmless(
    notice: Notice, account: str, explained: Explained, worst: Spike
) -> None:
    note = note_message(
        notice,
        account_name=account,
        explained=explained,
        worst=worst,
        links=[Link(label=account, url="https://a.example/")],
        mentions=(account, "U024BE7LH"),
    )
    for message in _forms(note):
        _assert_slack_takes_it(message)
        _assert_nothing_is_obeyed(message)


@_thorough
@given(_alerts, st.booleans(), _notices, _notices)
@example(hostile_alert(), True, status(), status())
@example(hostile_alert(), False, status(), status())
def test_every_status_is_taken_and_the_newest_is_all_that_is_left(
    one: Alert, short: bool, before: Notice, notice: Notice
) -> None:
    sent = folded_message(one, message_key="key")
    for form in _forms(sent.short if short else sent.full):
        message = with_status(form, notice)
        _assert_slack_takes_it(message, spoken=300)
        _assert_nothing_is_obeyed(message)
        assert with_status(form, notice) == message
        again = with_status(with_status(form, before), notice)
        if NotifyReason.FIRST_NOTIFICATION not in {before.reason, notice.reason}:
            assert again.blocks[1:] == message.blocks[1:]


class _Strict(HTMLParser):
    """Fails on any element, attribute or address that the page does not have by itself."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _TAGS
        for name, value in attrs:
            assert not name.startswith("on")
            assert name not in {"src", "srcset", "style", "action"}
            assert name != "href" or (value or "").startswith("https://")


@_thorough
@given(_alerts, _texts)
@example(hostile_alert(), HOSTILE)
def test_the_preview_shows_every_message_and_nothing_in_it_becomes_html(one: Alert, title: str) -> None:
    messages = [
        *_forms(alert_message(one, message_key="key")),
        digest_message([one], day=DAY, message_key="key"),
    ]
    parser = _Strict()
    parser.feed(preview_page(messages, title=title, css="", channel=title))
    parser.close()


@given(st.lists(_contributors, max_size=8).map(tuple), _money, _money)
def test_every_column_of_the_contributors_adds_up_to_its_total(
    parts: tuple[Contributor, ...], actual: Decimal, expected: Decimal
) -> None:
    one = alert()
    found = replace(one.spike, contributors=parts, actual_cost=actual, expected_cost=expected)
    message = alert_message(replace(one, spike=found), message_key="key")
    rows: list[list[Any]] = next((block["rows"] for block in message.blocks if block["type"] == "table"), [])
    amounts = [[_read(cell["text"]) for cell in row[1:4]] for row in rows[1:]]
    if len(amounts) > 1:
        *parts_shown, total = amounts
        assert [sum(column) for column in zip(*parts_shown, strict=True)] == total


def _read(text: str) -> int:
    """Return the cents of a written amount."""
    return int(re.sub(r"[$,.+]", "", text))
