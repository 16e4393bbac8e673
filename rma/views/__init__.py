"""Pages of РМА: the roster, requests, work done, statistics."""
