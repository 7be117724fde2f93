/*---
title: {en: Fares to revenue, de: Vom Fahrpreis zum Umsatz}
description:
  en: What comes on top of the meter, and what goes back.
  de: Was zum Taxameter hinzukommt und was zurückgeht.
parameters: {month: shared, payments: shared}
chart: {type: waterfall, x: step, y: [amount], total: is_total}
columns:
  step:
    label: {en: Step, de: Schritt}
    format: text
    labels:
      Fares: {en: Fares, de: Fahrpreise}
      Extras by card: {en: Extras by card, de: Extras Karte}
      Other extras: {en: Other extras, de: Extras sonst}
      Booked back: {en: Booked back, de: Zurückgebucht}
      Revenue: {en: Revenue, de: Umsatz}
  amount: {label: {en: Amount, de: Betrag}, format: currency}
  is_total: {label: {en: Total, de: Summe}}
size: half
order: 45
---*/
-- The meters book money back as trips with a negative amount; all others have a fare and what riders paid beside it.
SELECT step, amount, is_total
FROM (
    SELECT
        steps.place,
        steps.step,
        CASE steps.place
            WHEN 1 THEN sums.fares WHEN 2 THEN sums.card_extras WHEN 3 THEN sums.other_extras
            WHEN 4 THEN sums.booked_back ELSE sums.total_paid
        END AS amount,
        steps.place IN (1, 5) AS is_total
    FROM (
        SELECT
            sum(CASE WHEN total_amount >= 0 THEN fare_amount END) AS fares,
            sum(CASE WHEN total_amount >= 0 AND payment_type = 1 THEN total_amount - fare_amount END) AS card_extras,
            sum(CASE WHEN total_amount >= 0 AND payment_type <> 1 THEN total_amount - fare_amount END) AS other_extras,
            sum(CASE WHEN total_amount < 0 THEN total_amount END) AS booked_back,
            sum(total_amount) AS total_paid
        FROM nyc_yellow_taxi
        WHERE pickup_date BETWEEN to_date(:month, 'YYYY-MM') AND last_day(to_date(:month, 'YYYY-MM'))
            AND CASE payment_type WHEN 1 THEN 'Card' WHEN 2 THEN 'Cash' ELSE 'Other' END IN (:payments)
    ) AS sums
    CROSS JOIN (
        SELECT 1 AS place, 'Fares' AS step
        UNION ALL SELECT 2, 'Extras by card'
        UNION ALL SELECT 3, 'Other extras'
        UNION ALL SELECT 4, 'Booked back'
        UNION ALL SELECT 5, 'Revenue'
    ) AS steps
) AS amounts
WHERE amount <> 0
ORDER BY place
