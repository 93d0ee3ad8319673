SELECT
    spike_id,
    quiet_until
FROM quiet_spikes
WHERE
    charge_period_start >= :since
    AND x_source = :source
