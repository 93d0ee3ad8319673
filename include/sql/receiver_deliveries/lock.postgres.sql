-- Two runs at once may not both find that there is no row.
LOCK TABLE receiver_deliveries IN SHARE ROW EXCLUSIVE MODE
