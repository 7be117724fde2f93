"""DynamoDB: moto's tables, with queries and updates that cost by what they touch."""
