-- Of any source: a day has one verdict, whoever reads it.
DELETE FROM cost_drops
WHERE charge_period_start = :day
