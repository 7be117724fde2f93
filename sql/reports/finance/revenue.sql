/*---
title: {en: Revenue, de: Umsatz}
description:
  en: All that riders paid, tips and tolls included.
  de: Alles, was Fahrgäste bezahlt haben, mit Trinkgeld und Maut.
parameters: {month: shared, payments: shared}
chart: {type: number, x: trip_month, value: total_paid}
columns:
  trip_month: {label: {en: Month, de: Monat}, format: date}
  total_paid: {label: {en: Revenue, de: Umsatz}, format: currency}
size: quarter
order: 1
---*/
-- The month and the eleven before it; nothing at all when the month itself has no trips.
-- Files of one month hold a few strays of others: a month of fewer than seven days is not one to compare with.
SELECT trip_month, total_paid
FROM (
    SELECT
        to_char(date_trunc('month', pickup_date), 'YYYY-MM') AS trip_month,
        sum(total_amount) AS total_paid,
        max(max(pickup_date)) OVER () AS newest_trip
    FROM nyc_yellow_taxi
    WHERE pickup_date BETWEEN add_months(to_date(:month, 'YYYY-MM'), -11) AND last_day(to_date(:month, 'YYYY-MM'))
        AND CASE payment_type WHEN 1 THEN 'Card' WHEN 2 THEN 'Cash' ELSE 'Other' END IN (:payments)
    GROUP BY date_trunc('month', pickup_date)
    HAVING count(DISTINCT pickup_date) >= 7 OR max(pickup_date) >= to_date(:month, 'YYYY-MM')
) AS months
WHERE newest_trip >= to_date(:month, 'YYYY-MM')
ORDER BY trip_month
