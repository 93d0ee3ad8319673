-- The usage of every scope that ever spiked since a day, by day, from five weeks before its first spike on;
-- the total besides, which severities are measured by. One join a kind of scope: an engine hashes equalities,
-- and tries every pair for "this name or any".
WITH spikes AS (
    SELECT
        billing_currency,
        sub_account_id,
        service_name,
        sku_meter,
        region_id,
        charge_period_start
    FROM cost_spikes
    WHERE
        charge_period_start >= :since
        AND charge_period_start <= :as_of
        AND x_source = :source
    UNION ALL
    SELECT
        billing_currency,
        sub_account_id,
        service_name,
        sku_meter,
        region_id,
        charge_period_start
    FROM withdrawn_spikes
    WHERE
        charge_period_start >= :since
        AND charge_period_start <= :as_of
        AND x_source = :source
),

wanted AS (
    SELECT
        billing_currency,
        sub_account_id,
        service_name,
        sku_meter,
        region_id,
        charge_period_start
    FROM spikes
    UNION ALL
    SELECT
        billing_currency,
        '' AS sub_account_id,
        '' AS service_name,
        '' AS sku_meter,
        '' AS region_id,
        charge_period_start
    FROM spikes
),

scopes AS (
    SELECT
        billing_currency,
        sub_account_id,
        service_name,
        sku_meter,
        region_id,
        MIN(charge_period_start) - 35 AS oldest
    FROM wanted
    GROUP BY
        billing_currency,
        sub_account_id,
        service_name,
        sku_meter,
        region_id
),

series AS (
    SELECT
        charge_period_start,
        billing_currency,
        sub_account_id,
        service_name,
        sku_meter,
        region_id,
        effective_cost
    FROM cloud_costs
    WHERE
        charge_period_start >= :oldest
        AND charge_period_start <= :as_of
        AND x_source = :source
        AND x_charge_type = :charge_type
),

daily AS (
    SELECT
        charge_period_start,
        billing_currency,
        sub_account_id,
        service_name,
        SUM(effective_cost) AS daily_cost
    FROM cloud_costs
    WHERE
        charge_period_start >= :oldest
        AND charge_period_start <= :as_of
        AND x_source = :source
        AND x_charge_type = :charge_type
    GROUP BY
        charge_period_start,
        billing_currency,
        sub_account_id,
        service_name
),

daily_services AS (
    SELECT
        charge_period_start,
        billing_currency,
        service_name,
        SUM(daily_cost) AS daily_cost
    FROM daily
    GROUP BY
        charge_period_start,
        billing_currency,
        service_name
),

daily_accounts AS (
    SELECT
        charge_period_start,
        billing_currency,
        sub_account_id,
        SUM(daily_cost) AS daily_cost
    FROM daily
    GROUP BY
        charge_period_start,
        billing_currency,
        sub_account_id
),

daily_totals AS (
    SELECT
        charge_period_start,
        billing_currency,
        SUM(daily_cost) AS daily_cost
    FROM daily
    GROUP BY
        charge_period_start,
        billing_currency
)

SELECT
    scopes.billing_currency,
    scopes.sub_account_id,
    scopes.service_name,
    scopes.sku_meter,
    scopes.region_id,
    daily.charge_period_start,
    daily.daily_cost
FROM scopes
INNER JOIN daily
    ON
        scopes.billing_currency = daily.billing_currency
        AND scopes.sub_account_id = daily.sub_account_id
        AND scopes.service_name = daily.service_name
WHERE
    scopes.sub_account_id <> ''
    AND scopes.service_name <> ''
    AND scopes.sku_meter = ''
    AND scopes.oldest <= daily.charge_period_start
UNION ALL
SELECT
    scopes.billing_currency,
    scopes.sub_account_id,
    scopes.service_name,
    scopes.sku_meter,
    scopes.region_id,
    daily_services.charge_period_start,
    daily_services.daily_cost
FROM scopes
INNER JOIN daily_services
    ON
        scopes.billing_currency = daily_services.billing_currency
        AND scopes.service_name = daily_services.service_name
WHERE
    scopes.sub_account_id = ''
    AND scopes.service_name <> ''
    AND scopes.sku_meter = ''
    AND scopes.oldest <= daily_services.charge_period_start
UNION ALL
SELECT
    scopes.billing_currency,
    scopes.sub_account_id,
    scopes.service_name,
    scopes.sku_meter,
    scopes.region_id,
    daily_accounts.charge_period_start,
    daily_accounts.daily_cost
FROM scopes
INNER JOIN daily_accounts
    ON
        scopes.billing_currency = daily_accounts.billing_currency
        AND scopes.sub_account_id = daily_accounts.sub_account_id
WHERE
    scopes.sub_account_id <> ''
    AND scopes.service_name = ''
    AND scopes.oldest <= daily_accounts.charge_period_start
UNION ALL
SELECT
    scopes.billing_currency,
    scopes.sub_account_id,
    scopes.service_name,
    scopes.sku_meter,
    scopes.region_id,
    daily_totals.charge_period_start,
    daily_totals.daily_cost
FROM scopes
INNER JOIN daily_totals ON scopes.billing_currency = daily_totals.billing_currency
WHERE
    scopes.sub_account_id = ''
    AND scopes.service_name = ''
    AND scopes.oldest <= daily_totals.charge_period_start
UNION ALL
SELECT
    scopes.billing_currency,
    scopes.sub_account_id,
    scopes.service_name,
    scopes.sku_meter,
    scopes.region_id,
    series.charge_period_start,
    SUM(series.effective_cost) AS daily_cost
FROM scopes
INNER JOIN series
    ON
        scopes.billing_currency = series.billing_currency
        AND scopes.service_name = series.service_name
        AND scopes.sku_meter = series.sku_meter
WHERE
    scopes.sku_meter <> ''
    AND (scopes.sub_account_id = '' OR scopes.sub_account_id = series.sub_account_id)
    AND (scopes.region_id = '' OR scopes.region_id = series.region_id)
    AND scopes.oldest <= series.charge_period_start
GROUP BY
    scopes.billing_currency,
    scopes.sub_account_id,
    scopes.service_name,
    scopes.sku_meter,
    scopes.region_id,
    series.charge_period_start
