-- The table every report reads: one row a trip. Columns, order and types are those of the published AWS pattern, and
-- COPY of Parquet files goes by position: whoever changes a column here changes the files' makers too.
--
-- Rows lie in the order of pickup_date, because every report asks for months: blocks of other months are never read.
-- They are spread evenly over the nodes, because no column is ever joined.
CREATE TABLE IF NOT EXISTS nyc_yellow_taxi (
    pickup_date date,
    pickup_datetime timestamp,
    dropoff_datetime timestamp,
    ratecode smallint,
    passenger_count smallint,
    trip_distance decimal(9, 2),
    fare_amount decimal(10, 2),
    total_amount decimal(10, 2),
    payment_type smallint,
    vendorid varchar(20)
)
DISTSTYLE EVEN
SORTKEY (pickup_date);
