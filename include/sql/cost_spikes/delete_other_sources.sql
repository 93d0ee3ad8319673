-- A day has one verdict, the newest: that of another source goes with the day that this source judges.
DELETE FROM cost_spikes
WHERE
    charge_period_start = :day
    AND x_source <> :source
