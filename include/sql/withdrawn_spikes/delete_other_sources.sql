DELETE FROM withdrawn_spikes
WHERE
    charge_period_start = :day
    AND x_source <> :source
