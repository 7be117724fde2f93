/*---
title: {en: The price of a mile, de: Preis je Meile}
description:
  en: Short trips cost most a mile. Of 1,500 trips.
  de: Kurze Fahrten sind je Meile teurer. Aus 1.500.
parameters: {month: shared}
chart: {type: scatter, x: trip_distance, y: [fare_per_mile], series: rate}
columns:
  trip_distance: {label: {en: Miles, de: Meilen}, format: number}
  fare_per_mile: {label: {en: Fare a mile, de: Fahrpreis je Meile}, format: currency}
  rate:
    label: {en: Rate, de: Tarif}
    format: text
    labels:
      Negotiated: {en: Negotiated, de: Vereinbart}
      Other: {en: Other, de: Sonstige}
size: third
order: 40
empty:
  en: No trips in this month. Choose another one.
  de: Keine Fahrten in diesem Monat. Wählen Sie einen anderen.
currency: USD
---*/
-- The order by md5 picks the same trips at each run, and yet from every day and hour.
-- A few yards at a high price, or a ride out of town, would press all others into a corner.
SELECT
    trip_distance,
    cast(fare_amount / trip_distance AS decimal(10, 2)) AS fare_per_mile,
    CASE ratecode WHEN 1 THEN 'Standard' WHEN 2 THEN 'JFK' WHEN 5 THEN 'Negotiated' ELSE 'Other' END AS rate
FROM (
    SELECT trip_distance, fare_amount, ratecode
    FROM nyc_yellow_taxi
    WHERE pickup_date BETWEEN to_date(:month, 'YYYY-MM') AND last_day(to_date(:month, 'YYYY-MM'))
        AND trip_distance BETWEEN 0.25 AND 25
        AND fare_amount BETWEEN 0.01 AND 25 * trip_distance
    ORDER BY md5(cast(pickup_datetime AS varchar)), dropoff_datetime, total_amount
    LIMIT 1500
) AS sampled
ORDER BY coalesce(ratecode, 99), trip_distance, fare_per_mile
