"""Simulate the figures of a platform of services, with one fault at one place or none.

`simulator.cases` builds cases and writes them (`python -m simulator.cases OUT 500 --kind fault --seed 0`);
`simulator.check` tests that they are sound (`python -m simulator.check 150`).

The model, in the order in which it is computed for every sample:

1. `graph`: a random call graph of services and stores, sized so that each part is 15 to 55 % used.
2. `flow`: traffic down the graph, queueing (M/M/c, Sakasegawa's approximation) at each pod, latency and errors back up.
3. `faults`, `quiet`: what is changed, by turning a knob of one part (`effects`).
4. `series`: what a monitoring system would have recorded of it: counts, windows, noise, gaps, null, absent series.
5. `objects`: the Kubernetes objects of the platform, all of them ready.
"""
