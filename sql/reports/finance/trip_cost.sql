/*---
title: What a trip costs
description: Trips and revenue by what was paid, up to $100.
parameters: {month: shared, payments: shared}
chart: {type: bar, x: paid_from, y: [trips], line: [total_paid], right: [total_paid]}
columns:
  paid_from: {label: Paid from, format: currency}
  trips: {label: Trips, format: thousands}
  total_paid: {label: Revenue, format: currency}
size: half
order: 50
---*/
-- $100 stands for that and more.
SELECT
    cast(least(floor(total_amount / 5) * 5, 100) AS integer) AS paid_from,
    count(*) AS trips,
    sum(total_amount) AS total_paid
FROM nyc_yellow_taxi
WHERE pickup_date BETWEEN to_date(:month, 'YYYY-MM') AND last_day(to_date(:month, 'YYYY-MM'))
    AND CASE payment_type WHEN 1 THEN 'Card' WHEN 2 THEN 'Cash' ELSE 'Other' END IN (:payments)
    AND total_amount > 0
GROUP BY 1
ORDER BY 1
