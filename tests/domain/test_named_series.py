"""Names become series, whatever kind of column holds them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costspike.domain.cost_table import NAMES
from costspike.domain.named_series import named_series

WORDS = st.sampled_from(["", "EC2", "S3", "Élan", "\x00", "a" * 40, None])
ROWS = st.lists(st.tuples(WORDS, WORDS, WORDS, WORDS), min_size=1, max_size=30)


def _chunked(names: pd.Series) -> Any:
    parts = [pa.array(part.tolist(), pa.string()) for part in (names[:2], names[2:])]
    return pd.Series(pd.array(pa.chunked_array(parts), dtype=pd.ArrowDtype(pa.string())))


KINDS: dict[str, Callable[[pd.Series], Any]] = {
    "objects": lambda names: names.astype(object),
    "nan": lambda names: names.astype(object).where(names.notna(), np.nan),
    "str": lambda names: names.astype("str"),
    "python": lambda names: names.astype(pd.StringDtype("python")),
    "category": lambda names: names.astype(pd.CategoricalDtype(["unused", *names.dropna().unique()])),
    "arrow": lambda names: names.astype(pd.ArrowDtype(pa.large_string())),
    "chunked": _chunked,
    "dictionary": lambda names: pd.Series(
        pd.array(
            pa.array(names.tolist(), pa.string()).dictionary_encode(),
            dtype=pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string())),
        )
    ),
}


@given(ROWS, st.lists(st.sampled_from(sorted(KINDS)), min_size=4, max_size=4), st.data())
def test_each_row_has_the_series_of_its_names(
    rows: list[tuple[str | None, ...]], kinds: list[str], data: st.DataObject
) -> None:
    columns = zip(NAMES, zip(*rows, strict=True), kinds, strict=True)
    frame = pd.DataFrame({name: KINDS[kind](pd.Series(words, dtype=object)) for name, words, kind in columns})
    places = data.draw(st.none() | st.lists(st.integers(0, len(rows) - 1), min_size=1))
    found = named_series(frame, None if places is None else np.array(places))
    keys = [
        tuple(words[code] for words, code in zip(found.vocabulary, codes, strict=True))
        for codes in found.codes
    ]
    asked = rows if places is None else [rows[place] for place in places]
    assert [keys[series] for series in found.of_row] == [tuple(word or "" for word in row) for row in asked]
    assert keys == sorted({tuple(word or "" for word in row) for row in asked})
    assert all(words == tuple(sorted({"", *words})) for words in found.vocabulary)


@pytest.mark.parametrize("odd", [7, b"S3", ("S3",), "\ud800", 1.5])
def test_what_is_no_text_is_read_as_it_prints(odd: object) -> None:
    frame = pd.DataFrame({name: pd.Series([odd, "EC2", None], dtype=object) for name in NAMES})
    found = named_series(frame)
    assert found.vocabulary == (tuple(sorted(["", "EC2", str(odd)])),) * 4
    assert len(found.codes) == 3
