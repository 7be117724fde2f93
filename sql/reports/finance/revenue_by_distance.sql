/*---
title: Revenue by distance
description: Which trips bring the money, short hops or long.
parameters: {month: shared, payments: shared}
chart: {type: bar, x: distance, y: [total_paid], horizontal: true}
columns:
  distance: {label: Distance, format: text}
  total_paid: {label: Revenue, format: currency}
  trips: {label: Trips, format: thousands}
size: third
order: 40
---*/
SELECT
    CASE
        WHEN trip_distance >= 20 THEN '20 miles or more'
        WHEN trip_distance >= 10 THEN '10 to 20 miles'
        WHEN trip_distance >= 5 THEN '5 to 10 miles'
        WHEN trip_distance >= 2 THEN '2 to 5 miles'
        WHEN trip_distance >= 1 THEN '1 to 2 miles'
        WHEN trip_distance > 0 THEN 'under 1 mile'
        ELSE 'not recorded'
    END AS distance,
    sum(total_amount) AS total_paid,
    count(*) AS trips
FROM nyc_yellow_taxi
WHERE pickup_date BETWEEN to_date(:month, 'YYYY-MM') AND last_day(to_date(:month, 'YYYY-MM'))
    AND CASE payment_type WHEN 1 THEN 'Card' WHEN 2 THEN 'Cash' ELSE 'Other' END IN (:payments)
GROUP BY 1
ORDER BY min(coalesce(trip_distance, 0))
