-- Landed days of [start, end) that nobody has judged: their own run never was.
SELECT cloud_cost_totals.charge_period_start
FROM cloud_cost_totals
LEFT JOIN judged_days
    ON
        cloud_cost_totals.charge_period_start = judged_days.charge_period_start
        AND cloud_cost_totals.x_source = judged_days.x_source
WHERE
    cloud_cost_totals.charge_period_start >= :start
    AND cloud_cost_totals.charge_period_start < :end
    AND cloud_cost_totals.x_source = :source
    AND cloud_cost_totals.x_groups > 0
    AND judged_days.charge_period_start IS NULL
GROUP BY cloud_cost_totals.charge_period_start
ORDER BY cloud_cost_totals.charge_period_start
