-- The regions of a scope on a day that the whole bill had never had; with no region before, none is new.
SELECT region_id
FROM cloud_costs
WHERE
    charge_period_start <= :day
    AND x_source = :source
    AND x_charge_type = :charge_type
    AND region_id <> ''
    AND EXISTS (
        SELECT 1
        FROM cloud_costs AS earlier
        WHERE
            earlier.charge_period_start < :day
            AND earlier.x_source = :source
            AND earlier.region_id <> ''
    )
GROUP BY region_id
HAVING
    MIN(charge_period_start) = :day
    AND SUM(
        CASE
            WHEN
                (CAST(:account_id AS VARCHAR) = '' OR sub_account_id = :account_id)
                AND (CAST(:service AS VARCHAR) = '' OR service_name = :service)
                THEN effective_cost
            ELSE 0
        END
    ) > 0
ORDER BY region_id
