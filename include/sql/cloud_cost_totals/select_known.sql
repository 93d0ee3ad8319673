-- The days of a range that were landed before, how finely, and whether their sums are kept.
SELECT
    charge_period_start,
    x_grain,
    x_summed
FROM cloud_cost_totals
WHERE
    charge_period_start >= :start
    AND charge_period_start < :end
    AND x_source = :source
