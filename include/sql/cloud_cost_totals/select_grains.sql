-- The days of a range that were landed before, and how finely.
SELECT
    charge_period_start,
    x_grain
FROM cloud_cost_totals
WHERE
    charge_period_start >= :start
    AND charge_period_start < :end
    AND x_source = :source
