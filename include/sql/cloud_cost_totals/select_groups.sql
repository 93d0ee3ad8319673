-- How many rows of all charge types the days of a range have.
SELECT SUM(x_groups) AS x_groups
FROM cloud_cost_totals
WHERE
    charge_period_start >= :start
    AND charge_period_start < :end
    AND x_source = :source
