/*---
title: Riders per cab
description: Share of trips by the riders the driver entered.
parameters: {month: shared}
chart: {type: bar, x: passengers, y: [trip_share], series: day_kind}
columns:
  passengers: {label: Passengers}
  day_kind: {label: Days, format: text}
  trip_share: {label: Share of trips, format: percent}
  trips: {label: Trips, format: thousands}
size: third
order: 20
---*/
SELECT
    cast(passenger_count AS varchar) AS passengers,
    day_kind,
    cast(1.0 * count(*) / sum(count(*)) OVER (PARTITION BY day_kind) AS decimal(9, 4)) AS trip_share,
    count(*) AS trips
FROM (
    SELECT
        passenger_count,
        CASE WHEN extract(dow FROM pickup_date) IN (0, 6) THEN 'Weekend' ELSE 'Monday to Friday' END AS day_kind
    FROM nyc_yellow_taxi
    WHERE pickup_date BETWEEN to_date(:month, 'YYYY-MM') AND last_day(to_date(:month, 'YYYY-MM'))
        AND passenger_count BETWEEN 1 AND 6
) AS rides
GROUP BY passenger_count, day_kind
ORDER BY passenger_count, day_kind
