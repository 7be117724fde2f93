/*---
title: {en: Trips one by one, de: Fahrten einzeln}
description:
  en: What a rider who calls may ask about. The latest first.
  de: Wonach Fahrgäste fragen, wenn sie anrufen. Die neuesten zuerst.
parameters:
  days:
    type: daterange
    label: {en: Days, de: Tage}
    default: last 7 days
    min: 2015-01-01
    max: 2015-12-31
    max_days: 92
  company: shared
  rate:
    type: choice
    label: {en: Rate, de: Tarif}
    choices: {report: rates_of_company, value: rate, with: [company]}
    labels:
      All rates: {en: All rates, de: Alle Tarife}
      Out of town: {en: Out of town, de: Außerhalb}
      Negotiated: {en: Negotiated, de: Vereinbart}
      Other: {en: Other, de: Sonstige}
    default: All rates
  payment:
    type: several
    label: {en: Payment, de: Zahlungsart}
    choices: [Card, Cash, No charge, Dispute, Other]
    labels:
      Card: {en: Card, de: Karte}
      Cash: {en: Cash, de: Bar}
      No charge: {en: No charge, de: Kostenlos}
      Dispute: {en: Dispute, de: Strittig}
      Other: {en: Other, de: Sonstige}
    default: [No charge, Dispute]
    defaults:
      admins: [Card, Cash, No charge, Dispute, Other]
chart: {type: table}
columns:
  picked_up: {label: {en: Picked up, de: Beginn}, format: date, link: '/d/customer_care?month={trip_month}'}
  trip_month: {hidden: true}
  minutes: {label: {en: Minutes, de: Minuten}, format: thousands, colour: {above: 60, is: warn}}
  miles: {label: {en: Miles, de: Meilen}, format: number}
  riders: {label: {en: Riders, de: Fahrgäste}, format: thousands}
  rate:
    label: {en: Rate, de: Tarif}
    labels:
      Out of town: {en: Out of town, de: Außerhalb}
      Negotiated: {en: Negotiated, de: Vereinbart}
      Other: {en: Other, de: Sonstige}
  payment:
    label: {en: Payment, de: Zahlungsart}
    labels:
      Card: {en: Card, de: Karte}
      Cash: {en: Cash, de: Bar}
      No charge: {en: No charge, de: Kostenlos}
      Dispute: {en: Dispute, de: Strittig}
      Other: {en: Other, de: Sonstige}
  company: {label: {en: Company, de: Hersteller}, labels: {Unknown: {en: Unknown, de: Unbekannt}}}
  fare: {label: {en: Fare, de: Fahrpreis}, format: currency, total: sum, colour: {below: 0, is: bad}}
  paid: {label: {en: Paid, de: Gezahlt}, format: currency, total: sum, bar: true}
size: full
order: 80
currency: USD
empty:
  en: No such trips on these days. Choose other days or ways of paying.
  de: Keine solchen Fahrten an diesen Tagen. Wählen Sie andere Tage oder Zahlungsarten.
---*/
-- Whoever needs more than these trips needs a sum, not a list.
SELECT
    picked_up,
    minutes,
    miles,
    riders,
    rate,
    payment,
    company,
    fare,
    paid,
    to_char(picked_up, 'YYYY-MM') AS trip_month
FROM (
    SELECT
        pickup_datetime AS picked_up,
        datediff(minute, pickup_datetime, dropoff_datetime) AS minutes,
        trip_distance AS miles,
        passenger_count AS riders,
        CASE ratecode
            WHEN 1 THEN 'Standard' WHEN 2 THEN 'JFK' WHEN 3 THEN 'Newark' WHEN 4 THEN 'Out of town'
            WHEN 5 THEN 'Negotiated' ELSE 'Other'
        END AS rate,
        CASE payment_type
            WHEN 1 THEN 'Card' WHEN 2 THEN 'Cash' WHEN 3 THEN 'No charge' WHEN 4 THEN 'Dispute' ELSE 'Other'
        END AS payment,
        CASE vendorid
            WHEN '1' THEN 'Creative Mobile' WHEN '2' THEN 'VeriFone'
            ELSE coalesce('Vendor ' || vendorid, 'Unknown')
        END AS company,
        fare_amount AS fare,
        total_amount AS paid
    FROM nyc_yellow_taxi
    WHERE pickup_date BETWEEN cast(:days_from AS date) AND cast(:days_to AS date)
) AS trips
WHERE (:company = 'All companies' OR company = :company)
    AND (:rate = 'All rates' OR rate = :rate)
    AND payment IN (:payment)
ORDER BY picked_up DESC, paid DESC
LIMIT 50000
