#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "cache/decoding.h"

namespace seaworthy::cache {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class DecodePodSpecTest : public DecodeTest {
 protected:
  // The spec of a Deployment whose template's spec is `yaml`, in flow style or indented by six.
  PodSpecPtr Spec(std::string_view yaml) {
    workload_ =
        Yaml<Workload>(Kind::kDeployment, "metadata: {name: web}\nspec:\n  template:\n    spec:\n" + std::string(yaml));
    return workload_ == nullptr ? nullptr : workload_->spec;
  }
  Container One(std::string_view fields) {
    const PodSpecPtr spec = Spec("      containers: [{name: app, " + std::string(fields) + "}]");
    return spec == nullptr ? Container() : *spec->containers[0];
  }
  static std::string Facts(const Container& container) {
    std::string text;
    for (const CredentialFact& fact : container.credentials) text += (text.empty() ? "" : " ") + fact.where.str();
    return text;
  }
  std::unique_ptr<Workload> workload_;
};

TEST_F(DecodePodSpecTest, ReadsContainersInOrder) {
  const PodSpecPtr spec = Spec(R"(
      initContainers:
      - {name: first}
      - {name: mesh, restartPolicy: Always}
      - {name: second, restartPolicy: Never}
      containers:
      - {name: app, restartPolicy: Always}
      ephemeralContainers:
      - {name: debugger}
)");
  ASSERT_EQ(spec->containers.size(), 5U);
  EXPECT_EQ(spec->containers[0]->role, ContainerRole::kInit);
  EXPECT_EQ(spec->containers[1]->role, ContainerRole::kSidecar);
  EXPECT_EQ(spec->containers[2]->role, ContainerRole::kInit);
  EXPECT_EQ(spec->containers[3]->role, ContainerRole::kMain);
  EXPECT_EQ(spec->containers[4]->role, ContainerRole::kEphemeral);
  EXPECT_EQ(spec->containers[2]->name, "second");
  EXPECT_EQ(spec->containers[0]->line, 7U);
}

TEST_F(DecodePodSpecTest, ReadsResources) {
  const Container app =
      One("resources: {requests: {cpu: 100m, memory: 128Mi, nvidia.com/gpu: 1}, limits: {cpu: 0.5, memory: 1e8, "
          "ephemeral-storage: 1Gi}}");
  EXPECT_EQ(*app.resources->requests.cpu_milli, 100);
  EXPECT_EQ(*app.resources->requests.memory_bytes, 128 << 20);
  ASSERT_EQ(app.resources->requests.extended.size(), 1U);
  EXPECT_EQ(app.resources->requests.extended[0].amount, 1);
  EXPECT_EQ(*app.resources->limits.cpu_milli, 500);
  EXPECT_EQ(*app.resources->limits.memory_bytes, 100'000'000);
  EXPECT_EQ(*app.resources->limits.ephemeral_bytes, 1 << 30);
  EXPECT_FALSE(app.resources->requests.invalid);
}

TEST_F(DecodePodSpecTest, MarksQuantitiesThatCannotBeRead) {
  for (std::string_view bad :
       {"memory: 1GB", "memory: lots", "cpu: 1e999", "memory: -5Mi", "cpu: []", "gpu: x", "memory: NaN"}) {
    const Container app = One("resources: {requests: {" + std::string(bad) + "}}");
    EXPECT_TRUE(app.resources->requests.invalid) << bad;
    EXPECT_FALSE(app.resources->requests.memory_bytes.has_value()) << bad;
    EXPECT_FALSE(app.resources->limits.invalid) << bad;
  }
  EXPECT_FALSE(One("resources: {requests: {memory: null}}").resources->requests.invalid);
  EXPECT_TRUE(One("resources: {requests: [memory]}").resources->requests.invalid);
  const ResourceAmounts mixed = One("resources: {requests: {memory: 1GB, cpu: 100m}}").resources->requests;
  EXPECT_TRUE(mixed.memory_invalid);
  EXPECT_FALSE(mixed.cpu_invalid || mixed.ephemeral_invalid);
  EXPECT_TRUE(One("resources: {requests: [memory]}").resources->requests.cpu_invalid);
}

TEST_F(DecodePodSpecTest, ReadsProbes) {
  const Container app =
      One(R"(readinessProbe: {httpGet: {path: /ready, port: http}, periodSeconds: 5, timeoutSeconds: 2},
    livenessProbe: {httpGet: {port: http, path: /ready}, failureThreshold: 4, initialDelaySeconds: 7},
    startupProbe: {tcpSocket: {port: 8080, host: example.com}}, ports: [{name: http, containerPort: 8080, hostPort: 80, protocol: TCP}])");
  EXPECT_TRUE(app.readiness->present);
  EXPECT_EQ(app.readiness->handler, ProbeHandler::kHttpGet);
  EXPECT_EQ(app.readiness->port.name, "http");
  EXPECT_EQ(app.readiness->PeriodSeconds(), 5);
  EXPECT_EQ(app.readiness->TimeoutSeconds(), 2);
  EXPECT_EQ(app.readiness->FailureThreshold(), 3);
  EXPECT_EQ(app.readiness->handler_hash, app.liveness->handler_hash);  // the same action, written in another order
  EXPECT_NE(app.readiness->handler_hash, app.startup->handler_hash);
  EXPECT_EQ(app.readiness->handler_hash,
            One("readinessProbe: {httpGet: {path: /ready, port: \"8080\", scheme: HTTP}}").readiness->handler_hash);
  EXPECT_EQ(app.liveness->InitialDelaySeconds(), 7);
  EXPECT_EQ(app.startup->port.number, 8080);
  EXPECT_TRUE(app.startup->other_host);
  EXPECT_FALSE(app.readiness->other_host);
  EXPECT_TRUE(app.host_probe_or_hook);
  ASSERT_EQ(app.ports.size(), 1U);
  EXPECT_EQ(app.ports[0].host_port, 80);

  const Container other = One("livenessProbe: {exec: {command: [cat, /x]}}, readinessProbe: {periodSeconds: 3}");
  EXPECT_EQ(other.liveness->handler, ProbeHandler::kExec);
  EXPECT_TRUE(other.readiness->present);
  EXPECT_EQ(other.readiness->handler, ProbeHandler::kNone);
  EXPECT_FALSE(other.startup->present);
  EXPECT_FALSE(other.host_probe_or_hook);
}

TEST_F(DecodePodSpecTest, ReadsHooks) {
  EXPECT_EQ(*One("lifecycle: {preStop: {sleep: {seconds: 10}}}").pre_stop.sleep_seconds, 10);
  EXPECT_EQ(One("lifecycle: {preStop: {sleep: {seconds: 10}}}").pre_stop.action, PreStop::Action::kSleep);
  EXPECT_EQ(*One("lifecycle: {preStop: {exec: {command: [sh, -c, 'sleep 15; nginx -s quit']}}}").pre_stop.sleep_seconds,
            15);
  const Container exec = One("lifecycle: {preStop: {exec: {command: [/stop.sh]}}, stopSignal: SIGQUIT}");
  EXPECT_EQ(exec.pre_stop.action, PreStop::Action::kExec);
  EXPECT_FALSE(exec.pre_stop.sleep_seconds.has_value());
  EXPECT_EQ(exec.stop_signal, "SIGQUIT");
  EXPECT_EQ(One("lifecycle: {preStop: {httpGet: {port: 80, host: x}}}").pre_stop.action, PreStop::Action::kHttpGet);
  EXPECT_TRUE(One("lifecycle: {postStart: {tcpSocket: {port: 80, host: x}}}").host_probe_or_hook);
  EXPECT_EQ(One("image: x").pre_stop.action, PreStop::Action::kNone);
}

TEST_F(DecodePodSpecTest, ReadsSecurity) {
  const PodSpecPtr spec = Spec(R"(
      hostNetwork: true
      hostPID: true
      hostIPC: false
      hostUsers: false
      automountServiceAccountToken: false
      serviceAccount: old
      securityContext: {runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1001, fsGroup: 1002, seccompProfile: {type: RuntimeDefault}, sysctls: [{name: net.core.somaxconn, value: "1024"}]}
      containers:
      - name: app
        securityContext:
          runAsNonRoot: false
          allowPrivilegeEscalation: false
          privileged: true
          readOnlyRootFilesystem: true
          procMount: Unmasked
          appArmorProfile: {type: Unconfined}
          seLinuxOptions: {type: spc_t, user: u, role: r}
          windowsOptions: {hostProcess: true}
          capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}
)");
  EXPECT_TRUE(spec->host_network);
  EXPECT_TRUE(spec->host_pid);
  EXPECT_FALSE(spec->host_ipc);
  EXPECT_EQ(spec->host_users, OptBool::kFalse);
  EXPECT_EQ(spec->automount_token, OptBool::kFalse);
  EXPECT_EQ(spec->service_account, "old");
  EXPECT_EQ(spec->security->run_as_non_root, OptBool::kTrue);
  EXPECT_EQ(*spec->security->run_as_user, 1000);
  EXPECT_EQ(*spec->run_as_group, 1001);
  EXPECT_EQ(*spec->fs_group, 1002);
  EXPECT_EQ(spec->security->seccomp_type, "RuntimeDefault");
  ASSERT_EQ(spec->sysctls.size(), 1U);
  EXPECT_EQ(spec->sysctls[0].value, "1024");
  const SecurityContext& app = spec->containers[0]->security;
  EXPECT_EQ(app.run_as_non_root, OptBool::kFalse);
  EXPECT_EQ(app.allow_privilege_escalation, OptBool::kFalse);
  EXPECT_EQ(app.privileged, OptBool::kTrue);
  EXPECT_EQ(app.read_only_root, OptBool::kTrue);
  EXPECT_EQ(app.proc_mount, "Unmasked");
  EXPECT_EQ(app.app_armor_type, "Unconfined");
  EXPECT_TRUE(app.selinux_set);
  EXPECT_EQ(app.selinux_type, "spc_t");
  EXPECT_TRUE(app.windows_host_process);
  EXPECT_TRUE(app.capabilities_set);
  ASSERT_EQ(app.cap_drop.size(), 1U);
  EXPECT_EQ(app.cap_drop[0], "ALL");
}

TEST_F(DecodePodSpecTest, ReadsVolumes) {
  const PodSpecPtr spec = Spec(R"(
      containers: [{name: app, volumeMounts: [{name: data, mountPath: /data, readOnly: true}], volumeDevices: [{name: raw}]}]
      volumes:
      - {name: cache, emptyDir: {medium: Memory, sizeLimit: 64Mi}}
      - {name: logs, hostPath: {path: /var/log}}
      - {name: data, persistentVolumeClaim: {claimName: data-0, readOnly: true}}
      - {name: conf, configMap: {name: web}}
      - {name: cert, secret: {secretName: tls}}
      - {name: all, projected: {sources: [{serviceAccountToken: {path: token}}]}}
      - {name: kube-api-access-x7k2p, projected: {sources: [{serviceAccountToken: {path: token}}]}}
      - {name: info, downwardAPI: {}}
      - {name: s3, csi: {driver: s3.example.com}}
      - {name: tmp, ephemeral: {}}
      - {name: img, image: {reference: "x:1"}}
      - {name: nfs, nfs: {server: s, path: /, readOnly: true}}
      - {name: plain}
      - {name: huge, emptyDir: {medium: HugePages-2Mi}}
)");
  // Without the one that the API server adds.
  ASSERT_EQ(spec->volumes.size(), 13U);
  EXPECT_FALSE(spec->volumes[0].huge_pages);
  EXPECT_TRUE(spec->volumes[12].huge_pages);
  EXPECT_FALSE(spec->volumes[12].memory);
  EXPECT_EQ(spec->volumes[0].source, VolumeSource::kEmptyDir);
  EXPECT_TRUE(spec->volumes[0].memory);
  EXPECT_EQ(*spec->volumes[0].size_limit, 64 << 20);
  EXPECT_EQ(spec->volumes[1].reference, "/var/log");
  EXPECT_EQ(spec->volumes[2].source, VolumeSource::kClaim);
  EXPECT_EQ(spec->volumes[2].reference, "data-0");
  EXPECT_TRUE(spec->volumes[2].read_only);
  EXPECT_EQ(spec->volumes[3].reference, "web");
  EXPECT_EQ(spec->volumes[4].reference, "tls");
  EXPECT_EQ(spec->volumes[5].source, VolumeSource::kProjected);
  EXPECT_EQ(spec->volumes[7].reference, "s3.example.com");
  EXPECT_EQ(spec->volumes[8].source, VolumeSource::kEphemeral);
  EXPECT_EQ(spec->volumes[9].reference, "x:1");
  EXPECT_EQ(spec->volumes[10].source, VolumeSource::kRestricted);
  EXPECT_EQ(spec->volumes[10].reference, "nfs");
  EXPECT_EQ(spec->volumes[11].source, VolumeSource::kEmptyDir);
  const Container& app = spec->containers[0];
  EXPECT_TRUE(app.mounts[0].read_only);
  EXPECT_EQ(app.mounts[0].path, "/data");
  ASSERT_EQ(app.devices.size(), 1U);
}

TEST_F(DecodePodSpecTest, ReadsScheduling) {
  const PodSpecPtr spec = Spec(R"(
      containers: []
      nodeSelector: {disk: ssd}
      nodeName: n1
      priorityClassName: high
      priority: 7
      terminationGracePeriodSeconds: 45
      restartPolicy: Always
      runtimeClassName: gvisor
      schedulerName: mine
      os: {name: linux}
      overhead: {cpu: 250m}
      resources: {requests: {cpu: 1}}
      tolerations: [{key: a, operator: Exists, effect: NoSchedule}, {key: b, value: c}]
      affinity:
        nodeAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            nodeSelectorTerms:
            - matchExpressions: [{key: zone, operator: In, values: [a]}, {key: cores, operator: Gt, values: ["4"]}]
              matchFields: [{key: metadata.name, operator: NotIn, values: [n9]}]
            - matchExpressions: [{key: x, operator: Near}]
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
          - {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: web}}, matchLabelKeys: [pod-template-hash], namespaces: [shop], namespaceSelector: {}}
          preferredDuringSchedulingIgnoredDuringExecution:
          - {weight: 50, podAffinityTerm: {topologyKey: zone, labelSelector: {matchLabels: {app: web}}, mismatchLabelKeys: [t]}}
        podAffinity:
          requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: zone}]
      topologySpreadConstraints:
      - {topologyKey: zone, maxSkew: 2, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: web}}, matchLabelKeys: [v]}
      - {topologyKey: zone, whenUnsatisfiable: ScheduleAnyway}
)");
  EXPECT_EQ(spec->node_selector.Get("disk"), "ssd");
  EXPECT_EQ(spec->node_name, "n1");
  EXPECT_EQ(*spec->priority, 7);
  EXPECT_EQ(*spec->termination_grace, 45);
  EXPECT_EQ(spec->runtime_class, "gvisor");
  EXPECT_EQ(spec->os, "linux");
  EXPECT_EQ(*spec->overhead->cpu_milli, 250);
  EXPECT_EQ(*spec->resources->requests.cpu_milli, 1000);
  ASSERT_EQ(spec->tolerations.size(), 2U);
  EXPECT_TRUE(spec->tolerations[0].exists);
  EXPECT_FALSE(spec->tolerations[1].exists);
  EXPECT_TRUE(spec->has_required_node_affinity);
  ASSERT_EQ(spec->node_affinity.size(), 2U);
  EXPECT_EQ(spec->node_affinity[0].labels[1].op, NodeSelectorRequirement::Op::kGt);
  EXPECT_EQ(spec->node_affinity[0].fields.size(), 1U);
  EXPECT_EQ(spec->node_affinity[1].labels[0].op, NodeSelectorRequirement::Op::kInvalid);
  ASSERT_EQ(spec->pod_anti_affinity.size(), 2U);
  EXPECT_TRUE(spec->pod_anti_affinity[0].required);
  EXPECT_TRUE(spec->pod_anti_affinity[0].namespace_selector.present);
  EXPECT_EQ(spec->pod_anti_affinity[0].match_label_keys.size(), 1U);
  EXPECT_EQ(spec->pod_anti_affinity[1].weight, 50);
  EXPECT_FALSE(spec->pod_anti_affinity[1].required);
  ASSERT_EQ(spec->pod_affinity.size(), 1U);
  EXPECT_FALSE(spec->pod_affinity[0].selector.present);
  ASSERT_EQ(spec->topology_spread.size(), 2U);
  EXPECT_TRUE(spec->topology_spread[0].hard);
  EXPECT_EQ(spec->topology_spread[0].max_skew, 2);
  EXPECT_EQ(spec->topology_spread[1].max_skew, 1);
}

TEST_F(DecodePodSpecTest, TurnsTheEnvironmentIntoFacts) {
  const Container app = One(
      R"(env: [{name: DB_PASSWORD, value: s3cr3t}, {name: API_TOKEN, valueFrom: {secretKeyRef: {name: api, key: t}}},
    {name: MODE, valueFrom: {configMapKeyRef: {name: conf, key: m}}}, {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}},
    {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}, {name: JAVA_OPTS, value: -Xmx512m}, {name: EMPTY_SECRET}],
    envFrom: [{configMapRef: {name: conf}}], args: ["--token=abcdef"])");
  ASSERT_EQ(app.env.size(), 7U);
  EXPECT_EQ(app.env[0].source, EnvSource::kLiteral);
  EXPECT_TRUE(app.env[0].reference.empty());
  EXPECT_EQ(app.env[1].source, EnvSource::kSecret);
  EXPECT_EQ(app.env[1].reference, "api");
  EXPECT_EQ(app.env[2].source, EnvSource::kConfigMap);
  EXPECT_EQ(app.env[3].source, EnvSource::kField);
  EXPECT_EQ(app.env[4].source, EnvSource::kResource);
  EXPECT_EQ(app.env_from.size(), 1u);
  EXPECT_TRUE(app.has_args);
  EXPECT_EQ(Facts(app), "env[DB_PASSWORD] args[0]");
  ASSERT_EQ(app.runtime_memory.size(), 1U);
  EXPECT_EQ(app.runtime_memory[0].bytes, 512 << 20);
}

TEST_F(DecodePodSpecTest, ExpandsVariablesWhereMemoryIsBound) {
  const Container app = One(
      R"j(args: ["-Xmx$(HEAP)", "--password=$(HEAP)"],
    env: [{name: GOMEMLIMIT, valueFrom: {resourceFieldRef: {resource: limits.memory}}}, {name: HEAP, value: 2g}],
    resources: {limits: {memory: 1Gi}})j");
  ASSERT_EQ(app.runtime_memory.size(), 2U);
  EXPECT_EQ(app.runtime_memory[0].bytes, std::int64_t{2} << 30);
  EXPECT_EQ(app.runtime_memory[1].bytes, 1 << 30);
  EXPECT_EQ(Facts(app), "");  // a reference is no credential, whatever it refers to
}

TEST_F(DecodePodSpecTest, SeesALogTail) {
  EXPECT_TRUE(One("command: [tail, -F, /logs/app.log]").tails_file);
  EXPECT_FALSE(One("command: [server]").tails_file);
  EXPECT_FALSE(One("command: [server]").has_args);
}

TEST_F(DecodePodSpecTest, CutsTextsThatAreMadeToFillMemory) {
  const Container app = One("image: \"" + std::string(1'000'000, 'x') + "\"");
  EXPECT_LE(app.image.size(), 2048U);
}

}  // namespace
}  // namespace seaworthy::cache
