// The TLS side of a connection, in OpenSSL's terms: trusts the cluster's CA and nothing else, TLS 1.2 or later, and
// checks the name the way Go does (subject alternative names only).
//
// One object serves all connections of a transport; it may be used from any thread. The certificates are read for each
// connection and parsed when they changed.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>

#include "api/credentials.h"

namespace seaworthy::api {

// Thrown by Prepare through the library, and caught in transport.cc.
class TlsSetupError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

class TlsContext : public std::enable_shared_from_this<TlsContext> {
 public:
  explicit TlsContext(std::shared_ptr<CredentialSource> credentials) : credentials_(std::move(credentials)) {}

  // REQUIRES: owned by a shared_ptr. Throws TlsSetupError.
  void Prepare(SSL_CTX* context);

  // Why the last server certificate was refused, and forgets it; empty: none was. The library itself says "handshake
  // error" for all.
  std::string TakeVerifyError() const;

 private:
  struct StoreDeleter {
    void operator()(X509_STORE* store) const { X509_STORE_free(store); }
  };
  static int Verify(X509_STORE_CTX* chain, void* unused);
  void UseTrustedCa(SSL_CTX* context, const std::string& pem);

  const std::shared_ptr<CredentialSource> credentials_;
  mutable std::mutex mutex_;  // guards what follows
  std::string ca_;
  std::unique_ptr<X509_STORE, StoreDeleter> store_;
  mutable std::string verify_error_;
};

}  // namespace seaworthy::api
