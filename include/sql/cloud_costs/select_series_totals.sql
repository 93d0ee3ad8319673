-- The usage types of one scope: their amounts on a day, and of the reference days before it together.
-- A quantity counts only where every row has one, in one unit.
SELECT
    sub_account_id,
    service_name,
    sku_meter,
    region_id,
    MIN(consumed_unit) AS consumed_unit,
    CASE
        WHEN
            COUNT(CASE WHEN consumed_quantity IS NULL THEN 1 END) = 0
            AND MIN(consumed_unit) = MAX(consumed_unit)
            THEN 1
        ELSE 0
    END AS has_quantity,
    SUM(CASE WHEN charge_period_start < :day THEN billed_cost ELSE 0 END) AS billed_before,
    SUM(CASE WHEN charge_period_start < :day THEN effective_cost ELSE 0 END) AS effective_before,
    SUM(CASE WHEN charge_period_start < :day THEN consumed_quantity ELSE 0 END) AS quantity_before,
    SUM(CASE WHEN charge_period_start = :day THEN billed_cost ELSE 0 END) AS billed,
    SUM(CASE WHEN charge_period_start = :day THEN effective_cost ELSE 0 END) AS effective,
    SUM(CASE WHEN charge_period_start = :day THEN consumed_quantity ELSE 0 END) AS quantity
FROM cloud_costs
WHERE
    charge_period_start >= :start
    AND charge_period_start <= :day
    AND x_source = :source
    AND x_charge_type = :charge_type
    AND billing_currency = :billing_currency
    AND (CAST(:account_id AS VARCHAR) = '' OR sub_account_id = :account_id)
    AND (CAST(:service AS VARCHAR) = '' OR service_name = :service)
    AND sku_meter <> ''
GROUP BY
    sub_account_id,
    service_name,
    sku_meter,
    region_id
ORDER BY
    sub_account_id,
    service_name,
    sku_meter,
    region_id
