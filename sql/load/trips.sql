-- Replaces all trips by those of the Parquet files under the given path. The file runs as one transaction: readers see
-- the old trips until the new ones are complete. That is why it says DELETE; TRUNCATE would commit at once.
DELETE FROM nyc_yellow_taxi;

-- The files' columns must be the table's, in its order and with its types: COPY of Parquet goes by position and does
-- not convert.
COPY nyc_yellow_taxi
FROM '${SAMPLE_DATA_S3_PATH}'
IAM_ROLE ${REDSHIFT_IAM_ROLE}
FORMAT AS PARQUET;

-- Which trips these are: those of the same path are not loaded again.
DELETE FROM trips_loaded;

INSERT INTO trips_loaded
SELECT '${SAMPLE_DATA_S3_PATH}', count(*), sysdate
FROM nyc_yellow_taxi;
