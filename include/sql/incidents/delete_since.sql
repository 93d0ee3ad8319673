DELETE FROM incidents
WHERE
    first_day >= :since
    AND x_source = :source
