from datetime import timedelta

import pytest

from costspike.domain.server_settings import ServerSettings, duration, problems, retention_of


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("15d", timedelta(days=15)),
        ("1h30m", timedelta(minutes=90)),
        ("3y", timedelta(days=1095)),
        ("2w", timedelta(days=14)),
        ("500ms", timedelta(seconds=0.5)),
        ("0s", timedelta(0)),
        ("10GiB", None),
        ("", None),
        ("5 d", None),
    ],
)
def test_durations_are_those_of_prometheus(text: str, span: timedelta | None) -> None:
    assert duration(text) == span


def test_a_retention_by_size_has_no_time() -> None:
    assert retention_of("3y or 10GiB") == timedelta(days=1095)
    assert retention_of("10GiB") is None


def test_each_setting_that_is_too_small_is_named_with_the_value_that_would_do() -> None:
    server = ServerSettings(receiver=False, retention=timedelta(days=15), window=timedelta(0))
    found = problems(server, timedelta(days=400))
    assert [text.split(" ")[0] for text in found] == [
        "the",
        "storage.tsdb.out_of_order_time_window",
        "--storage.tsdb.retention.time",
    ]
    assert all("402d" in text for text in found[1:])


def test_a_server_that_tells_nothing_has_no_problem_that_is_known() -> None:
    assert problems(ServerSettings(), timedelta(days=400)) == []
