/*---
title: {en: Revenue by day, de: Umsatz nach Tagen}
description:
  en: Fares, and on top of them tips, tolls and surcharges.
  de: Fahrpreise, dazu Trinkgeld, Maut und Zuschläge.
parameters: {month: shared, payments: shared}
chart:
  type: area
  x: trip_date
  y: [total_fare, total_extras]
  stacked: true
  click: {open: finance/payments, with: {month: trip_date}}
columns:
  trip_date: {label: {en: Date, de: Datum}, format: date}
  total_fare: {label: {en: Fares, de: Fahrpreise}, format: currency}
  total_extras: {label: {en: 'Tips, tolls, surcharges', de: 'Trinkgeld, Maut, Zuschläge'}, format: currency}
size: two-thirds
order: 10
---*/
SELECT
    pickup_date AS trip_date,
    sum(fare_amount) AS total_fare,
    sum(total_amount) - sum(fare_amount) AS total_extras
FROM nyc_yellow_taxi
WHERE pickup_date BETWEEN to_date(:month, 'YYYY-MM') AND last_day(to_date(:month, 'YYYY-MM'))
    AND CASE payment_type WHEN 1 THEN 'Card' WHEN 2 THEN 'Cash' ELSE 'Other' END IN (:payments)
GROUP BY pickup_date
ORDER BY pickup_date
