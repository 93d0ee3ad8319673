-- The days that have data, and when they were last read; days whose totals hold no group are read, but empty.
SELECT
    charge_period_start,
    MAX(x_groups) AS x_groups,
    MAX(x_observed_at) AS observed_at
FROM cloud_cost_totals
WHERE
    x_source = :source
    AND charge_period_start >= :since
GROUP BY charge_period_start
ORDER BY charge_period_start
