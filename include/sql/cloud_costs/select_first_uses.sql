-- Every name that has costs in a scope on a day, with the first day that it is landed: in the scope, and
-- in the whole bill.
WITH rows_so_far AS (
    SELECT
        charge_period_start,
        sub_account_id,
        service_name,
        region_id,
        sku_meter,
        effective_cost,
        CASE
            WHEN
                (CAST(:account_id AS VARCHAR) = '' OR sub_account_id = :account_id)
                AND (CAST(:service AS VARCHAR) = '' OR service_name = :service)
                THEN 1
            ELSE 0
        END AS in_scope
    FROM cloud_costs
    WHERE
        charge_period_start <= :day
        AND x_source = :source
        AND x_charge_type = :charge_type
        AND billing_currency = :billing_currency
),

named AS (
    SELECT
        'account_id' AS kind,
        sub_account_id AS used_name,
        charge_period_start,
        effective_cost,
        in_scope
    FROM rows_so_far
    UNION ALL
    SELECT
        'service' AS kind,
        service_name AS used_name,
        charge_period_start,
        effective_cost,
        in_scope
    FROM rows_so_far
    UNION ALL
    SELECT
        'region' AS kind,
        region_id AS used_name,
        charge_period_start,
        effective_cost,
        in_scope
    FROM rows_so_far
    UNION ALL
    SELECT
        'usage_type' AS kind,
        sku_meter AS used_name,
        charge_period_start,
        effective_cost,
        in_scope
    FROM rows_so_far
)

SELECT
    kind,
    used_name,
    SUM(CASE WHEN in_scope = 1 AND charge_period_start = :day THEN effective_cost ELSE 0 END) AS day_cost,
    MIN(CASE WHEN in_scope = 1 THEN charge_period_start END) AS first_in_scope,
    MIN(charge_period_start) AS first_anywhere
FROM named
WHERE used_name <> ''
GROUP BY
    kind,
    used_name
HAVING SUM(CASE WHEN in_scope = 1 AND charge_period_start = :day THEN effective_cost ELSE 0 END) > 0
ORDER BY
    kind,
    used_name
