-- How many incidents were open on each landed day, by severity: begun by then, and not over yet. What AWS
-- corrected away was none.
WITH days AS (
    SELECT DISTINCT charge_period_start
    FROM cloud_cost_totals
    WHERE
        charge_period_start >= :start
        AND charge_period_start < :end
        AND x_source = :source
)

SELECT
    days.charge_period_start,
    incidents.severity,
    COUNT(*) AS open_incidents
FROM days
INNER JOIN incidents
    ON
        days.charge_period_start >= incidents.first_day
        AND (incidents.closed_on IS NULL OR days.charge_period_start < incidents.closed_on)
WHERE
    incidents.x_source = :source
    AND incidents.x_state <> 'corrected'
GROUP BY
    days.charge_period_start,
    incidents.severity
