/*---
title: {en: 'Hours, miles and fares by day', de: 'Stunden, Meilen, Fahrpreise'}
description:
  en: What the fleet did with riders on board, day by day.
  de: Was die Flotte mit Fahrgästen leistete, Tag für Tag.
parameters: {month: shared}
chart: {type: line, x: trip_date, y: [total_hours, total_distance, total_fare], split: true}
columns:
  trip_date: {label: {en: Date, de: Datum}, format: date}
  total_hours: {label: {en: Hours, de: Stunden}, format: thousands}
  total_distance: {label: {en: Miles, de: Meilen}, format: thousands}
  total_fare: {label: {en: Fares, de: Fahrpreise}, format: currency}
size: two-thirds
order: 10
---*/
SELECT
    pickup_date AS trip_date,
    cast(sum(datediff(second, pickup_datetime, dropoff_datetime)) / 3600.0 AS decimal(18, 2)) AS total_hours,
    sum(trip_distance) AS total_distance,
    sum(fare_amount) AS total_fare
FROM nyc_yellow_taxi
WHERE pickup_date BETWEEN to_date(:month, 'YYYY-MM') AND last_day(to_date(:month, 'YYYY-MM'))
GROUP BY pickup_date
ORDER BY pickup_date
