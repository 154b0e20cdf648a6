#include "checks/security/pod_security_standard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace seaworthy::checks {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Agreement with upstream over its examples is pod_security_upstream_test's; this is for the words, and for what
// decoding cannot produce.
class PodSecurityStandard : public ::testing::Test {
 protected:
  Text T(std::string_view text) { return pool_.Intern(text); }

  // Meets restricted.
  PodSpec Restricted() {
    PodSpec spec;
    spec.security.edit().run_as_non_root = OptBool::kTrue;
    spec.security.edit().seccomp_type = T("RuntimeDefault");
    for (ContainerRole role :
         {ContainerRole::kInit, ContainerRole::kSidecar, ContainerRole::kMain, ContainerRole::kEphemeral}) {
      Container container;
      container.role = role;
      container.name = T(role == ContainerRole::kMain      ? "app"
                         : role == ContainerRole::kInit    ? "setup"
                         : role == ContainerRole::kSidecar ? "proxy"
                                                           : "debug");
      container.security.edit().allow_privilege_escalation = OptBool::kFalse;
      container.security.edit().capabilities_set = true;
      container.security.edit().cap_drop = {T("ALL")};
      spec.containers.push_back(container);
    }
    return spec;
  }
  Container& Of(PodSpec& spec, ContainerRole role) {
    for (Shared<Container>& container : spec.containers) {
      if (container->role == role) return container.edit();
    }
    return spec.containers.front().edit();
  }
  PodSecurityLevel Level(const PodSpec& spec) { return EvaluatePodSecurity(spec, {}, nullptr); }
  std::vector<std::string> Reasons(const PodSpec& spec, const Labels& annotations = {}) {
    std::vector<std::string> reasons;
    const PodSecurityLevel level = EvaluatePodSecurity(spec, annotations, &reasons);
    EXPECT_EQ(level, EvaluatePodSecurity(spec, annotations, nullptr))
        << "the level depends on whether reasons are asked for";
    return reasons;
  }

  TextPool pool_;
};

TEST_F(PodSecurityStandard, NothingKeepsARestrictedPodBack) {
  EXPECT_EQ(Level(Restricted()), PodSecurityLevel::kRestricted);
  EXPECT_THAT(Reasons(Restricted()), IsEmpty());
}

TEST_F(PodSecurityStandard, AnEmptyPodIsBaseline) {
  PodSpec spec;
  spec.containers.emplace_back();
  spec.containers.front().edit().name = T("app");
  EXPECT_EQ(Level(spec), PodSecurityLevel::kBaseline);
  EXPECT_THAT(Reasons(spec),
              ElementsAre("container app: allowPrivilegeEscalation is not false",
                          "container app: does not drop ALL capabilities", "container app: runAsNonRoot is not true",
                          "container app: seccomp profile is not set"));
}

TEST_F(PodSecurityStandard, APrivilegedPodIsToldOnlyWhatKeepsItFromBaseline) {
  PodSpec spec = Restricted();
  spec.host_pid = true;
  Of(spec, ContainerRole::kMain).security.edit().privileged = OptBool::kTrue;
  Of(spec, ContainerRole::kInit).security.edit().privileged = OptBool::kTrue;
  Of(spec, ContainerRole::kMain).security.edit().allow_privilege_escalation = OptBool::kUnset;
  EXPECT_THAT(Reasons(spec), ElementsAre("hostPID is true", "init container setup, container app: privileged is true"));
}

TEST_F(PodSecurityStandard, EveryKindOfContainerCounts) {
  for (ContainerRole role :
       {ContainerRole::kInit, ContainerRole::kSidecar, ContainerRole::kMain, ContainerRole::kEphemeral}) {
    PodSpec spec = Restricted();
    Of(spec, role).security.edit().cap_drop.clear();
    EXPECT_EQ(Level(spec), PodSecurityLevel::kBaseline);
    Of(spec, role).security.edit().cap_add = {T("SYS_PTRACE")};
    EXPECT_EQ(Level(spec), PodSecurityLevel::kPrivileged);
  }
}

TEST_F(PodSecurityStandard, AUserNamespaceLetsRootBeButNotAnUnmaskedProcInRestricted) {
  PodSpec spec = Restricted();
  spec.security.edit().run_as_non_root = OptBool::kUnset;
  Of(spec, ContainerRole::kMain).security.edit().run_as_user = 0;
  EXPECT_EQ(Level(spec), PodSecurityLevel::kBaseline);
  spec.host_users = OptBool::kFalse;
  EXPECT_EQ(Level(spec), PodSecurityLevel::kRestricted);
  Of(spec, ContainerRole::kMain).security.edit().proc_mount = T("Unmasked");
  EXPECT_EQ(Level(spec), PodSecurityLevel::kBaseline);
  spec.host_users = OptBool::kTrue;
  EXPECT_EQ(Level(spec), PodSecurityLevel::kPrivileged);
}

TEST_F(PodSecurityStandard, APodLevelFalseIsNotOverruledByItsContainers) {
  PodSpec spec = Restricted();
  spec.security.edit().run_as_non_root = OptBool::kFalse;
  for (Shared<Container>& container : spec.containers)
    container.edit().security.edit().run_as_non_root = OptBool::kTrue;
  EXPECT_THAT(Reasons(spec), ElementsAre("pod: runAsNonRoot is false"));
}

TEST_F(PodSecurityStandard, WindowsPodsNeedNotSetWhatLinuxHasAlone) {
  PodSpec spec = Restricted();
  spec.security.edit().seccomp_type = {};
  for (Shared<Container>& container : spec.containers) {
    container.edit().security.edit().allow_privilege_escalation = OptBool::kUnset;
    container.edit().security.edit().cap_drop.clear();
  }
  EXPECT_EQ(Level(spec), PodSecurityLevel::kBaseline);
  spec.os = T("windows");
  EXPECT_EQ(Level(spec), PodSecurityLevel::kRestricted);
  spec.security.edit().windows_host_process = true;
  EXPECT_EQ(Level(spec), PodSecurityLevel::kPrivileged);
}

TEST_F(PodSecurityStandard, AppArmorIsReadFromFieldsAndAnnotations) {
  const auto annotated = [this](std::string_view value) {
    return Labels(
        {{T("container.apparmor.security.beta.kubernetes.io/app"), T(value)}, {T("example/other"), T("unconfined")}});
  };
  EXPECT_THAT(Reasons(Restricted(), annotated("runtime/default")), IsEmpty());
  EXPECT_THAT(Reasons(Restricted(), annotated("localhost/k8s-web")), IsEmpty());
  EXPECT_THAT(Reasons(Restricted(), annotated("")), IsEmpty());
  EXPECT_THAT(Reasons(Restricted(), annotated("unconfined")),
              ElementsAre("annotation container.apparmor.security.beta.kubernetes.io/app: AppArmor profile is neither "
                          "runtime/default nor localhost/*"));
  PodSpec spec = Restricted();
  spec.security.edit().app_armor_type = T("Unconfined");
  EXPECT_THAT(Reasons(spec), ElementsAre("pod: AppArmor profile is neither RuntimeDefault nor Localhost"));
}

TEST_F(PodSecurityStandard, NamesAreTakenLiterally) {
  PodSpec spec = Restricted();
  Of(spec, ContainerRole::kMain).security.edit().cap_drop = {T("all")};
  EXPECT_EQ(Level(spec), PodSecurityLevel::kBaseline);
  spec = Restricted();
  Of(spec, ContainerRole::kMain).security.edit().cap_add = {T("CAP_NET_BIND_SERVICE")};
  EXPECT_EQ(Level(spec), PodSecurityLevel::kPrivileged);
  spec = Restricted();
  spec.sysctls = {{T("net/ipv4/tcp_syncookies"), T("1")}};
  EXPECT_THAT(Reasons(spec), ElementsAre("sysctl net/ipv4/tcp_syncookies is not among the safe ones"));
}

TEST_F(PodSecurityStandard, VolumesOfUnknownKindsAreRestricted) {
  const auto level = [this](VolumeSource source) {
    PodSpec spec = Restricted();
    spec.volumes.push_back({.name = T("data"), .source = source});
    return Level(spec);
  };
  for (VolumeSource source : {VolumeSource::kEmptyDir, VolumeSource::kClaim, VolumeSource::kConfigMap,
                              VolumeSource::kSecret, VolumeSource::kProjected, VolumeSource::kDownwardApi,
                              VolumeSource::kCsi, VolumeSource::kEphemeral, VolumeSource::kImage}) {
    EXPECT_EQ(level(source), PodSecurityLevel::kRestricted) << static_cast<int>(source);
  }
  EXPECT_EQ(level(VolumeSource::kRestricted), PodSecurityLevel::kBaseline);
  EXPECT_EQ(level(VolumeSource::kOther), PodSecurityLevel::kBaseline);
  EXPECT_EQ(level(VolumeSource::kHostPath), PodSecurityLevel::kPrivileged);
}

}  // namespace
}  // namespace seaworthy::checks
