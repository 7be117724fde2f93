-- Reads the texts of one trip file (view trip_texts, made by `tripfiles.py`) as the types of the table. A row that breaks
-- a type carries the reason and is counted, not loaded. A missing value is NULL, except for the time of the pick-up.
CREATE OR REPLACE TEMP TABLE checked_trips AS
WITH typed AS (
    SELECT
        * REPLACE (
            present(pickup_datetime) AS pickup_datetime,
            present(dropoff_datetime) AS dropoff_datetime,
            present(ratecode) AS ratecode,
            present(passenger_count) AS passenger_count,
            present(trip_distance) AS trip_distance,
            present(fare_amount) AS fare_amount,
            present(total_amount) AS total_amount,
            present(payment_type) AS payment_type,
            present(vendorid) AS vendorid
        )
    FROM trip_texts
),

read AS (
    SELECT
        t.*,
        moment(pickup_datetime) AS picked_up,
        moment(dropoff_datetime) AS dropped_off,
        whole(ratecode) AS rate,
        whole(passenger_count) AS passengers,
        try_cast(trip_distance AS DECIMAL(9, 2)) AS distance,
        try_cast(fare_amount AS DECIMAL(10, 2)) AS fare,
        try_cast(total_amount AS DECIMAL(10, 2)) AS total,
        whole(coalesce(p.code, t.payment_type)) AS payment
    FROM typed AS t
    -- The files of the first years name the way of paying instead of numbering it.
    LEFT JOIN (
        VALUES
        ('crd', '1'), ('cre', '1'), ('credit', '1'), ('csh', '2'), ('cas', '2'), ('cash', '2'),
        ('noc', '3'), ('no charge', '3'), ('no', '3'), ('dis', '4'), ('dispute', '4'), ('unk', '5'), ('unknown', '5')
    ) AS p (name, code) ON p.name = lower(t.payment_type)
)

SELECT
    CAST(picked_up AS DATE) AS pickup_date,
    picked_up AS pickup_datetime,
    dropped_off AS dropoff_datetime,
    rate AS ratecode,
    passengers AS passenger_count,
    distance AS trip_distance,
    fare AS fare_amount,
    total AS total_amount,
    payment AS payment_type,
    vendorid,
    CASE
        WHEN pickup_datetime IS NULL THEN 'pick-up time missing'
        WHEN picked_up IS NULL THEN 'pick-up time unreadable'
        WHEN dropoff_datetime IS NOT NULL AND dropped_off IS NULL THEN 'drop-off time unreadable'
        WHEN ratecode IS NOT NULL AND rate IS NULL THEN 'rate code unreadable'
        WHEN passenger_count IS NOT NULL AND passengers IS NULL THEN 'passenger count unreadable'
        WHEN trip_distance IS NOT NULL AND distance IS NULL THEN 'trip distance unreadable'
        WHEN fare_amount IS NOT NULL AND fare IS NULL THEN 'fare unreadable'
        WHEN total_amount IS NOT NULL AND total IS NULL THEN 'total amount unreadable'
        WHEN payment_type IS NOT NULL AND payment IS NULL THEN 'payment type unreadable'
        WHEN strlen(vendorid) > 20 THEN 'vendor too long'
    END AS reason
FROM read
