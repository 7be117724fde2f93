/*---
title: {en: Revenue by way of paying, de: Umsatz nach Zahlungsart}
description:
  en: Month by month, up to the chosen one.
  de: Monat für Monat, bis zum gewählten.
parameters: {month: shared}
chart: {type: pivot, rows: payment, columns: trip_month, values: revenue}
columns:
  payment:
    label: {en: Payment, de: Zahlungsart}
    format: text
    labels:
      Card: {en: Card, de: Karte}
      Cash: {en: Cash, de: Bar}
      No charge: {en: No charge, de: Kostenlos}
      Dispute: {en: Dispute, de: Strittig}
      Other: {en: Other, de: Sonstige}
  trip_month: {label: {en: Month, de: Monat}, format: date}
  revenue: {label: {en: Revenue, de: Umsatz}, format: thousands, bar: true, colour: {below: 0, is: bad}}
size: full
order: 70
empty:
  en: No trips in these months. Choose another one.
  de: Keine Fahrten in diesen Monaten. Wählen Sie einen anderen.
---*/
-- Largest first, and the same ones in each month; what is given back counts as less than nothing.
SELECT payment, trip_month, revenue
FROM (
    SELECT
        CASE payment_type
            WHEN 1 THEN 'Card' WHEN 2 THEN 'Cash' WHEN 3 THEN 'No charge' WHEN 4 THEN 'Dispute' ELSE 'Other'
        END AS payment,
        to_char(date_trunc('month', pickup_date), 'YYYY-MM') AS trip_month,
        sum(total_amount) AS revenue,
        max(max(pickup_date)) OVER () AS newest_trip
    FROM nyc_yellow_taxi
    WHERE pickup_date BETWEEN add_months(to_date(:month, 'YYYY-MM'), -11) AND last_day(to_date(:month, 'YYYY-MM'))
    GROUP BY 1, date_trunc('month', pickup_date)
) AS months
WHERE newest_trip >= to_date(:month, 'YYYY-MM')
ORDER BY trip_month, revenue DESC
