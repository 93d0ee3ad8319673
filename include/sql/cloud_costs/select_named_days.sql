-- On how many days before a day the whole bill is landed with names of each kind.
SELECT
    COUNT(DISTINCT CASE WHEN sub_account_id <> '' THEN charge_period_start END) AS account_id,
    COUNT(DISTINCT CASE WHEN service_name <> '' THEN charge_period_start END) AS service,
    COUNT(DISTINCT CASE WHEN region_id <> '' THEN charge_period_start END) AS region,
    COUNT(DISTINCT CASE WHEN sku_meter <> '' THEN charge_period_start END) AS usage_type
FROM cloud_costs
WHERE
    charge_period_start < :day
    AND x_source = :source
    AND x_charge_type = :charge_type
