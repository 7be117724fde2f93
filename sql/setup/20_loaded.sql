-- Where the trips come from, in one row, which the load writes; none when the trips came otherwise.
CREATE TABLE IF NOT EXISTS trips_loaded (
    s3_path varchar(1024),
    trips bigint,
    loaded_at timestamp
)
DISTSTYLE ALL;
