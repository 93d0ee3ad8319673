-- What the new verdict of a day holds (again) is not withdrawn.
DELETE FROM withdrawn_spikes
WHERE
    charge_period_start = :day
    AND x_source = :source
    AND spike_id IN (
        SELECT spike_id
        FROM cost_spikes
        WHERE charge_period_start = :day
    )
