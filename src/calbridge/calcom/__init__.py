"""The only room that speaks to Cal.com: domain values in, domain values out, domain errors only."""
