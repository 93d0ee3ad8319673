-- The rows of some days as they are compared with what is about to land, each with its place in the table.
SELECT
    rowid AS x_place,
    charge_period_start,
    charge_period_end,
    sub_account_id,
    sub_account_name,
    service_name,
    region_id,
    sku_meter,
    x_charge_type,
    billing_currency,
    billed_cost,
    effective_cost,
    x_cost_basis,
    consumed_quantity,
    consumed_unit,
    x_estimated
FROM cloud_costs
WHERE
    charge_period_start >= :start
    AND charge_period_start < :end
    AND x_source = :source
