/*---
title: Riders per cab
description: Trips by the number of passengers the driver entered.
parameters:
  month: {type: month, label: Trip month, default: 2015-12}
chart: {type: bar, x: passengers, y: [trips]}
columns:
  passengers: {label: Passengers}
  trips: {label: Trips, format: thousands}
cache: 15m
timeout: 60s
size: third
order: 20
empty: No trips in this month. Choose another one.
---*/
SELECT
    cast(passenger_count AS varchar) AS passengers,
    count(*) AS trips
FROM nyc_yellow_taxi
WHERE pickup_date BETWEEN to_date(:month, 'YYYY-MM') AND last_day(to_date(:month, 'YYYY-MM'))
    AND passenger_count BETWEEN 1 AND 6
GROUP BY passenger_count
ORDER BY passenger_count
