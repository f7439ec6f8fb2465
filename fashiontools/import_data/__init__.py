"""Published data sets and the drawn lookbook, as manifests."""
