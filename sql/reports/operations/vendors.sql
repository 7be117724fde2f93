/*---
title: Meter companies
description: The companies whose meters record the trips.
parameters:
  month: {type: month, label: Trip month, default: 2015-12}
chart: {type: table}
columns:
  vendor: {label: Company, format: text}
  trips: {label: Trips, format: thousands}
  trip_share: {label: Share, format: percent}
  miles_per_trip: {label: Miles per trip, format: number}
  passengers_per_trip: {label: Riders per trip, format: number}
  fare_per_trip: {label: Fare per trip, format: currency}
cache: 15m
timeout: 60s
size: half
order: 60
empty: No trips in this month. Choose another one.
---*/
SELECT
    CASE vendorid
        WHEN '1' THEN 'Creative Mobile'
        WHEN '2' THEN 'VeriFone'
        ELSE coalesce('Vendor ' || vendorid, 'Unknown')
    END AS vendor,
    count(*) AS trips,
    cast(1.0 * count(*) / sum(count(*)) OVER () AS decimal(9, 4)) AS trip_share,
    cast(sum(trip_distance) / nullif(count(trip_distance), 0) AS decimal(9, 2)) AS miles_per_trip,
    cast(1.0 * sum(passenger_count) / nullif(count(passenger_count), 0) AS decimal(9, 2)) AS passengers_per_trip,
    cast(sum(fare_amount) / nullif(count(fare_amount), 0) AS decimal(10, 2)) AS fare_per_trip
FROM nyc_yellow_taxi
WHERE pickup_date BETWEEN to_date(:month, 'YYYY-MM') AND last_day(to_date(:month, 'YYYY-MM'))
GROUP BY vendorid
ORDER BY trips DESC, vendor
