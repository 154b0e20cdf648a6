#include "api/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <utility>

namespace seaworthy::api {
namespace {

struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct CertificateDeleter {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct KeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using BioPtr = std::unique_ptr<BIO, BioDeleter>;
using CertificatePtr = std::unique_ptr<X509, CertificateDeleter>;
using KeyPtr = std::unique_ptr<EVP_PKEY, KeyDeleter>;

BioPtr Reader(const std::string& text) { return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

// An encrypted key must fail: OpenSSL's default asks for a password at the terminal.
int NoPassword(char*, int, int, void*) { return 0; }

// Where a connection's context finds its owner, which it keeps alive: the library may hold a connection longer than the
// transport lives.
using Owner = std::shared_ptr<const TlsContext>;
void FreeOwner(void*, void* owner, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<Owner*>(owner); }
int OwnerIndex() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, FreeOwner);
  return index;
}

bool IsAddress(const std::string& name) {
  ASN1_OCTET_STRING* address = a2i_IPADDRESS(name.c_str());
  ASN1_OCTET_STRING_free(address);
  return address != nullptr;
}

void UseClientCertificate(SSL_CTX* context, const TlsIdentity& identity) {
  const BioPtr certificates = Reader(identity.client_certificate);
  const CertificatePtr leaf(PEM_read_bio_X509(certificates.get(), nullptr, NoPassword, nullptr));
  if (leaf == nullptr || SSL_CTX_use_certificate(context, leaf.get()) != 1)
    throw TlsSetupError("the client certificate is not PEM");
  while (CertificatePtr more = CertificatePtr(PEM_read_bio_X509(certificates.get(), nullptr, NoPassword, nullptr))) {
    SSL_CTX_add1_chain_cert(context, more.get());
  }
  const KeyPtr key(PEM_read_bio_PrivateKey(Reader(identity.client_key).get(), nullptr, NoPassword, nullptr));
  if (key == nullptr) throw TlsSetupError("the client key is not PEM, or is encrypted");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1)
    throw TlsSetupError("the client key does not belong to the client certificate");
}

}  // namespace

int TlsContext::Verify(X509_STORE_CTX* chain, void*) {
  // Runs the usual verification, with the library's own callback inside.
  const int verified = X509_verify_cert(chain);
  if (verified == 1) return verified;
  const SSL* ssl = static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const Owner* owner =
      ssl == nullptr ? nullptr : static_cast<const Owner*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), OwnerIndex()));
  if (owner == nullptr) return verified;
  const std::lock_guard lock((*owner)->mutex_);
  (*owner)->verify_error_ = X509_verify_cert_error_string(X509_STORE_CTX_get_error(chain));
  return verified;
}

std::string TlsContext::TakeVerifyError() const {
  const std::lock_guard lock(mutex_);
  return std::exchange(verify_error_, {});
}

void TlsContext::UseTrustedCa(SSL_CTX* context, const std::string& pem) {
  const std::lock_guard lock(mutex_);
  if (store_ == nullptr || pem != ca_) {
    std::unique_ptr<X509_STORE, StoreDeleter> store(X509_STORE_new());
    const BioPtr reader = Reader(pem);
    int count = 0;
    while (const CertificatePtr certificate =
               CertificatePtr(PEM_read_bio_X509(reader.get(), nullptr, NoPassword, nullptr))) {
      if (X509_STORE_add_cert(store.get(), certificate.get()) == 1) ++count;
    }
    ERR_clear_error();  // the end of the file is one
    if (count == 0) throw TlsSetupError("the server's CA has no certificate in PEM");
    // As in Go: whatever is named as a CA is trusted, an intermediate too.
    X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN);
    store_ = std::move(store);
    ca_ = pem;
  }
  // Replaces the store that the library filled with the system's roots (RELIABILITY.md 0d).
  SSL_CTX_set1_cert_store(context, store_.get());
}

void TlsContext::Prepare(SSL_CTX* context) {
  const Result<TlsIdentity> identity = credentials_->Tls();
  if (!identity.ok()) throw TlsSetupError(identity.status().message());
  UseTrustedCa(context, identity->ca);
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  // A watch is silent most of its time, and there are two dozen of them: 34 KiB each.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  if (!identity->client_certificate.empty()) UseClientCertificate(context, *identity);

  // The library verifies the name too, but falls back to the common name and follows a Host header; this does neither.
  const ServerAddress& server = credentials_->server();
  const std::string& name = server.tls_name.empty() ? server.host : server.tls_name;
  X509_VERIFY_PARAM* parameters = SSL_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_hostflags(parameters,
                                  X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  const int named = IsAddress(name) ? X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str())
                                    : X509_VERIFY_PARAM_set1_host(parameters, name.c_str(), name.size());
  if (named != 1) throw TlsSetupError("\"" + name + "\" cannot be a server's name");

  auto owner = std::make_unique<Owner>(shared_from_this());
  if (SSL_CTX_set_ex_data(context, OwnerIndex(), owner.get()) != 1) throw TlsSetupError("out of memory");
  owner.release();  // FreeOwner has it
  SSL_CTX_set_cert_verify_callback(context, Verify, nullptr);
}

}  // namespace seaworthy::api
