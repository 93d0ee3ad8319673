-- What is known of every landed day; the grain is one a day, whatever the currencies.
SELECT
    charge_period_start,
    MAX(x_observed_at) AS observed_at,
    MAX(CASE WHEN x_estimated THEN 1 ELSE 0 END) AS estimated,
    SUM(x_groups) AS groups_landed,
    MAX(x_grain) AS grain,
    MAX(x_run_id) AS run_id
FROM cloud_cost_totals
WHERE x_source = :source
GROUP BY charge_period_start
ORDER BY charge_period_start
