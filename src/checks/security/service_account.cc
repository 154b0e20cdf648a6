#include <algorithm>

#include "checks/all_checks.h"
#include "checks/common/paths.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

std::string_view AccountName(const PodSpec& spec) {
  return spec.service_account.empty() ? "default" : spec.service_account.view();
}

const ServiceAccount* FindAccount(const Context& context) {
  const std::string_view name = AccountName(context.spec());
  for (const ServiceAccount* account : context.ServiceAccounts()) {
    if (account->meta.name == name) return account;
  }
  return nullptr;
}

// The account itself, as ServiceAccount or by its user name, or the group of its namespace's accounts.
bool Names(const RoleBinding& binding, const RoleBinding::Subject& subject, std::string_view ns,
           std::string_view account) {
  if (subject.kind == "ServiceAccount") {
    // In a RoleBinding a subject without a namespace is refused by the API server; manifests may still leave it to a
    // tool that fills it in.
    const std::string_view of = subject.namespace_.empty() ? binding.meta.namespace_.view() : subject.namespace_.view();
    return of == ns && subject.name == account;
  }
  constexpr std::string_view kUser = "system:serviceaccount:";
  constexpr std::string_view kGroup = "system:serviceaccounts:";
  std::string_view name = subject.name;
  if (subject.kind == "User" && name.starts_with(kUser)) {
    name.remove_prefix(kUser.size());
    return name.size() == ns.size() + 1 + account.size() && name.starts_with(ns) && name[ns.size()] == ':' &&
           name.ends_with(account);
  }
  return subject.kind == "Group" && name.starts_with(kGroup) && name.substr(kGroup.size()) == ns;
}

// `helm template` prints the release's namespace in the subjects, and none in what the chart leaves to kubectl. Where
// the account among the files has none, a binding of one of its name is taken to mean it.
const RoleBinding* BoundElsewhere(const Context& context, std::string_view account) {
  if (!context.offline() || !context.workload().meta.namespace_.empty() || FindAccount(context) == nullptr)
    return nullptr;
  for (const std::span<const RoleBinding* const> bindings : {context.RoleBindings(), context.ClusterRoleBindings()}) {
    for (const RoleBinding* binding : bindings) {
      if (std::any_of(binding->subjects.begin(), binding->subjects.end(), [&](const RoleBinding::Subject& subject) {
            return subject.kind == "ServiceAccount" && subject.name == account;
          }))
        return binding;
    }
  }
  return nullptr;
}

bool Bound(std::span<const RoleBinding* const> bindings, std::string_view ns, std::string_view account) {
  return std::any_of(bindings.begin(), bindings.end(), [&](const RoleBinding* binding) {
    return std::any_of(binding->subjects.begin(), binding->subjects.end(),
                       [&](const RoleBinding::Subject& subject) { return Names(*binding, subject, ns, account); });
  });
}

std::string AutomountPath(const Context& context) {
  return std::string(TemplatePath(context.workload())) + ".automountServiceAccountToken";
}

Outcome NotInInput(std::string message) { return Outcome::Unknown(UnknownCause::kNotInInput, std::move(message)); }

// Of a workload with an account of its own and a mounted token.
Outcome JudgeBindings(const Context& context, bool mounted_for_sure) {
  const std::string_view account = AccountName(context.spec());
  const std::string_view ns = context.workload().meta.namespace_;
  if (Bound(context.RoleBindings(), ns, account) || Bound(context.ClusterRoleBindings(), ns, account))
    return Outcome::Pass();
  const std::string name(account);
  if (const RoleBinding* binding = BoundElsewhere(context, account)) {
    return Outcome::Pass(std::string(Info(binding->kind).name) + " " + binding->meta.name.str() +
                         " names it, in a namespace: taken for its own, since the files name none (--namespace)");
  }
  if (context.offline()) {
    return NotInInput(
        mounted_for_sure
            ? "no binding of ServiceAccount " + name +
                  " is among the files: add its RoleBinding, or set automountServiceAccountToken false"
            : "neither ServiceAccount " + name +
                  " nor a binding of it is among the files: add them, or set automountServiceAccountToken false");
  }
  for (Kind kind : {Kind::kRoleBinding, Kind::kClusterRoleBinding}) {
    if (std::optional<Outcome> missing = Missing(context, kind)) return *std::move(missing);
  }
  return Outcome::Warn("ServiceAccount " + name +
                       " has a mounted token, but no RoleBinding and no ClusterRoleBinding names it or its "
                       "namespace's accounts")
      .At(AutomountPath(context));
}

Outcome Run(const Context& context) {
  const PodSpec& spec = context.spec();
  if (spec.automount_token == OptBool::kFalse) return Outcome::Pass("no token is mounted");
  const std::string_view name = AccountName(spec);
  const bool is_default = name == "default";
  const ServiceAccount* account = FindAccount(context);
  const bool pod_asks = spec.automount_token == OptBool::kTrue;
  if (!pod_asks && account != nullptr && account->automount_token == OptBool::kFalse)
    return Outcome::Pass("no token is mounted");
  if (is_default) {
    const bool mounted_for_sure = pod_asks || account != nullptr;
    if (!mounted_for_sure && context.offline()) {
      return NotInInput(
          "ServiceAccount default is not among the files, so whether its token is mounted cannot be told: set "
          "automountServiceAccountToken false");
    }
    if (!mounted_for_sure) {
      if (std::optional<Outcome> missing = Missing(context, Kind::kServiceAccount)) return *std::move(missing);
    }
    return Outcome::Fail("uses ServiceAccount default with a mounted token").At(AutomountPath(context));
  }
  if (account == nullptr && !context.offline()) {
    if (std::optional<Outcome> missing = Missing(context, Kind::kServiceAccount)) return *std::move(missing);
    return Outcome::Fail("ServiceAccount " + std::string(name) + " does not exist, so no pod can be created")
        .At(std::string(TemplatePath(context.workload())) + ".serviceAccountName");
  }
  return JudgeBindings(context, pod_asks || account != nullptr);
}

std::string MakePatch(const Context& context) {
  // A missing account is mended by creating it.
  if (AccountName(context.spec()) != "default" && FindAccount(context) == nullptr && !context.offline()) return {};
  return Patch(context.workload()).PodSpec(R"("automountServiceAccountToken":false)").Build();
}

}  // namespace

constinit const Check kServiceAccount = {
    .id = "service-account",
    .title = "The pods hold an API token only if they use one",
    .section = Section::kSecurity,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .rule =
        "Passes when no token is mounted (automountServiceAccountToken false on the pod or, where the pod says "
        "nothing, on its ServiceAccount), and when an account of its own has a mounted token and a RoleBinding of any "
        "namespace or a ClusterRoleBinding names the account, its user name or the group "
        "system:serviceaccounts:<namespace>. Fails when the default account's token is mounted, or the account does "
        "not exist. Warns when nothing is bound to an own account whose token is mounted. Unknown in a scan whose "
        "files show neither.",
    .why =
        "The token is in every container's file system. Whoever breaks in talks to the API server with it, and "
        "whatever is ever granted to the default account is granted to every pod of the namespace.",
    .fix =
        "Set automountServiceAccountToken: false on the pod; one that does call the API gets a ServiceAccount of its "
        "own and a Role with just that.",
    .source = "Kubernetes: Configure Service Accounts for Pods",
    .traps =
        "Bindings to system:serviceaccounts, system:authenticated and system:unauthenticated do not count: they are "
        "for everybody, every cluster has some, and they say nothing about this account. It is only a warning, since a "
        "token may be used for something else than RBAC, such as logging in to Vault. Tokens for cloud identities "
        "(IRSA, Workload Identity) are projected by themselves and do not need the mounted one. In a scan an account "
        "that is not among the files is unknown, where other linters take the default's settings for granted; where "
        "the account names no namespace, as helm template prints it, a binding of one of its name counts.",
    .reads = {Kind::kServiceAccount, Kind::kRoleBinding, Kind::kClusterRoleBinding},
    .run = Run,
    .patch = MakePatch,
};

}  // namespace seaworthy::checks
