/*---
title: {en: Trips not paid, de: Nicht bezahlte Fahrten}
description:
  en: Trips free of charge or disputed, day by day.
  de: Kostenlose oder strittige Fahrten, Tag für Tag.
parameters: {month: shared}
chart: {type: bar, x: trip_date, y: [trips], series: reason, stacked: true, click: {open: trips_one_by_one, with: {days: trip_date, payment: reason}}}
columns:
  trip_date: {label: {en: Date, de: Datum}, format: date}
  reason:
    label: {en: Reason, de: Grund}
    format: text
    labels:
      No charge: {en: No charge, de: Kostenlos}
      Dispute: {en: Dispute, de: Strittig}
  trips: {label: {en: Trips, de: Fahrten}, format: thousands}
  fares: {label: {en: Fares on the meter, de: Preis laut Taxameter}, format: currency}
size: full
order: 60
empty:
  en: No free or disputed trips in this month.
  de: Keine kostenlosen oder strittigen Fahrten in diesem Monat.
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
