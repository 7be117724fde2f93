/*---
title: {en: How riders pay, de: Wie bezahlt wird}
description:
  en: Trips by way of paying, card or cash above all.
  de: Fahrten nach Zahlungsart, meist Karte oder bar.
parameters: {month: shared}
chart:
  type: donut
  x: payment
  value: trips
  click: {filter: {payments: payment}}
columns:
  payment:
    label: {en: Payment, de: Bezahlung}
    format: text
    labels:
      Card: {en: Card, de: Karte}
      Cash: {en: Cash, de: Bar}
      Other: {en: Other, de: Sonstige}
  trips: {label: {en: Trips, de: Fahrten}, format: thousands}
size: third
order: 20
---*/
SELECT
    CASE payment_type WHEN 1 THEN 'Card' WHEN 2 THEN 'Cash' ELSE 'Other' END AS payment,
    count(*) AS trips
FROM nyc_yellow_taxi
WHERE pickup_date BETWEEN to_date(:month, 'YYYY-MM') AND last_day(to_date(:month, 'YYYY-MM'))
GROUP BY 1
ORDER BY trips DESC
