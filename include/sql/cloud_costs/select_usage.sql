-- The usage signal for detection: other charge types (credit, refund, tax, fees) never mask or make a rise.
SELECT
    charge_period_start AS usage_date,
    sub_account_id AS account_id,
    service_name AS service,
    sku_meter AS usage_type,
    region_id AS region,
    billing_currency,
    effective_cost AS amount_usd
FROM cloud_costs
WHERE
    charge_period_start >= :start
    AND charge_period_start < :end
    AND x_source = :source
    AND x_charge_type = :charge_type
    AND (CAST(:billing_currency AS VARCHAR) = '' OR billing_currency = :billing_currency)
ORDER BY
    charge_period_start,
    sub_account_id,
    service_name,
    sku_meter,
    region_id
