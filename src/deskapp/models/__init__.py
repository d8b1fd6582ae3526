"""Tables and input models, one file per aggregate; no queries."""
