-- Of any source: a day has one verdict, whoever reads it.
DELETE FROM quiet_spikes
WHERE charge_period_start = :day
