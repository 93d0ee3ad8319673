import pytest
from hypothesis import given
from hypothesis import strategies as st

from costspike.domain.promql import is_label_name, quoted, selector


@given(st.text())
def test_a_quoted_value_ends_where_it_should(value: str) -> None:
    text = quoted(value)
    inner, position, read = text[1:-1], 0, ""
    while position < len(inner):
        if inner[position] == "\\":
            read += {"\\": "\\", '"': '"', "n": "\n"}[inner[position + 1]]
            position += 2
        else:
            assert inner[position] not in {'"', "\n"}
            read += inner[position]
            position += 1
    assert (text[0], text[-1], read) == ('"', '"', value)


def test_a_selector_names_its_labels() -> None:
    assert selector("m", a='x"', b="y") == 'm{a="x\\"", b="y"}'
    assert selector("m") == "m"


@pytest.mark.parametrize("name", ["a-b", "1a", "a b", 'a"', "", "a\n", "ä"])
def test_what_cannot_be_a_name_is_refused(name: str) -> None:
    assert not is_label_name(name)
    with pytest.raises(ValueError, match="no name of a label"):
        selector("m", **{name: "x"})
    with pytest.raises(ValueError, match="no name of a metric"):
        selector(name)
