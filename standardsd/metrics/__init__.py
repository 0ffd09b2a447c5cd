"""What is counted, for Prometheus: the catalogue, the writer and one scrape (``exposition.Exposition``)."""
