-- How many incidents were open on each landed day: the scopes that spiked on it or on one of the days before
-- it that are not yet as many as make an incident quiet. To be read from incidents where those are kept.
WITH days AS (
    SELECT DISTINCT charge_period_start
    FROM cloud_cost_totals
    WHERE
        charge_period_start >= :start
        AND charge_period_start < :end
        AND x_source = :source
),

open_scopes AS (
    SELECT DISTINCT
        days.charge_period_start,
        cost_spikes.billing_currency,
        cost_spikes.sub_account_id,
        cost_spikes.service_name,
        cost_spikes.sku_meter,
        cost_spikes.region_id
    FROM days
    INNER JOIN cost_spikes
        ON
            days.charge_period_start >= cost_spikes.charge_period_start
            AND days.charge_period_start - cost_spikes.charge_period_start < :quiet_days
    WHERE cost_spikes.x_source = :source
)

SELECT
    days.charge_period_start,
    COUNT(open_scopes.charge_period_start) AS open_incidents
FROM days
LEFT JOIN open_scopes ON days.charge_period_start = open_scopes.charge_period_start
GROUP BY days.charge_period_start
