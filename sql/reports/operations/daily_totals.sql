/*---
title: Hours, miles and fares by day
description: What the fleet did with riders on board, day by day.
parameters: {month: shared}
chart: {type: line, x: trip_date, y: [total_hours, total_distance, total_fare], split: true}
columns:
  trip_date: {label: Date, format: date}
  total_hours: {label: Hours, format: thousands}
  total_distance: {label: Miles, format: thousands}
  total_fare: {label: Fares, format: currency}
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
