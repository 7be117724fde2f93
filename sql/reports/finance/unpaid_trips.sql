/*---
title: Trips not paid
description: Trips free of charge or disputed, day by day.
parameters: {month: shared}
chart: {type: bar, x: trip_date, y: [trips], series: reason, stacked: true}
columns:
  trip_date: {label: Date, format: date}
  reason: {label: Reason, format: text}
  trips: {label: Trips, format: thousands}
  fares: {label: Fares on the meter, format: currency}
size: full
order: 60
empty: No free or disputed trips in this month.
---*/
SELECT
    pickup_date AS trip_date,
    CASE payment_type WHEN 3 THEN 'No charge' ELSE 'Dispute' END AS reason,
    count(*) AS trips,
    sum(abs(fare_amount)) AS fares
FROM nyc_yellow_taxi
WHERE pickup_date BETWEEN to_date(:month, 'YYYY-MM') AND last_day(to_date(:month, 'YYYY-MM'))
    AND payment_type IN (3, 4)
GROUP BY pickup_date, payment_type
ORDER BY pickup_date, payment_type
