"""Text from outside is shown by Slack and never obeyed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costspike.rendering.mrkdwn import fence, mrkdwn, plain, visible

_ENTITY_OR_PLAIN = re.compile(r"(?:[^&<>]|&amp;|&lt;|&gt;)*", re.DOTALL)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("<!channel> & <@U1>", "&lt;!channel&gt; &amp; &lt;@U1&gt;", id="mentions"),
        pytest.param("<https://evil.example|click>", "&lt;https: //evil.example|click&gt;", id="links"),
        pytest.param("&lt;", "&amp;lt;", id="entities-are-text"),
        pytest.param("```rm```", "'''rm'''", id="no-code-of-its-own"),
        pytest.param("a\r\n\t b\u2028c", "a b c", id="one-line"),
        pytest.param("a\u202eb\u200bc\u2066d\U000e0041e\u3164f\x00g\u00adh", "abcdefgh", id="unseen"),
        pytest.param("{{ conn.x.password }}", "{ { conn.x.password }}", id="no-jinja-expression"),
        pytest.param("{% raw %}{# c #}", "{ % raw %}{ # c #}", id="no-jinja-statement"),
        pytest.param("{{{{x", "{ { { {x", id="no-jinja-in-many-braces"),
        pytest.param("{\u200b{ x", "{ { x", id="no-jinja-after-cleaning"),
        pytest.param("\ud800x", "x", id="no-lone-surrogate"),
        pytest.param("שלום", "שלום", id="right-to-left-letters-stay"),
    ],
)
def test_text_is_shown_and_not_obeyed(text: str, shown: str) -> None:
    assert mrkdwn(text, 100) == shown


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        pytest.param("abcde", 5, "abcde", id="fits"),
        pytest.param("abcdef", 5, "abcd…", id="cut-visibly"),
        pytest.param("ab<cd", 8, "ab&lt;cd", id="entities-count"),
        pytest.param("ab<cd", 7, "ab&lt;…", id="an-entity-that-fits-stays-whole"),
        pytest.param("ab<cd", 6, "ab…", id="an-entity-is-never-cut"),
    ],
)
def test_the_escaped_length_is_limited(text: str, limit: int, shown: str) -> None:
    assert mrkdwn(text, limit) == shown


@given(st.text(), st.integers(8, 60))
def test_no_text_breaks_out_or_grows_beyond_its_limit(text: str, limit: int) -> None:
    for shown in (mrkdwn(text, limit), fence([text], limit)[3:-3]):
        assert len(shown) <= limit
        assert _ENTITY_OR_PLAIN.fullmatch(shown)
        assert "`" not in shown
        assert not re.search(r"\{[{%#]", shown)


@given(st.text(), st.integers(1, 60))
def test_plain_text_is_never_empty_and_never_too_long(text: str, limit: int) -> None:
    assert 1 <= len(plain(text, limit)) <= limit


@given(st.text())
def test_what_is_visible_stays_as_it_is(text: str) -> None:
    assert visible(visible(text)) == visible(text)


def test_code_keeps_its_spaces_and_cannot_close_its_fence() -> None:
    assert fence(["a   b", "``` <!here>"], 100) == "```a   b\n''' &lt;!here&gt;```"


def test_addresses_stay_whole_only_in_code() -> None:
    assert mrkdwn("see s3://b and HTTPS://x", 99) == "see s3: //b and HTTPS: //x"
    assert fence(["aws s3 ls s3://b"], 99) == "```aws s3 ls s3://b```"


def test_long_code_is_cut_within_its_fence() -> None:
    assert fence(["x" * 50], 16) == "```xxxxxxxxx…```"
