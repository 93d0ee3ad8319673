-- A place is good for the transaction that read it: DuckDB moves rows only between transactions.
DELETE FROM cloud_costs
WHERE
    rowid IN (SELECT landing_gone.x_place FROM landing_gone)
    AND x_source = :source
