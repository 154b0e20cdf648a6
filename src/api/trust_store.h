// Keeps the system's certificate authorities out of this process, and gives them back to the programs it starts.
//
// cpprest fills every TLS context with the default trust store before it asks us (asio_connection::upgrade_to_ssl): 144
// roots that any public CA could abuse, 23 ms of CPU and 0.8 MB for each connection. The transport replaces the store
// in any case; pointing OpenSSL's defaults to nowhere saves the parsing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace seaworthy::api {

// To be called at the top of main, while there is one thread. What SSL_CERT_FILE and SSL_CERT_DIR were is kept in the
// environment under other names. Calling it again does nothing.
void IsolateTrustStore();

// The environment as it was before IsolateTrustStore ("NAME=value"), for child processes: a credential plugin talks to
// public services.
std::vector<std::string> OriginalEnvironment();

}  // namespace seaworthy::api
