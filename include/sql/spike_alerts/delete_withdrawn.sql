-- A spike that the day's new verdict does not hold any more, and that nobody was told of, is not sent.
DELETE FROM spike_alerts
WHERE
    charge_period_start = :day
    AND x_state = 'pending'
    AND attempts = 0
    AND spike_id NOT IN (
        SELECT spike_id
        FROM cost_spikes
        WHERE charge_period_start = :day
    )
