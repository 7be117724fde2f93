"""The ten columns of the table `nyc_yellow_taxi`, in the table's order; `tripfiles` writes its Parquet files by them.

COPY of Parquet into Redshift matches columns by position and demands the table's own types, so order and types are
written here once and tested against `sql/setup/10_tables.sql`.
"""

TABLE_COLUMNS = {
    "pickup_date": "DATE",
    "pickup_datetime": "TIMESTAMP",
    "dropoff_datetime": "TIMESTAMP",
    "ratecode": "SMALLINT",
    "passenger_count": "SMALLINT",
    "trip_distance": "DECIMAL(9,2)",
    "fare_amount": "DECIMAL(10,2)",
    "total_amount": "DECIMAL(10,2)",
    "payment_type": "SMALLINT",
    "vendorid": "VARCHAR",
}
