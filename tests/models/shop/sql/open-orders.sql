SELECT %(customer_id)s AS customer_id, generate_series(1, 3) AS order_no
