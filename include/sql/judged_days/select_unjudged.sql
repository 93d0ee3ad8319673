-- Landed days of [start, end) that nobody has judged, since their own run never was, or not since their usage
-- was restated from :restated_start on: the run that saw it ended before it could judge.
WITH restated_days AS (
    SELECT
        charge_period_start,
        MAX(x_observed_at) AS x_restated_at
    FROM cloud_cost_revisions
    WHERE
        charge_period_start >= :restated_start
        AND charge_period_start < :end
        AND x_source = :source
        AND x_charge_type = :charge_type
    GROUP BY charge_period_start
)

SELECT cloud_cost_totals.charge_period_start
FROM cloud_cost_totals
LEFT JOIN judged_days
    ON
        cloud_cost_totals.charge_period_start = judged_days.charge_period_start
        AND cloud_cost_totals.x_source = judged_days.x_source
LEFT JOIN restated_days
    ON cloud_cost_totals.charge_period_start = restated_days.charge_period_start
WHERE
    cloud_cost_totals.charge_period_start < :end
    AND cloud_cost_totals.x_source = :source
    AND cloud_cost_totals.x_groups > 0
    AND (
        (judged_days.charge_period_start IS NULL AND cloud_cost_totals.charge_period_start >= :start)
        OR judged_days.x_judged_at < restated_days.x_restated_at
    )
GROUP BY cloud_cost_totals.charge_period_start
ORDER BY cloud_cost_totals.charge_period_start
