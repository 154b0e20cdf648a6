// The model of the API server against what a real one answered: recorded/steps.json was asked of one,
// recorded/answers.json is what it said (tests/e2e/model.sh asks again, or writes it anew).
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>

#include "api/url.h"
#include "sim/api_server.h"

namespace seaworthy::sim {
namespace {

struct Kept {
  std::string version, uid, token;
};

class Model : public ::testing::Test {
 protected:
  Model() {
    server_.Put(Kind::kNamespace, {{"metadata", {{"name", "shop"}, {"uid", "shop"}}}});
    server_.SetServed(Kind::kRollout, false, true);
  }

  // With what stands for parts of paths, and with what earlier answers gave.
  std::string Filled(std::string text, bool in_url) const {
    const auto put = [&](const std::string& what, const std::string& value) {
      for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + value.size()))
        text.replace(at, what.size(), value);
    };
    put("$audits", "/apis/audit.seaworthy.dev/v1alpha1/namespaces/shop/workloadaudits");
    put("$waivers", "/apis/audit.seaworthy.dev/v1alpha1/namespaces/shop/waivers");
    put("$policies", "/apis/networking.k8s.io/v1/networkpolicies");
    put("$leases", "/apis/coordination.k8s.io/v1/namespaces/seaworthy/leases");
    put("$apply", "?fieldManager=seaworthy&force=true&fieldValidation=Strict");
    for (const auto& [name, kept] : kept_) {
      put("{version:" + name + "}", kept.version);
      put("{uid:" + name + "}", kept.uid);
      put("{continue:" + name + "}", in_url ? api::PercentEncode(kept.token) : kept.token);
    }
    return text;
  }

  HttpRequest Request(const json& step) const {
    HttpRequest request;
    const std::string method = step.value("method", "GET");
    request.method = method == "PATCH"    ? Method::kPatch
                     : method == "DELETE" ? Method::kDelete
                     : method == "POST"   ? Method::kPost
                     : method == "PUT"    ? Method::kPut
                                          : Method::kGet;
    request.target = Filled(step.contains("watch") ? step["watch"] : step["path"], true);
    if (step.contains("body"))
      request.body = Filled(step["body"].is_string() ? step["body"].get<std::string>() : step["body"].dump(), false);
    return request;
  }

  void Deny(bool denied) { server_.SetDenied(Kind::kNetworkPolicy, denied); }

  json Ask(const json& step) {
    Deny(step.value("denied", false));
    const HttpRequest request = Request(step);
    const HttpResponse response = server_.Serve(0, "test", request, clock_.Now());
    Deny(false);
    const json document = json::parse(response.body, nullptr, false);
    json answer = {{"status", response.head.status}};
    if (response.head.status >= 400) {
      answer["reason"] = document.is_object() ? document.value("reason", json()) : json();
      return answer;
    }
    if (request.method == Method::kDelete) return answer;
    const json& meta = document["metadata"];
    const std::string version = meta["resourceVersion"];
    if (document.contains("items")) {
      answer["items"] = json::array();
      for (const json& item : document["items"]) answer["items"].push_back(item["metadata"]["name"]);
      answer["more"] = meta.contains("continue");
      if (step.contains("as_old_as")) answer["same_version"] = version == kept_[step["as_old_as"]].version;
    } else {
      std::string key = request.target.substr(0, request.target.find('?'));
      if (key.ends_with("/status")) key.resize(key.size() - 7);
      if (request.method == Method::kPost) key += "/" + meta["name"].get<std::string>();
      const std::uint64_t now = std::stoull(version), before = versions_[key];
      answer["version"] = before == 0 ? "first" : before == now ? "same" : now > before ? "later" : "EARLIER";
      versions_[key] = now;
    }
    if (step.contains("save"))
      kept_[step["save"]] = {version, meta.value("uid", std::string()), meta.value("continue", std::string())};
    return answer;
  }

  json Watch(const json& step) {
    Deny(step.value("denied", false));
    ApiServer::Watch watch;
    std::string refusal;
    const HttpHead head = server_.Open(0, Request(step), watch, refusal);
    Deny(false);
    json answer = {{"status", head.status}};
    if (head.status != 200) {
      const json document = json::parse(refusal, nullptr, false);
      answer["reason"] = document.is_object() ? document.value("reason", json()) : json();
      return answer;
    }
    answer["events"] = json::array();
    bool ended = false;
    watch.line = [&](const std::string& line) { answer["events"].push_back(Said(json::parse(line))); };
    watch.end = [&] { ended = true; };
    server_.Begin(std::move(watch));
    for (int second = 0; second < 10 && !ended; ++second) {
      server_.Pump();
      loop_.Advance(std::chrono::seconds(1));
    }
    EXPECT_TRUE(ended) << step;
    return answer;
  }

  static std::string Said(const json& frame) {
    const json& object = frame["object"];
    if (frame["type"] == "ERROR")
      return "ERROR " + std::to_string(object["code"].get<int>()) + " " + object["reason"].get<std::string>();
    const json& meta = object["metadata"];
    if (frame["type"] == "BOOKMARK")
      return meta.value("annotations", json::object()).contains("k8s.io/initial-events-end")
                 ? "BOOKMARK initial-events-end"
                 : "BOOKMARK";
    return frame["type"].get<std::string>() + " " + meta["name"].get<std::string>();
  }

  support::ManualClock clock_;
  support::ManualLoop loop_{clock_};
  ApiServer server_{loop_, clock_};
  std::map<std::string, Kept> kept_;
  std::map<std::string, std::uint64_t> versions_;
};

TEST_F(Model, AnswersAsARealServerDid) {
  std::ifstream file(SEAWORTHY_SOURCE_DIR "/tests/sim/recorded/answers.json");
  const json steps = json::parse(file);
  std::size_t compared = 0;
  for (const json& step : steps) {
    const auto kind_of = [](const std::string& path) {
      return path.ends_with("/waivers") ? Kind::kWaiver : Kind::kNetworkPolicy;
    };
    if (step.contains("put")) {
      json object = step["object"];
      const auto& stored = server_.objects(kind_of(step["put"]));
      const auto before = stored.find(KeyOf(object));
      object["metadata"]["uid"] =
          before == stored.end() ? json(KeyOf(object)) : before->second.object["metadata"]["uid"];
      server_.Put(kind_of(step["put"]), object);
    } else if (step.contains("remove")) {
      server_.Remove(kind_of(step["remove"]),
                     step["namespace"].get<std::string>() + "/" + step["name"].get<std::string>());
    } else if (step.contains("compact")) {
      server_.Compact();
    } else {
      EXPECT_EQ(step.contains("watch") ? Watch(step) : Ask(step), step["answer"]) << step["what"];
      ++compared;
    }
  }
  EXPECT_GT(compared, 30u);
}

}  // namespace
}  // namespace seaworthy::sim
