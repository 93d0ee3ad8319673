CREATE INDEX IF NOT EXISTS usage_sums_day ON usage_sums (charge_period_start)
