"""The table of constants varies what it says, and puts everything back."""

from benchmarks.ablations import changed
from benchmarks.constants import FACTORS, Variant, _moved
from costspike.domain import likelihoods


def value_in_use(variant: Variant) -> object:
    ((module, name, _),) = variant.changes
    return getattr(module, name)


def test_every_constant_is_there_and_moves_both_ways() -> None:
    variants = list(_moved())
    assert {variant.name for variant in variants} >= {f"weight of {name}" for name in likelihoods.WEIGHTS}
    assert len(variants) == len(FACTORS) * len({variant.name for variant in variants})
    for variant in variants:
        assert variant.value != variant.was
        assert type(variant.value) is type(variant.was)


def test_what_was_changed_is_put_back() -> None:
    for variant in (one for one in _moved() if one.changes):
        before = value_in_use(variant)
        with changed(variant.changes):
            assert value_in_use(variant) != before
        assert value_in_use(variant) is before
