# fault: 24 hours of all of it
# expected: memory grows by less than 1 MiB an hour, nothing diverges
# simulated: `./dev sim`: 10^5 seeds are years of virtual time; memory: `./dev soak`, an hour
# why: a day is longer than any run of this; `./dev soak 1440` is that run
