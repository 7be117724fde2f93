/*---
title: {en: Paid by card, de: Mit Karte bezahlt}
description:
  en: Share of trips paid by card.
  de: Anteil der Fahrten, die mit Karte bezahlt wurden.
parameters: {month: shared}
chart: {type: number, x: trip_month, value: card_share}
columns:
  trip_month: {label: {en: Month, de: Monat}, format: date}
  card_share: {label: {en: Paid by card, de: Mit Karte bezahlt}, format: percent}
size: quarter
order: 3
---*/
-- The month and the eleven before it; nothing at all when the month itself has no trips.
-- Files of one month hold a few strays of others: a month of fewer than seven days is not one to compare with.
SELECT trip_month, card_share
FROM (
    SELECT
        to_char(date_trunc('month', pickup_date), 'YYYY-MM') AS trip_month,
        cast(1.0 * count(CASE WHEN payment_type = 1 THEN 1 END) / count(*) AS decimal(9, 4)) AS card_share,
        max(max(pickup_date)) OVER () AS newest_trip
    FROM nyc_yellow_taxi
    WHERE pickup_date BETWEEN add_months(to_date(:month, 'YYYY-MM'), -11) AND last_day(to_date(:month, 'YYYY-MM'))
    GROUP BY date_trunc('month', pickup_date)
    HAVING count(DISTINCT pickup_date) >= 7 OR max(pickup_date) >= to_date(:month, 'YYYY-MM')
) AS months
WHERE newest_trip >= to_date(:month, 'YYYY-MM')
ORDER BY trip_month
