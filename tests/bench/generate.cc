// Writes a cluster of objects.h for the other programs of the benchmarks.
//
//   bench_generate manifests FOLDER WORKLOADS [SEED] [json]   files of 25 workloads in YAML; with `json` one List
//   bench_generate shape NAME N FOLDER                        manifests of one thing in excess: budgets, namespace,
//   containers bench_generate cluster WORKLOADS PODS NODES [SEED]        a JSON line an item on stdout: {"collection",
//   "copies", "first", "object"}
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "bench/objects.h"

namespace {

using namespace seaworthy::bench;
namespace fs = std::filesystem;

std::size_t Number(const std::string& text) { return std::strtoull(text.c_str(), nullptr, 10); }

// Without what a server adds.
void Strip(nlohmann::json& object) {
  object.erase("status");
  for (const char* field : {"uid", "resourceVersion", "generation", "creationTimestamp", "managedFields"})
    object["metadata"].erase(field);
}

struct Files {
  fs::path folder;
  std::size_t number = 0;
  std::string text;

  void Add(const nlohmann::json& object) { text += "---\n" + Yaml(object); }
  void Close() {
    if (text.empty()) return;
    char name[32];
    std::snprintf(name, sizeof name, "%04zu.yaml", number++);
    std::ofstream(folder / name) << text;
    text.clear();
  }
};

int Manifests(const std::vector<std::string>& arguments) {
  ClusterSize size{.status = false};
  size.workloads = Number(arguments[2]);
  if (arguments.size() > 3) size.seed = Number(arguments[3]);
  Files files{.folder = arguments[1], .text = {}};
  fs::create_directories(files.folder);
  if (arguments.back() == "json") {
    nlohmann::json list = {{"apiVersion", "v1"}, {"kind", "List"}, {"items", nlohmann::json::array()}};
    Generate(size, [&](const Item& item) { list["items"].push_back(item.object); });
    std::ofstream(files.folder / "list.json") << list.dump(2);
    return 0;
  }
  std::size_t accounts = 0;  // one a workload, its first object
  Generate(size, [&](const Item& item) {
    if (item.object["kind"] == "ServiceAccount" && accounts++ % 25 == 0) files.Close();
    files.Add(item.object);
  });
  files.Close();
  return 0;
}

int OneShape(const std::vector<std::string>& arguments) {
  const std::string& name = arguments[1];
  const Shape shape = name == "budgets"     ? Shape::kBudgets
                      : name == "namespace" ? Shape::kNamespace
                      : name == "pods"      ? Shape::kPods
                                            : Shape::kContainers;
  Files files{.folder = arguments[3], .text = {}};
  fs::create_directories(files.folder);
  Generate(shape, Number(arguments[2]), [&](const Item& item) {
    const std::string kind = item.object["kind"];
    if (kind == "Pod" || kind == "ReplicaSet" || kind == "Node") return;
    nlohmann::json object = item.object;
    Strip(object);
    files.Add(object);
  });
  files.Close();
  return 0;
}

int Cluster(const std::vector<std::string>& arguments) {
  ClusterSize size;
  size.workloads = Number(arguments[1]);
  size.pods = Number(arguments[2]);
  size.nodes = Number(arguments[3]);
  if (arguments.size() > 4) size.seed = Number(arguments[4]);
  std::ios::sync_with_stdio(false);
  Generate(size, [](const Item& item) {
    std::cout << R"({"collection":")" << item.collection << R"(","copies":)" << item.copies << R"(,"first":)"
              << item.first << R"(,"object":)" << item.object.dump() << "}\n";
  });
  return std::cout.flush() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() >= 3 && arguments[0] == "manifests") return Manifests(arguments);
  if (arguments.size() == 4 && arguments[0] == "shape") return OneShape(arguments);
  if (arguments.size() >= 4 && arguments[0] == "cluster") return Cluster(arguments);
  std::fprintf(stderr,
               "usage: bench_generate manifests FOLDER WORKLOADS [SEED] [json] | shape NAME N FOLDER | cluster "
               "WORKLOADS PODS NODES [SEED]\n");
  return 2;
}
