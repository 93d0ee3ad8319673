-- Every paid request, as it was made: what the budgets are held against.
CREATE TABLE IF NOT EXISTS api_spend (
    spent_at TIMESTAMP NOT NULL,
    cost_day DATE NOT NULL,
    run_id VARCHAR NOT NULL,
    purpose VARCHAR NOT NULL,
    requests INTEGER NOT NULL,
    usd DECIMAL(38, 12) NOT NULL
)
