-- The cost day itself: a day without data is not a day without cost.
SELECT CAST(:day AS DATE) AS missing_day
WHERE
    NOT EXISTS (
        SELECT 1
        FROM cloud_costs
        WHERE
            charge_period_start = :day
            AND x_source = :source
    )
