#include "sinks/http/certificate.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <array>
#include <exception>
#include <utility>

namespace seaworthy::sinks::http {
namespace {

namespace ssl = boost::asio::ssl;
using std::chrono::hours;

constexpr auto kSelfSignedLife = hours(24 * 365);
constexpr auto kSelfSignedRenewal = hours(24 * 30);  // made anew when less is left

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;

std::string LastError() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  if (code == 0) return "unknown error";
  std::array<char, 256> text{};
  ERR_error_string_n(code, text.data(), text.size());
  return text.data();
}

// We speak HTTP/1.1 only; a client that offers nothing we know goes on without ALPN.
int SelectAlpn(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in, unsigned in_size,
               void*) {
  static constexpr unsigned char kOffer[] = "\x08http/1.1";
  unsigned char* selected = nullptr;
  if (SSL_select_next_proto(&selected, out_size, kOffer, sizeof kOffer - 1, in, in_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *out = selected;
  return SSL_TLSEXT_ERR_OK;
}

std::shared_ptr<ssl::context> NewContext() {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX* raw = context->native_handle();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_options(raw, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);  // 34 KiB less for each idle connection
  SSL_CTX_set_alpn_select_cb(raw, SelectAlpn, nullptr);
  return context;
}

bool AddExtension(X509* certificate, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

// Names go into a comma-separated list of OpenSSL's own syntax: only what a DNS name may hold is let in.
std::string AlternativeNames(const std::vector<std::string>& names) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.*";
  std::string text;
  for (const std::string& name : names) {
    if (name.empty() || name.find_first_not_of(kAllowed) != std::string::npos) continue;
    text += (text.empty() ? "DNS:" : ",DNS:") + name;
  }
  return text.empty() ? "DNS:localhost" : text;
}

Certificate NewCertificate(EVP_PKEY* key, const std::vector<std::string>& names) {
  Certificate certificate(X509_new());
  if (certificate == nullptr) return nullptr;
  std::uint64_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  constexpr auto kBackdated = hours(1);  // clients' clocks differ
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  const std::string life = AlternativeNames(names);
  const bool good =
      X509_set_version(certificate.get(), 2) == 1 &&
      ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1 | 1) == 1 &&
      X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -std::chrono::seconds(kBackdated).count()) != nullptr &&
      X509_gmtime_adj(X509_getm_notAfter(certificate.get()), std::chrono::seconds(kSelfSignedLife).count()) !=
          nullptr &&
      X509_set_pubkey(certificate.get(), key) == 1 &&
      X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                 reinterpret_cast<const unsigned char*>("seaworthy self-signed"), -1, -1, 0) == 1 &&
      X509_set_issuer_name(certificate.get(), subject) == 1 &&
      AddExtension(certificate.get(), NID_subject_alt_name, life) &&
      AddExtension(certificate.get(), NID_basic_constraints, "critical,CA:FALSE") &&
      AddExtension(certificate.get(), NID_ext_key_usage, "serverAuth") &&
      X509_sign(certificate.get(), key, EVP_sha256()) != 0;
  return good ? std::move(certificate) : nullptr;
}

// SHA-256 in hexadecimal, as `openssl x509 -fingerprint` has it.
std::string Fingerprint(X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (certificate == nullptr || X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) return "unknown";
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string text = "SHA256 ";
  for (unsigned i = 0; i < size; ++i) {
    if (i != 0) text += ':';
    text += kHex[digest[i] >> 4];
    text += kHex[digest[i] & 0xf];
  }
  return text;
}

}  // namespace

Certificates::Certificates(TlsOptions options, Note note) : options_(std::move(options)), note_(std::move(note)) {}

Certificates::FileMark Certificates::Mark(const std::string& file) {
  struct stat info = {};
  if (file.empty() || stat(file.c_str(), &info) != 0) return {};
  return {info.st_dev,         info.st_ino,          static_cast<std::uint64_t>(info.st_size),
          info.st_mtim.tv_sec, info.st_mtim.tv_nsec, true};
}

std::shared_ptr<ssl::context> Certificates::Current() {
  const auto now = std::chrono::steady_clock::now();
  if (!checked_once_ || now - checked_ >= options_.check_every) {
    checked_ = now;
    checked_once_ = true;
    try {
      Load();
    } catch (const std::exception& error) {
      note_("cannot make a TLS context", error.what());
    }
  }
  return current_;
}

void Certificates::Load() {
  const FileMark certificate_mark = Mark(options_.certificate_file), key_mark = Mark(options_.key_file);
  if (certificate_mark != certificate_mark_ || key_mark != key_mark_) {
    certificate_mark_ = certificate_mark;
    key_mark_ = key_mark;
    if (certificate_mark.exists && key_mark.exists) {
      // Marked before it is read: a file that changes meanwhile is read again by the next check.
      auto context = NewContext();
      boost::system::error_code error;
      context->use_certificate_chain_file(options_.certificate_file, error);
      if (!error) context->use_private_key_file(options_.key_file, ssl::context::pem, error);
      if (!error && SSL_CTX_check_private_key(context->native_handle()) == 1) {
        current_ = std::move(context);
        self_signed_ = false;
        note_("certificate loaded",
              options_.certificate_file + " " + Fingerprint(SSL_CTX_get0_certificate(current_->native_handle())));
        return;
      }
      // Both files of a pair are not replaced at one instant: the next change is tried again.
      note_("certificate not usable", options_.certificate_file + ": " + (error ? error.message() : LastError()));
      ERR_clear_error();
    } else if (!self_signed_ && current_ != nullptr) {
      note_("certificate files are gone, the last one stays in use", options_.certificate_file);
    }
  }
  const bool expires = self_signed_ && std::chrono::system_clock::now() + kSelfSignedRenewal > self_signed_until_;
  if (current_ == nullptr || expires) MakeSelfSigned();
}

void Certificates::MakeSelfSigned() {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate = key == nullptr ? nullptr : NewCertificate(key.get(), options_.names);
  auto context = NewContext();
  if (certificate == nullptr || SSL_CTX_use_certificate(context->native_handle(), certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context->native_handle(), key.get()) != 1) {
    note_("cannot make a certificate", LastError());
    return;
  }
  current_ = std::move(context);
  self_signed_ = true;
  self_signed_until_ = std::chrono::system_clock::now() + kSelfSignedLife;
  note_("serving a self-signed certificate", Fingerprint(certificate.get()));
}

}  // namespace seaworthy::sinks::http
