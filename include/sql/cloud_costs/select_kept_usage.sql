-- What could be a spike, by the rule of domain/fold.py: the account x services that have a series with a day
-- of :least or more, or that cost :floor together in the recent days. Their smaller series come as one.
WITH kept AS (
    SELECT DISTINCT
        sub_account_id,
        service_name,
        sku_meter,
        region_id
    FROM cloud_costs
    WHERE
        ABS(effective_cost) >= CAST(:least AS DECIMAL(38, 12))
        AND charge_period_start >= :start
        AND charge_period_start < :end
        AND x_source = :source
        AND x_charge_type = :charge_type
        AND billing_currency = :billing_currency
),

pairs AS (
    SELECT
        sub_account_id,
        service_name
    FROM kept
    UNION
    SELECT
        sub_account_id,
        service_name
    FROM cloud_costs
    WHERE
        charge_period_start >= :recent
        AND charge_period_start < :end
        AND x_source = :source
        AND x_charge_type = :charge_type
        AND billing_currency = :billing_currency
    GROUP BY
        sub_account_id,
        service_name
    HAVING SUM(ABS(effective_cost)) >= CAST(:floor AS DECIMAL(38, 12))
),

-- On its own, or Postgres would sort every row for the join with few.
near AS MATERIALIZED (
    SELECT
        cloud_costs.charge_period_start,
        cloud_costs.sub_account_id,
        cloud_costs.service_name,
        cloud_costs.sku_meter,
        cloud_costs.region_id,
        cloud_costs.effective_cost
    FROM cloud_costs
    INNER JOIN pairs
        ON
            cloud_costs.sub_account_id = pairs.sub_account_id
            AND cloud_costs.service_name = pairs.service_name
    WHERE
        cloud_costs.charge_period_start >= :start
        AND cloud_costs.charge_period_start < :end
        AND cloud_costs.x_source = :source
        AND cloud_costs.x_charge_type = :charge_type
        AND cloud_costs.billing_currency = :billing_currency
),

named AS (
    SELECT
        near.charge_period_start AS usage_date,
        near.sub_account_id AS account_id,
        near.service_name AS service,
        near.effective_cost,
        CASE
            WHEN kept.service_name IS NULL THEN CAST(:smaller AS VARCHAR)
            ELSE near.sku_meter
        END AS usage_type,
        CASE WHEN kept.service_name IS NULL THEN '' ELSE near.region_id END AS region
    FROM near
    LEFT JOIN kept
        ON
            near.sub_account_id = kept.sub_account_id
            AND near.service_name = kept.service_name
            AND near.sku_meter = kept.sku_meter
            AND near.region_id = kept.region_id
)

SELECT
    usage_date,
    account_id,
    service,
    usage_type,
    region,
    SUM(effective_cost) AS amount_usd
FROM named
GROUP BY
    usage_date,
    account_id,
    service,
    usage_type,
    region
