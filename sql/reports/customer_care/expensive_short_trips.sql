/*---
title: {en: Short but expensive, de: 'Kurz, aber teuer'}
description:
  en: The 20 highest fares for less than a mile and a half.
  de: Die 20 höchsten Fahrpreise für weniger als anderthalb Meilen.
parameters: {month: shared, company: shared}
chart: {type: table}
columns:
  picked_up: {label: {en: Picked up, de: Beginn}, format: date}
  fare: {label: {en: Fare, de: Fahrpreis}, format: currency, bar: true, total: average}
  total_paid: {label: {en: Paid in all, de: Insgesamt gezahlt}, format: currency, total: sum}
  trip_distance: {label: {en: Miles, de: Meilen}, format: number, total: average}
  minutes: {label: {en: Minutes, de: Minuten}, format: thousands, total: average, colour: {above: 60, is: warn}}
  rate:
    label: {en: Rate, de: Tarif}
    format: text
    labels:
      Out of town: {en: Out of town, de: Außerhalb}
      Negotiated: {en: Negotiated, de: Vereinbart}
      Other: {en: Other, de: Sonstige}
  payment:
    label: {en: Payment, de: Zahlungsart}
    format: text
    labels:
      Card: {en: Card, de: Karte}
      Cash: {en: Cash, de: Bar}
      No charge: {en: No charge, de: Kostenlos}
      Dispute: {en: Dispute, de: Strittig}
      Other: {en: Other, de: Sonstige}
  vendor: {label: {en: Company, de: Hersteller}, labels: {Unknown: {en: Unknown, de: Unbekannt}}, format: text}
  vendorid: {hidden: true}
size: full
order: 60
empty:
  en: No short trips for these filters. Choose another month.
  de: Keine kurzen Fahrten für diese Filter. Wählen Sie einen anderen Monat.
currency: USD
---*/
-- Trips of no miles at all are doubtful records, not short trips.
SELECT
    pickup_datetime AS picked_up,
    fare_amount AS fare,
    total_amount AS total_paid,
    trip_distance,
    datediff(minute, pickup_datetime, dropoff_datetime) AS minutes,
    CASE ratecode
        WHEN 1 THEN 'Standard' WHEN 2 THEN 'JFK' WHEN 3 THEN 'Newark' WHEN 4 THEN 'Out of town'
        WHEN 5 THEN 'Negotiated' ELSE 'Other'
    END AS rate,
    CASE payment_type
        WHEN 1 THEN 'Card' WHEN 2 THEN 'Cash' WHEN 3 THEN 'No charge' WHEN 4 THEN 'Dispute' ELSE 'Other'
    END AS payment,
    CASE vendorid
        WHEN '1' THEN 'Creative Mobile'
        WHEN '2' THEN 'VeriFone'
        ELSE coalesce('Vendor ' || vendorid, 'Unknown')
    END AS vendor,
    vendorid
FROM nyc_yellow_taxi
WHERE pickup_date BETWEEN to_date(:month, 'YYYY-MM') AND last_day(to_date(:month, 'YYYY-MM'))
    AND trip_distance > 0
    AND trip_distance < 1.5
    AND fare_amount > 0
    AND (:company = 'All companies' OR vendorid = CASE :company WHEN 'Creative Mobile' THEN '1' ELSE '2' END)
ORDER BY fare_amount DESC, pickup_datetime, total_amount
LIMIT 20
