/*---
title: {en: Load a month of trips, de: Fahrten eines Monats laden}
description:
  en: Replaces the trips of one month by those of its Parquet files.
  de: Ersetzt die Fahrten eines Monats durch die seiner Parquet-Dateien.
parameters:
  month: {type: month, label: {en: Trip month, de: Monat der Fahrten}, default: 2015-12, min: 2015-01, max: 2015-12}
groups: [operations]
confirm:
  en: Load the trips of {month}?
  de: Die Fahrten von {month} laden?
writes: [nyc_yellow_taxi]
---*/

-- step: Clear the month
DELETE FROM nyc_yellow_taxi
WHERE pickup_date BETWEEN to_date(:month, 'YYYY-MM') AND last_day(to_date(:month, 'YYYY-MM'));

-- step: Load the month
-- The files' columns must be the table's, in its order and with its types: COPY of Parquet goes by position and does
-- not convert.
COPY nyc_yellow_taxi
FROM '${JOBS_DATA_S3_PATH}trips_{month}'
IAM_ROLE ${REDSHIFT_IAM_ROLE}
FORMAT AS PARQUET;

-- check: Rows arrived
SELECT count(*) > 0
FROM nyc_yellow_taxi
WHERE pickup_date BETWEEN to_date(:month, 'YYYY-MM') AND last_day(to_date(:month, 'YYYY-MM'));
