// Any value of any type in any place of any kind: decoding answers, and never with more than an error.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cache/decoding.h"

namespace seaworthy::cache {
namespace {

using nlohmann::json;

// The fields of all kinds in one object: each decoder takes what it knows.
json Everything() {
  json container = json::parse(R"({"name":"app","image":"web:1","imagePullPolicy":"Always","restartPolicy":"Always",
    "command":["sh","-c","sleep 5; tail -f /x"],"args":["--password","s3cr3t"],"env":[{"name":"A","value":"b"},{"name":"B","valueFrom":{"secretKeyRef":{"name":"s"}}}],
    "envFrom":[{}],"ports":[{"name":"http","containerPort":80,"hostPort":80,"protocol":"TCP"}],"resources":{"requests":{"cpu":"1","memory":"1Gi","x":1},"limits":{"cpu":2}},
    "readinessProbe":{"httpGet":{"port":"http","host":"h"},"periodSeconds":1},"livenessProbe":{"exec":{"command":["x"]}},"startupProbe":{"grpc":{"port":1}},
    "lifecycle":{"preStop":{"exec":{"command":["sleep","5"]}},"postStart":{"httpGet":{"host":"h"}},"stopSignal":"SIGTERM"},
    "volumeMounts":[{"name":"v","mountPath":"/v","readOnly":true}],"volumeDevices":[{"name":"d"}],
    "securityContext":{"capabilities":{"add":["A"],"drop":["B"]},"seLinuxOptions":{"type":"t"},"seccompProfile":{"type":"t"},"windowsOptions":{"hostProcess":true}}})");
  json pod = json::parse(
      R"({"volumes":[{"name":"v","emptyDir":{"sizeLimit":"1Gi","medium":"Memory"}},{"name":"p","projected":{"sources":[{"serviceAccountToken":{}}]}}],
    "nodeSelector":{"a":"b"},"nodeName":"n","hostNetwork":true,"securityContext":{"sysctls":[{"name":"a","value":"b"}],"runAsUser":1},"serviceAccountName":"s","os":{"name":"linux"},
    "tolerations":[{"key":"a","operator":"Exists"}],"overhead":{"cpu":"1"},"resources":{"requests":{"cpu":"1"}},"priority":1,"terminationGracePeriodSeconds":30,
    "affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"a","operator":"In","values":["b"]}],
      "matchFields":[{"key":"metadata.name","operator":"In","values":["n"]}]}]}},
      "podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"z","labelSelector":{"matchLabels":{"a":"b"}},"namespaces":["x"]}],
      "preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1,"podAffinityTerm":{"topologyKey":"z"}}]}},
    "topologySpreadConstraints":[{"topologyKey":"z","maxSkew":1,"labelSelector":{}}]})");
  pod["containers"] = json::array({container});
  pod["initContainers"] = pod["ephemeralContainers"] = json::parse(R"([{"name":"x"}])");
  json object = json::parse(
      R"({"apiVersion":"v1","kind":"X","metadata":{"name":"a","namespace":"b","generateName":"c","uid":"d","resourceVersion":"1","generation":1,
      "creationTimestamp":"2026-11-01T10:00:00Z","deletionTimestamp":"2026-11-01T10:00:00Z","deletionGracePeriodSeconds":1,"labels":{"a":"b"},"annotations":{"owner":"x"},
      "ownerReferences":[{"apiVersion":"v1","kind":"DaemonSet","name":"x","uid":"y"}],"finalizers":["f"],
      "managedFields":[{"manager":"m","operation":"Update","time":"2026-11-01T10:00:00Z","fieldsV1":{"f:spec":{"f:template":{}}}}]},
    "status":{"phase":"Running","replicas":1,"observedGeneration":1,"disruptionsAllowed":1,"hard":{"pods":"1"},"used":{"pods":"1"},"allocatable":{"cpu":"1","pods":"1"},
      "images":[{"names":["a"],"sizeBytes":1}],"nodeInfo":{"kubeletVersion":"v1"},"capacity":{"storage":"1Gi"},"evidence":{"a":[1]},
      "conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2026-11-01T10:00:00Z"}],"startTime":"2026-11-01T10:00:00Z",
      "containerStatuses":[{"name":"a","ready":true,"restartCount":1,"state":{"waiting":{"reason":"CreateContainerError","message":"m"}},"lastState":{"terminated":{"exitCode":1}}}]},
    "endpoints":[{"targetRef":{"kind":"Pod","name":"p"},"conditions":{"ready":true}}],"subjects":[{"kind":"User","name":"u"}],"roleRef":{"kind":"Role","name":"r"},
    "value":1,"provisioner":"p","automountServiceAccountToken":true})");
  json& spec = object["spec"] = pod;
  spec.update(json::parse(
      R"({"replicas":1,"selector":{"matchLabels":{"a":"b"},"matchExpressions":[{"key":"a","operator":"In","values":["b"]}]},
    "strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1,"maxUnavailable":"25%"}},"updateStrategy":{"type":"OnDelete"},"schedule":"* * * * *",
    "volumeClaimTemplates":[{"metadata":{"name":"d"},"spec":{"resources":{"requests":{"storage":"1Gi"}}}}],"ports":[{"port":80,"targetPort":"http"}],"clusterIP":"None",
    "rules":[{"host":"h","http":{"paths":[{"path":"/","backend":{"service":{"name":"s","port":{"number":80}}}}]}}],"tls":[{"hosts":["h"]}],"defaultBackend":{"service":{"name":"s"}},
    "podSelector":{},"policyTypes":["Ingress"],"minAvailable":1,"scaleTargetRef":{"kind":"Deployment","name":"d"},"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization"}}}],
    "limits":[{"type":"Container","max":{"cpu":"1"},"default":{"cpu":"1"}}],"hard":{"pods":"1"},"scopes":["x"],"claimRef":{"name":"c"},"csi":{"driver":"d"},
    "taints":[{"key":"node.kubernetes.io/unschedulable","effect":"NoSchedule","timeAdded":"2026-11-01T10:00:00Z"}]})"));
  // The whole pod spec stands once, a Pod's own; templates are read by the same code.
  spec["template"] = json::parse(
      R"({"metadata":{"labels":{"a":"b"},"annotations":{"owner":"x"}},"spec":{"containers":[{"name":"a"}]}})");
  spec["jobTemplate"]["spec"]["template"] = spec["template"];
  return object;
}

// All places in `value`, itself included.
void Places(const json& value, const json::json_pointer& here, std::vector<json::json_pointer>& places) {
  places.push_back(here);
  if (value.is_object()) {
    for (const auto& [key, child] : value.items()) Places(child, here / key, places);
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) Places(value[i], here / i, places);
  }
}

TEST(HostileObject, IsAnsweredWhateverTheTypes) {
  TextPool pool;
  {
    const auto decoder = MakeDecoder(pool);
    json object = Everything();
    std::vector<json::json_pointer> places;
    Places(object, json::json_pointer(), places);
    const std::vector<json> values = {nullptr,
                                      true,
                                      -1,
                                      1e300,
                                      9'223'372'036'854'775'807,
                                      "x",
                                      json::array(),
                                      json::object(),
                                      json::array({nullptr, 7, "x"}),
                                      {{"name", 7}}};
    support::Tree tree;
    std::size_t turn = 0;
    for (const json::json_pointer& place : places) {
      const json saved = object.at(place);
      for (const json& value : values) {
        object.at(place) = value;
        const std::string text = object.dump();
        ASSERT_TRUE(support::ParseJson(text, tree, static_cast<std::uint32_t>(turn % 2)).ok());
        // Every kind meets every place, though not each with every value.
        for (std::size_t i = turn++ % 9; i < kKindCount; i += 9) {
          const Result<ObjectPtr> result = decoder->Decode(static_cast<Kind>(i), tree.root());
          if (result.ok()) {
            EXPECT_GT((*result)->resident_bytes(), 0U);
          } else {
            EXPECT_EQ(result.status().code(), Code::kInvalidArgument);
            EXPECT_NE(result.status().message().find(Info(static_cast<Kind>(i)).name), std::string::npos);
          }
        }
      }
      object.at(place) = saved;
    }
  }
  EXPECT_EQ(pool.size(), 0U);
}

TEST(HostileObject, IsReadInOneGoWhateverItsSize) {
  TextPool pool;
  const auto decoder = MakeDecoder(pool);
  json object = Everything();
  json& env = object["spec"]["containers"][0]["env"];
  for (int i = 0; i < 20'000; ++i) env.push_back({{"name", "PASSWORD_" + std::to_string(i)}, {"value", "s3cr3t"}});
  for (int i = 0; i < 20'000; ++i) object["metadata"]["labels"]["l" + std::to_string(i)] = "v";
  for (int i = 0; i < 5'000; ++i)
    object["metadata"]["annotations"]["seaworthy.dev/a" + std::to_string(i)] = "redis://:p@h";
  support::Tree tree;
  ASSERT_TRUE(support::ParseJson(object.dump(), tree).ok());
  const Result<ObjectPtr> result = decoder->Decode(Kind::kPod, tree.root());
  ASSERT_TRUE(result.ok());
  EXPECT_LE(static_cast<const Pod&>(**result).spec->containers[1]->credentials.size(), 33U);
}

}  // namespace
}  // namespace seaworthy::cache
