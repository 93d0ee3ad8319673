-- What was asked and paid for each cost day.
SELECT
    cost_day,
    purpose,
    SUM(requests) AS requests,
    SUM(usd) AS usd
FROM api_spend
WHERE
    cost_day >= :start
    AND cost_day < :end
GROUP BY
    cost_day,
    purpose
