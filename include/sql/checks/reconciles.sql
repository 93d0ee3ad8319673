-- The groups of a day sum to what Cost Explorer says the day cost in all, a day and currency.
WITH days AS (
    SELECT
        charge_period_start,
        billing_currency,
        SUM(billed_cost) AS billed_cost,
        SUM(effective_cost) AS effective_cost
    FROM cloud_costs
    WHERE
        charge_period_start >= :start
        AND charge_period_start < :end
        AND x_source = :source
    GROUP BY
        charge_period_start,
        billing_currency
),

totals AS (
    SELECT
        charge_period_start,
        billing_currency,
        billed_cost,
        effective_cost
    FROM cloud_cost_totals
    WHERE
        charge_period_start >= :start
        AND charge_period_start < :end
        AND x_source = :source
)

SELECT
    COALESCE(totals.charge_period_start, days.charge_period_start) AS charge_period_start,
    COALESCE(totals.billing_currency, days.billing_currency) AS billing_currency,
    COALESCE(days.billed_cost, 0) AS billed_cost_of_groups,
    COALESCE(totals.billed_cost, 0) AS billed_cost_in_total,
    COALESCE(days.effective_cost, 0) AS effective_cost_of_groups,
    COALESCE(totals.effective_cost, 0) AS effective_cost_in_total
FROM totals
FULL OUTER JOIN days
    ON
        totals.charge_period_start = days.charge_period_start
        AND totals.billing_currency = days.billing_currency
WHERE
    ABS(COALESCE(days.billed_cost, 0) - COALESCE(totals.billed_cost, 0)) > CAST(:tolerance AS DECIMAL(38, 12))
    OR ABS(COALESCE(days.effective_cost, 0) - COALESCE(totals.effective_cost, 0))
    > CAST(:tolerance AS DECIMAL(38, 12))
ORDER BY
    charge_period_start,
    billing_currency
