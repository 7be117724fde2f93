/*---
title: {en: Rides over an hour, de: Über eine Stunde}
description:
  en: Minutes of 2,000 at most. Near 1,440 a meter ran on.
  de: Bis zu 2.000 Fahrten. Bei 1.440 lief die Uhr weiter.
parameters: {month: shared}
chart: {type: histogram, x: minutes}
columns:
  picked_up: {label: {en: Picked up, de: Beginn}, format: date}
  minutes: {label: {en: Minutes, de: Minuten}, format: thousands}
  trip_distance: {label: {en: Miles, de: Meilen}, format: number}
  total_paid: {label: {en: Paid, de: Gezahlt}, format: currency}
size: third
order: 50
empty:
  en: No rides over an hour in this month.
  de: Keine Fahrten über eine Stunde in diesem Monat.
currency: USD
---*/
-- The order by md5 picks the same trips at each run, and yet from every day and hour.
SELECT picked_up, minutes, trip_distance, total_paid
FROM (
    SELECT
        pickup_datetime AS picked_up,
        datediff(minute, pickup_datetime, dropoff_datetime) AS minutes,
        trip_distance,
        total_amount AS total_paid
    FROM nyc_yellow_taxi
    WHERE pickup_date BETWEEN to_date(:month, 'YYYY-MM') AND last_day(to_date(:month, 'YYYY-MM'))
        AND datediff(minute, pickup_datetime, dropoff_datetime) >= 60
    ORDER BY md5(cast(pickup_datetime AS varchar)), dropoff_datetime, total_amount
    LIMIT 2000
) AS sampled
ORDER BY minutes DESC, picked_up
