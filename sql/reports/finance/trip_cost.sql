/*---
title: {en: What a trip costs, de: Was eine Fahrt kostet}
description:
  en: Trips and revenue by what was paid, up to $100.
  de: Fahrten und Umsatz nach gezahltem Betrag, bis 100 $.
parameters: {month: shared, payments: shared}
chart: {type: bar, x: paid_from, y: [trips], line: [total_paid], right: [total_paid]}
columns:
  paid_from: {label: {en: Paid from, de: Gezahlt ab}, format: currency}
  trips: {label: {en: Trips, de: Fahrten}, format: thousands}
  total_paid: {label: {en: Revenue, de: Umsatz}, format: currency}
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
