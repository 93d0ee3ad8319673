SELECT COUNT(*) AS spikes
FROM cost_spikes
WHERE charge_period_start = :day
