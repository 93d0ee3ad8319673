-- What every service cost on each day that has rows, and of how many amounts other than zero.
WITH unsummed AS (
    SELECT DISTINCT charge_period_start
    FROM cloud_cost_totals
    WHERE
        charge_period_start >= :start
        AND charge_period_start < :end
        AND x_source = :source
        AND NOT x_summed
)

SELECT
    charge_period_start AS usage_date,
    billing_currency,
    service_name AS service,
    SUM(effective_cost) AS amount_usd,
    SUM(x_costs) AS cells
FROM usage_sums
WHERE
    charge_period_start >= :start
    AND charge_period_start < :end
    AND x_source = :source
GROUP BY
    charge_period_start,
    billing_currency,
    service_name
UNION ALL
SELECT
    cloud_costs.charge_period_start AS usage_date,
    cloud_costs.billing_currency,
    cloud_costs.service_name AS service,
    SUM(cloud_costs.effective_cost) AS amount_usd,
    COUNT(CASE WHEN cloud_costs.effective_cost <> 0 THEN 1 END) AS cells
FROM cloud_costs
INNER JOIN unsummed
    ON cloud_costs.charge_period_start = unsummed.charge_period_start
WHERE
    cloud_costs.x_source = :source
    AND cloud_costs.x_charge_type = :charge_type
GROUP BY
    cloud_costs.charge_period_start,
    cloud_costs.billing_currency,
    cloud_costs.service_name
