"""One record of text: level, time, own words, request, peer, port."""
