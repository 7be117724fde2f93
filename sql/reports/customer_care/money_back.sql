/*---
title: {en: Money back, de: Geld zurück}
description:
  en: Amounts booked back, of free and disputed trips.
  de: Zurückgebuchte Beträge kostenloser und strittiger Fahrten.
parameters: {month: shared, company: shared}
chart: {type: number, x: trip_month, value: money_back, good: down}
columns:
  trip_month: {label: {en: Month, de: Monat}, format: date}
  money_back: {label: {en: Booked back, de: Zurückgebucht}, format: currency}
size: quarter
order: 3
currency: USD
---*/
-- The month and the eleven before it; nothing at all when the month itself has no trips.
-- Files of one month hold a few strays of others: a month of fewer than seven days is not one to compare with.
SELECT trip_month, money_back
FROM (
    SELECT
        to_char(date_trunc('month', pickup_date), 'YYYY-MM') AS trip_month,
        sum(CASE WHEN total_amount < 0 THEN -total_amount ELSE 0 END) AS money_back,
        max(max(pickup_date)) OVER () AS newest_trip
    FROM nyc_yellow_taxi
    WHERE pickup_date BETWEEN add_months(to_date(:month, 'YYYY-MM'), -11) AND last_day(to_date(:month, 'YYYY-MM'))
        AND (:company = 'All companies' OR vendorid = CASE :company WHEN 'Creative Mobile' THEN '1' ELSE '2' END)
    GROUP BY date_trunc('month', pickup_date)
    HAVING count(DISTINCT pickup_date) >= 7 OR max(pickup_date) >= to_date(:month, 'YYYY-MM')
) AS months
WHERE newest_trip >= to_date(:month, 'YYYY-MM')
ORDER BY trip_month
