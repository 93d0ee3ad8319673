-- The incidents that began since a day, named as they are inserted.
SELECT
    incident_id,
    x_state AS state,
    severity,
    x_scope AS scope,
    sub_account_id,
    service_name,
    sku_meter,
    region_id,
    billing_currency,
    first_day,
    last_day,
    last_spike_day,
    closed_on,
    raised_days,
    spikes,
    withdrawn_spikes,
    impact,
    withdrawn_impact,
    peak_day,
    peak_impact,
    x_source AS source
FROM incidents
WHERE
    first_day >= :since
    AND x_source = :source
