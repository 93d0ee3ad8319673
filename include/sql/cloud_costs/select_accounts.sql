-- The accounts that had costs since a day, each with the name that it had last.
WITH named AS (
    SELECT
        sub_account_id,
        MAX(charge_period_start) AS last_named
    FROM cloud_costs
    WHERE
        charge_period_start >= :since
        AND x_source = :source
        AND sub_account_name <> ''
    GROUP BY sub_account_id
)

SELECT
    cloud_costs.sub_account_id,
    MAX(
        CASE
            WHEN cloud_costs.charge_period_start = named.last_named THEN cloud_costs.sub_account_name
            ELSE ''
        END
    ) AS sub_account_name
FROM cloud_costs
LEFT JOIN named ON cloud_costs.sub_account_id = named.sub_account_id
WHERE
    cloud_costs.charge_period_start >= :since
    AND cloud_costs.x_source = :source
    AND cloud_costs.sub_account_id <> ''
GROUP BY cloud_costs.sub_account_id
ORDER BY cloud_costs.sub_account_id
