-- What was said of the incidents that earlier spikes of a scope belong to, by spike, the last word last.
SELECT
    cost_spikes.spike_id,
    incident_verdicts.incident_id,
    incident_verdicts.given_at,
    incident_verdicts.given_by,
    incident_verdicts.verdict,
    incident_verdicts.note
FROM incident_verdicts
INNER JOIN cost_spikes ON incident_verdicts.incident_id = cost_spikes.incident_id
WHERE
    cost_spikes.charge_period_start >= :since
    AND cost_spikes.charge_period_start < :day
    AND cost_spikes.x_source = :source
    AND cost_spikes.billing_currency = :billing_currency
    AND cost_spikes.sub_account_id = :account_id
    AND cost_spikes.service_name = :service
    AND cost_spikes.sku_meter = :usage_type
    AND cost_spikes.region_id = :region
ORDER BY
    incident_verdicts.given_at,
    incident_verdicts.given_by
