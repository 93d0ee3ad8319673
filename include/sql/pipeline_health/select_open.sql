-- What people may still have to look at: the spikes of the last days, each scope once.
SELECT
    COUNT(
        DISTINCT x_scope
        || '|' || sub_account_id || '|' || service_name || '|' || sku_meter || '|' || region_id
    ) AS incidents
FROM cost_spikes
WHERE charge_period_start >= :since
