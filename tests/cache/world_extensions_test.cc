// Extensions in the World: groups, and changes that are none.
#include <gmock/gmock.h>

#include "cache/world_rig.h"

namespace seaworthy::cache {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string Backup(const char* name, const char* schedule, const char* phase = "Completed", const char* more = "") {
  return Manifest("velero.io/v1", "Backup",
                  std::string("name: ") + name + ", namespace: velero, uid: " + name +
                      ", labels: {velero.io/schedule-name: " + schedule + "}",
                  std::string("status: {phase: ") + phase + more + "}");
}

std::vector<std::string> Grouped(const WorldRig& rig, Kind kind, std::string_view group) {
  std::vector<std::string> names;
  for (const Object* object : rig.world.Grouped(kind, group)) names.push_back(object->meta.name.str());
  return names;
}

TEST(WorldExtensions, BackupsAreFoundByTheirSchedule) {
  WorldRig rig;
  rig.Apply(Backup("b", "daily"));
  rig.Apply(Backup("a", "daily"));
  rig.Apply(Backup("c", "weekly"));
  rig.Apply(Manifest("velero.io/v1", "Backup", "name: by-hand, namespace: velero"));
  EXPECT_THAT(Grouped(rig, Kind::kVeleroBackup, "velero/daily"), ElementsAre("a", "b"));
  EXPECT_THAT(Grouped(rig, Kind::kVeleroBackup, "velero/weekly"), ElementsAre("c"));
  EXPECT_THAT(Grouped(rig, Kind::kVeleroBackup, "velero/hourly"), IsEmpty());
  rig.Apply(Backup("b", "weekly"));
  EXPECT_THAT(Grouped(rig, Kind::kVeleroBackup, "velero/daily"), ElementsAre("a"));
  EXPECT_THAT(Grouped(rig, Kind::kVeleroBackup, "velero/weekly"), ElementsAre("b", "c"));
  rig.Delete(Backup("a", "daily"));
  EXPECT_THAT(Grouped(rig, Kind::kVeleroBackup, "velero/daily"), IsEmpty());
  rig.Tell(EventType::kAbsent, Kind::kVeleroBackup);
  EXPECT_THAT(Grouped(rig, Kind::kVeleroBackup, "velero/weekly"), IsEmpty());
}

TEST(WorldExtensions, VolumesOfLonghornAreFoundByTheirClaim) {
  WorldRig rig;
  const auto volume = [](const char* claim) {
    return Manifest("longhorn.io/v1beta2", "Volume", "name: pvc-1, namespace: longhorn-system, uid: v",
                    std::string("status: {kubernetesStatus: {namespace: shop, pvcName: ") + claim + "}}");
  };
  rig.Apply(volume("data"));
  EXPECT_THAT(Grouped(rig, Kind::kLonghornVolume, "shop/data"), ElementsAre("pvc-1"));
  rig.Apply(volume("other"));
  EXPECT_THAT(Grouped(rig, Kind::kLonghornVolume, "shop/data"), IsEmpty());
  EXPECT_THAT(Grouped(rig, Kind::kLonghornVolume, "shop/other"), ElementsAre("pvc-1"));
}

TEST(WorldExtensions, AChangeOfWhatIsNotKeptTouchesNobody) {
  WorldRig rig;
  rig.Apply(Backup("a", "daily", "InProgress"));
  rig.world.TakeTouches();
  rig.Apply(Backup("a", "daily", "InProgress", ", progress: {itemsBackedUp: 7}"));
  EXPECT_THAT(rig.world.TakeTouches(), IsEmpty());
  rig.Apply(Backup("a", "daily", "Completed"));
  EXPECT_THAT(rig.world.TakeTouches(), ::testing::Not(IsEmpty()));
}

TEST(WorldExtensions, ACronJobThatSaysWhatItBacksUpTouchesItsNamespace) {
  WorldRig rig;
  rig.Apply(Deployment());
  const auto job = [](const char* labels, const char* last) {
    return Manifest("batch/v1", "CronJob", std::string("name: dump, namespace: shop, uid: j, labels: {") + labels + "}",
                    std::string("spec: {schedule: '0 1 * * *', jobTemplate: {spec: {template: {spec: {containers: "
                                "[{name: a, image: 'a:1'}]}}}}}\nstatus: {lastSuccessfulTime: '") +
                        last + "'}");
  };
  const auto touched = [&] {
    const std::vector<Touch> touches = rig.world.TakeTouches();
    return std::any_of(touches.begin(), touches.end(), [&](const Touch& touch) {
      return touch.scope == Touch::Scope::kNamespaceWorkloads && touch.subject == rig.Ns("shop")->subject &&
             touch.kinds.Has(Kind::kCronJob);
    });
  };
  touched();
  rig.Apply(job("a: b", "2026-11-24T00:00:00Z"));
  EXPECT_FALSE(touched());
  rig.Apply(job("seaworthy.dev/backup-of: web", "2026-11-24T00:00:00Z"));
  EXPECT_TRUE(touched());
  rig.Apply(job("seaworthy.dev/backup-of: web", "2026-11-24T01:00:00Z"));
  EXPECT_TRUE(touched());
  rig.Apply(job("a: b", "2026-11-24T01:00:00Z"));
  EXPECT_TRUE(touched()) << "it no longer does";
  rig.Apply(job("seaworthy.dev/backup-of: web", "2026-11-24T01:00:00Z"));
  touched();
  rig.Delete(job("seaworthy.dev/backup-of: web", "2026-11-24T01:00:00Z"));
  EXPECT_TRUE(touched());
}

}  // namespace
}  // namespace seaworthy::cache
