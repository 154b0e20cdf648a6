// RELIABILITY.md 1.4, half-open connections, layer 1: the kernel notices within 30 to 45 s that nobody is there. Layer
// 2, for those who acknowledge and say nothing, are the stall limits of the watch streams.
#pragma once

namespace seaworthy::api {

// On an open TCP socket, connected or not. What the kernel refuses is left out: layer 2 remains.
void SetLivenessOptions(int socket);

}  // namespace seaworthy::api
