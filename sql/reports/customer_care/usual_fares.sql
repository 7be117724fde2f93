/*---
title: {en: 'Is this fare usual?', de: Übliche Preise}
description:
  en: Standard-rate fares by miles, of 2,000 trips.
  de: Preise zum Standardtarif, aus 2.000 Fahrten.
parameters: {month: shared}
chart: {type: box, x: miles, y: [fare]}
columns:
  miles: {label: {en: Miles, de: Meilen}, format: text}
  fare: {label: {en: Fare, de: Fahrpreis}, format: currency}
size: third
order: 30
empty:
  en: No trips in this month. Choose another one.
  de: Keine Fahrten in diesem Monat. Wählen Sie einen anderen.
currency: USD
---*/
-- The order by md5 picks the same trips at each run, and yet from every day and hour.
SELECT
    CASE
        WHEN trip_distance >= 10 THEN '10+'
        WHEN trip_distance >= 5 THEN '5-10'
        WHEN trip_distance >= 3 THEN '3-5'
        WHEN trip_distance >= 2 THEN '2-3'
        WHEN trip_distance >= 1 THEN '1-2'
        ELSE '0-1'
    END AS miles,
    fare_amount AS fare
FROM (
    SELECT trip_distance, fare_amount
    FROM nyc_yellow_taxi
    WHERE pickup_date BETWEEN to_date(:month, 'YYYY-MM') AND last_day(to_date(:month, 'YYYY-MM'))
        AND ratecode = 1
        AND trip_distance > 0
        AND fare_amount > 0
    ORDER BY md5(cast(pickup_datetime AS varchar)), dropoff_datetime, total_amount
    LIMIT 2000
) AS sampled
ORDER BY trip_distance, fare_amount
