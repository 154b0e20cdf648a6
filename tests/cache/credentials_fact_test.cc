#include "cache/credentials_fact.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "cache/key_formats.h"
#include "support/json.h"

namespace seaworthy::cache {
namespace {

using Evidence = CredentialFact::Evidence;

// The tests' keys are put together here: the repository itself is to pass secret scanners.
std::string Joined(std::string_view a, std::string_view b) { return std::string(a) + std::string(b); }

constexpr std::string_view kBody = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6kL9nP2rS5uV8xY1zA4cD7fG0iM";

struct Format {
  std::string value;
  std::string_view what;
};
std::vector<Format> KnownFormats() {
  return {
      {Joined("AKIA", "2345ABCDWXYZ7654"), "AWS access key id"},
      {Joined("ASIA", "2345ABCDWXYZ7654"), "AWS access key id"},
      {Joined("ghp_", kBody.substr(0, 36)), "GitHub token"},
      {Joined("ghs_", kBody.substr(0, 36)), "GitHub token"},
      {Joined("github_pat_", kBody.substr(0, 60)), "GitHub token"},
      {Joined("glpat-", kBody.substr(0, 20)), "GitLab token"},
      {Joined("xoxb-", "1234567890-abcdefghijkl"), "Slack token"},
      {Joined("https://hooks.slack.com/services/", "T01234567/B89abcdef/") + std::string(kBody.substr(0, 24)),
       "Slack webhook"},
      {Joined("sk_live_", kBody.substr(0, 24)), "Stripe key"},
      {Joined("AIza", kBody.substr(0, 35)), "Google API key"},
      {Joined("npm_", kBody.substr(0, 36)), "npm token"},
      {Joined("pypi-AgEIcHlwaS5vcmc", kBody), "PyPI token"},
      {Joined("SG.", kBody.substr(0, 22)) + "." + std::string(kBody.substr(3, 43)), "SendGrid key"},
      {Joined("SK", "0123456789abcdef0123456789abcdef"), "Twilio key"},
      {Joined("hvs.", kBody), "Vault token"},
      {Joined("eyJhbGciOiJIUzI1NiJ9.", "eyJzdWIiOiIxMjM0NTY3ODkwIn0.") + std::string(kBody.substr(0, 43)),
       "JSON web token"},
      {Joined("-----BEGIN RSA ", "PRIVATE KEY-----\nMIIE"), "private key"},
      {Joined("-----BEGIN OPENSSH ", "PRIVATE KEY-----\nb3Bl"), "private key"},
      {"DefaultEndpointsProtocol=https;AccountName=a;" + Joined("AccountKey=", kBody) +
           std::string(kBody.substr(0, 24)) + "==",
       "Azure storage key"},
      {"Authorization: Bearer " + std::string(kBody.substr(0, 30)), "authorization header"},
  };
}

TEST(KeyFormats, KnowsTheForms) {
  for (const Format& format : KnownFormats()) {
    EXPECT_EQ(FindKeyFormat(format.value), format.what) << format.value;
    // In the middle of something else, too.
    EXPECT_EQ(FindKeyFormat("--key=" + format.value + " --verbose"), format.what) << format.value;
    const auto found = FindCredential("HARMLESS_NAME", format.value);
    ASSERT_TRUE(found) << format.value;
    EXPECT_EQ(found->evidence, Evidence::kKeyFormat);
  }
}

TEST(KeyFormats, WantsTheWholeForm) {
  for (const std::string& value : {
           Joined("AKIA", "IOSFODNN7EXAMPLE"),   // AWS's documentation
           Joined("AKIA", "2345ABCDWXYZ76543"),  // one too long
           Joined("XAKIA", "2345ABCDWXYZ7654"),  // in a word
           Joined("ghp_", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
           Joined("ghp_", "short"),
           Joined("SK", "0123456789abcdef0123456789abcdef0123456789abcdef"),  // a longer hash
           std::string("sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
           Joined("-----BEGIN ", "CERTIFICATE-----\nMIIE"),
           Joined("-----BEGIN ", "PUBLIC KEY-----\nMIIE"),
           std::string("eyJhbGciOiJIUzI1NiJ9"),
           std::string("Basic usage of this"),
       }) {
    EXPECT_EQ(FindKeyFormat(value), "") << value;
  }
}

TEST(UrlPassword, IsSeenWhereverItStands) {
  for (std::string_view value :
       {"postgres://app:s3cr3t@db:5432/shop", "redis://:s3cr3t@cache:6379/0", "amqp://guest:guest@mq",
        "mongodb://u:p@a,b,c/db", "jdbc:postgresql://u:s3cr3t@db/x", "https://a.example/ https://u:p@b.example/",
        "app:s3cr3t@tcp(db:3306)/shop", "smtp://u%40x:s3cr3t@mail:25", "mysql://root:pa/ss@db/x",
        "DATABASE=postgres://u:p@h/d"}) {
    EXPECT_TRUE(HasUrlPassword(value)) << value;
  }
}

TEST(UrlPassword, IsNotAReferenceOrSomethingElse) {
  for (std::string_view value :
       {"postgres://app:$(PASSWORD)@db/shop", "postgres://app:${DB_PASSWORD}@db/shop", "postgres://app:<password>@db/",
        "https://user@host/", "http://host:8080/a@b", "http://host:8080/", "https://host/path:with@signs",
        "postgres://app:****@db/", "git@github.com:org/repo.git", "docker://registry.example:5000/app@sha256:abc",
        "mailto:a@b.example", "://u:p@h", "u:$(P)@tcp(db:3306)/x", "http://[::1]:8080/@",
        "postgres://app:{{ .Values.password }}@db/", "https://user:@host/"}) {
    EXPECT_FALSE(HasUrlPassword(value)) << value;
  }
}

TEST(CredentialName, IsOne) {
  for (std::string_view name : {"PASSWORD",
                                "DB_PASSWORD",
                                "dbPassword",
                                "db.password",
                                "db-password",
                                "MYSQL_ROOT_PASSWORD",
                                "PGPASSWORD",
                                "POSTGRES_PASSWD",
                                "SMTP_PASS",
                                "DB_PWD",
                                "SECRET",
                                "CLIENT_SECRET",
                                "clientSecret",
                                "JWT_SECRET",
                                "SECRET_KEY",
                                "SECRET_KEY_BASE",
                                "API_KEY",
                                "apikey",
                                "STRIPE_API_KEY",
                                "AWS_SECRET_ACCESS_KEY",
                                "ACCESS_KEY",
                                "PRIVATE_KEY",
                                "ENCRYPTION_KEY",
                                "TOKEN",
                                "AUTH_TOKEN",
                                "GITHUB_TOKEN",
                                "authToken",
                                "CREDENTIALS",
                                "PASSPHRASE",
                                "DB_PASSWORD_2",
                                "APP_KEY",
                                "NEO4J_AUTH",
                                "--password",
                                "spring.datasource.password",
                                "RABBITMQ_ERLANG_COOKIE",
                                "ADMIN_PASSWORD_VALUE",
                                "accessToken",
                                "SESSION_KEY"}) {
    EXPECT_TRUE(IsCredentialName(name)) << name;
  }
}

TEST(CredentialName, IsNone) {
  for (std::string_view name : {"",
                                "HOME",
                                "DB_HOST",
                                "SECRET_NAME",
                                "PASSWORD_FILE",
                                "TOKEN_URL",
                                "TOKEN_TTL",
                                "PASSWORD_LENGTH",
                                "AUTH_ENABLED",
                                "SECRET_PATH",
                                "TOKEN_EXPIRY",
                                "API_KEY_ID",
                                "AWS_ACCESS_KEY_ID",
                                "PUBLIC_KEY",
                                "KEY",
                                "PARTITION_KEY",
                                "MAX_TOKENS",
                                "TOKENS",
                                "PWD",
                                "OLDPWD",
                                "COMPASS",
                                "TLS_SECRET",
                                "IMAGE_PULL_SECRET",
                                "EXISTING_SECRET",
                                "kubeconfig-secret",
                                "PASSWORD_POLICY",
                                "SECRETS_STORE",
                                "KEYCLOAK_URL",
                                "MONKEY",
                                "AUTH_TYPE",
                                "TOKENIZER",
                                "BYPASS",
                                "SECRET_REF",
                                "CREDENTIALS_DIR",
                                "PASSENGER",
                                "AUTHOR"}) {
    EXPECT_FALSE(IsCredentialName(name)) << name;
  }
}

TEST(NamedLiteral, IsAFactOnlyWithAValueThatCouldBeOne) {
  for (std::string_view value :
       {"hunter2", "changeme", "p@ssw0rd!", "correct horse battery", "c2VjcmV0Cg==", "admin", "Zx9/Qw+8="}) {
    const auto found = FindCredential("DB_PASSWORD", value);
    ASSERT_TRUE(found) << value;
    EXPECT_EQ(found->evidence, Evidence::kNamedLiteral) << value;
  }
  for (std::string_view value : {"",
                                 " ",
                                 "true",
                                 "False",
                                 "disabled",
                                 "42",
                                 "3.14",
                                 "15m",
                                 "1h30m",
                                 "500ms",
                                 "7 days",
                                 "PT15M",
                                 "$(DB_PASSWORD)",
                                 "${DB_PASSWORD}",
                                 "$DB_PASSWORD",
                                 "prefix-$(PASSWORD)",
                                 "<password>",
                                 "<your password here>",
                                 "REPLACE_ME",
                                 "replace-me",
                                 "xxx",
                                 "XXXXXXXX",
                                 "****",
                                 "TODO",
                                 "your-password",
                                 "{{ .Values.password }}",
                                 "https://vault.example/v1/secret",
                                 "/var/run/secrets/token",
                                 "./token",
                                 "vault:secret/data/db#password",
                                 "arn:aws:secretsmanager:eu:1:secret:x",
                                 "%PASSWORD%",
                                 "none",
                                 "ENC[AES256_GCM,data:x]",
                                 "`cat /p`"}) {
    EXPECT_FALSE(FindCredential("DB_PASSWORD", value)) << value;
  }
}

TEST(NamedLiteral, IsSeenInConnectionStrings) {
  EXPECT_TRUE(FindCredential("ConnectionStrings__Default", "Server=db;User Id=sa;Password=s3cr3t;Encrypt=true"));
  EXPECT_TRUE(FindCredential("DSN", "host=db user=app password=s3cr3t dbname=shop"));
  EXPECT_TRUE(FindCredential("JDBC_URL", "jdbc:mysql://db/shop?user=app&password=s3cr3t"));
  EXPECT_TRUE(FindCredential("KAFKA_SASL_JAAS", "ScramLoginModule required username=\"app\" password=\"s3cr3t\";"));
  EXPECT_FALSE(FindCredential("KAFKA_SASL_JAAS", "ScramLoginModule required username=\"app\" password=\"${PASS}\";"));
  EXPECT_FALSE(FindCredential("SCRIPT", "MASTER_USER='root', MASTER_PASSWORD='', MASTER_RETRY=10"));
  EXPECT_FALSE(FindCredential("DSN", "host=db user=app password=$(PASSWORD) dbname=shop"));
  EXPECT_FALSE(FindCredential("URL", "https://host/reset?password=true"));
}

TEST(NamedLiteral, TellsAModeFromAuthentication) {
  EXPECT_TRUE(FindCredential("NEO4J_AUTH", "neo4j/s3cr3t"));
  EXPECT_FALSE(FindCredential("GRAFANA_AUTH", "proxy"));
}

class CommandCredentials : public testing::Test {
 protected:
  List<CredentialFact> Facts(std::string_view json) {
    const Status status = support::ParseJson(json, tree_);
    EXPECT_TRUE(status.ok()) << status.message();
    List<CredentialFact> facts;
    AddCredentials(CommandWords(tree_.root()["command"], tree_.root()["args"]), pool_, facts);
    return facts;
  }
  std::string Where(std::string_view json) {
    std::string all;
    for (const CredentialFact& fact : Facts(json)) all += (all.empty() ? "" : " ") + fact.where.str();
    return all;
  }
  TextPool pool_;
  support::Tree tree_;
};

TEST_F(CommandCredentials, AreFoundInEveryForm) {
  EXPECT_EQ(Where(R"({"args":["--verbose","--password=s3cr3t"]})"), "args[1]");
  EXPECT_EQ(Where(R"({"args":["--password","s3cr3t","--verbose"]})"), "args[1]");
  EXPECT_EQ(Where(R"({"args":["-password=s3cr3t"]})"), "args[0]");
  EXPECT_EQ(Where(R"({"command":["mysqldump","-uroot","-ps3cr3t"]})"), "command[2]");
  EXPECT_EQ(Where(R"({"command":["sh","-c"],"args":["mysql -h db -ps3cr3t shop < /x.sql"]})"), "args[0]");
  EXPECT_EQ(Where(R"({"command":["sh","-c","DB_PASSWORD=s3cr3t exec server"]})"), "command[2]");
  EXPECT_EQ(Where(R"({"command":["curl","-u","admin:s3cr3t","http://x"]})"), "command[2]");
  EXPECT_EQ(Where(R"({"command":["redis-server","--requirepass","s3cr3t"]})"), "command[2]");
  EXPECT_EQ(Where(R"({"args":["--dsn=postgres://u:s3cr3t@db/x","postgres://u:s3cr3t@db/x"]})"), "args[0] args[1]");
  EXPECT_EQ(Where(R"({"command":["java","-Dspring.datasource.password=s3cr3t","-jar","x.jar"]})"), "command[1]");
}

TEST_F(CommandCredentials, AreNotReferencesOrFiles) {
  EXPECT_EQ(
      Where(
          R"j({"args":["--password=$(PASSWORD)","--password","$(PASSWORD)","--password-file=/p","--token-ttl=15m"]})j"),
      "");
  EXPECT_EQ(Where(R"({"args":["--password","--verbose"]})"), "");
  EXPECT_EQ(Where(R"({"command":["sh","-c","mysql -p\"$PASSWORD\" -e 'select 1'"]})"), "");
  EXPECT_EQ(Where(R"({"command":["curl","-u","admin:$PASSWORD","http://x"]})"), "");
  EXPECT_EQ(Where(R"({"command":["nginx","-p","/etc/nginx","-g","daemon off;"]})"), "");
  EXPECT_EQ(Where(R"({"command":["ls","-psomething"]})"), "");
  EXPECT_EQ(Where(R"({"args":["--token-auth-file","x"]})"), "");
  EXPECT_EQ(Where(R"({"args":["--secret=app-secret","--secret","app-secret","--auth","internal"]})"), "");
}

TEST_F(CommandCredentials, GiveOneFactAnElementOfTheStrongestEvidence) {
  const auto facts = Facts(R"({"args":["--password=s3cr3t --dsn=postgres://u:s3cr3t@db/x"]})");
  ASSERT_EQ(facts.size(), 1U);
  EXPECT_EQ(facts[0].evidence, Evidence::kUrlUserInfo);
}

TEST_F(CommandCredentials, SayWhatIsNamedLikeOne) {
  const auto facts =
      Facts(R"({"args":["--client-secret=app-secret","--secret=s3cr3t","--dsn=db/shop?password=s3cr3t"]})");
  ASSERT_EQ(facts.size(), 3U);
  EXPECT_EQ(facts[0].what, "a literal under a credential's name");
  EXPECT_EQ(facts[1].what, "a literal under a credential's name");
  EXPECT_EQ(facts[2].what, "a literal after a credential's name (like password=...)");
}

TEST_F(CommandCredentials, AreCapped) {
  std::string json = R"({"args":["--password=s3cr3t")";
  for (int i = 0; i < 1000; ++i) json += R"(,"--password=s3cr3t")";
  EXPECT_EQ(Facts(json + "]}").size(), kMaxCredentialFacts);
}

// A tenant's megabyte must not stop the decoder: each of these was chosen to be looked at again and again.
TEST(CredentialSearch, IsLinear) {
  for (std::string_view piece : {"-eyJ", "a://", "ghp_", "=password", "SG.", "Basic ", "-----BEGIN ", "AKIA ",
                                 "password=", "://u:p", "\"'`$("}) {
    std::string value;
    while (value.size() < 300'000) value += piece;
    (void)FindCredential("PASSWORD", value);
  }
}

}  // namespace
}  // namespace seaworthy::cache
