SELECT %(email)s AS customer_id
