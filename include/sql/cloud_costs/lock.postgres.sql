-- Two landings of the same days would otherwise both delete first, and the second insert would fail.
LOCK TABLE cloud_costs IN SHARE ROW EXCLUSIVE MODE
