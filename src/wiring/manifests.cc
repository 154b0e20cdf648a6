#include "wiring/manifests.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <utility>

#include "seaworthy/kind.h"
#include "wiring/manifest_files.h"
#include "wiring/manifest_reader.h"

namespace seaworthy::wiring {
namespace {

// Reads files on several threads. Each result has its place (file, part), so the order in which threads finish does not
// show.
class Pool {
 public:
  Pool(const std::vector<std::string>& files, const ObjectDecoder& decoder, const LoadOptions& options)
      : files_(files), decoder_(decoder), options_(options), results_(files.size()) {
    limit_ = options.threads != 0 ? options.threads : std::clamp(std::thread::hardware_concurrency(), 1U, 8U);
    for (std::size_t i = 0; i < files.size(); ++i) tasks_.push_back({i, 0, nullptr, 0, 0, 1});
    open_ = tasks_.size();
    if (options.progress != nullptr) options.progress->total = open_;
  }

  // results[file][part]
  std::vector<std::vector<ManifestPart>> Run() {
    {
      const std::lock_guard lock(mutex_);
      Grow();
    }
    Work();
    for (std::thread& thread : threads_) thread.join();  // no task is open any more: nobody adds a thread
    return std::move(results_);
  }

 private:
  struct Task {
    std::size_t file, part;
    std::shared_ptr<const std::string> text;  // null: the file is still to be read
    std::size_t begin, end;
    std::uint32_t first_line;
  };

  // REQUIRES: mutex_ is held. A thread for each waiting task beyond the one that somebody takes at once.
  void Grow() {
    while (threads_.size() + 1 < limit_ && threads_.size() + 1 < open_ && tasks_.size() > 1) {
      try {
        threads_.emplace_back([this] { Work(); });
      } catch (const std::system_error&) {
        limit_ = static_cast<unsigned>(threads_.size()) + 1;  // the machine grants no more: the others do the work
      }
    }
  }

  void Work() {
    ManifestReader reader(decoder_, options_);
    while (true) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return !tasks_.empty() || open_ == 0; });
      if (tasks_.empty()) return;
      Task task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      ManifestPart part;
      if (task.text != nullptr || Open(task, part)) {
        part = reader.Read(std::string_view(*task.text).substr(task.begin, task.end - task.begin), task.first_line);
      }
      task.text.reset();
      lock.lock();
      std::vector<ManifestPart>& parts = results_[task.file];
      if (parts.size() <= task.part) parts.resize(task.part + 1);
      parts[task.part] = std::move(part);
      if (options_.progress != nullptr) ++options_.progress->done;
      if (--open_ == 0) changed_.notify_all();
    }
  }

  // Reads the file of `task`, makes it the task of its first part, and leaves the others to whoever is free.
  bool Open(Task& task, ManifestPart& part) {
    Result<std::string> read = ReadWhole(files_[task.file], options_.file_bytes);
    if (!read.ok()) {
      part.errors.push_back({{}, 0, read.status().message()});
      return false;
    }
    task.text = std::make_shared<const std::string>(*std::move(read));
    const std::string_view text = *task.text;
    const std::vector<std::size_t> cuts = FindCuts(text, options_.part_bytes);
    task.begin = 0;
    task.end = cuts.size() > 1 ? cuts[1] : text.size();
    std::uint32_t line = 1;
    std::vector<Task> others;
    for (std::size_t i = 1; i < cuts.size(); ++i) {
      line += static_cast<std::uint32_t>(std::count(text.begin() + static_cast<std::ptrdiff_t>(cuts[i - 1]),
                                                    text.begin() + static_cast<std::ptrdiff_t>(cuts[i]), '\n'));
      others.push_back({task.file, i, task.text, cuts[i], i + 1 < cuts.size() ? cuts[i + 1] : text.size(), line});
    }
    if (others.empty()) return true;
    const std::lock_guard lock(mutex_);
    open_ += others.size();
    if (options_.progress != nullptr) options_.progress->total += others.size();
    // In front: a file that is begun is finished before further ones take memory.
    tasks_.insert(tasks_.begin(), std::make_move_iterator(others.begin()), std::make_move_iterator(others.end()));
    Grow();
    changed_.notify_all();
    return true;
  }

  const std::vector<std::string>& files_;
  const ObjectDecoder& decoder_;
  const LoadOptions& options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;
  std::size_t open_ = 0;  // tasks that are waiting or being worked on
  std::vector<std::thread> threads_;
  unsigned limit_ = 1;
  std::vector<std::vector<ManifestPart>> results_;
};

std::string Place(const std::vector<std::string>& files, const SourceRef& source) {
  return files[static_cast<std::size_t>(source.file)] + (source.line == 0 ? "" : ":" + std::to_string(source.line));
}

std::string Name(const Object& object) {
  std::string name(Info(object.kind).name);
  name += ' ';
  if (!object.meta.namespace_.empty()) name += object.meta.namespace_.str() + "/";
  return name + object.meta.name.str();
}

// Puts the parts together in their order.
class Assembly {
 public:
  explicit Assembly(LoadedManifests& loaded) : loaded_(loaded) {}

  void Add(std::size_t file, ManifestPart part) {
    for (LoadError& error : part.errors) {
      error.file = loaded_.files[file];
      loaded_.errors.push_back(std::move(error));
    }
    Note("", "no apiVersion and kind: not a Kubernetes object", file, part.nameless);
    for (const auto& [kind, skipped] : part.outdated) {
      Note(kind, kind + ": a version that is not read; write it in a version that Kubernetes serves", file, skipped);
    }
    for (const auto& [what, skipped] : part.removed) Note(what, what, file, skipped);
    for (const auto& [kind, skipped] : part.foreign) Note(kind, kind + ": no check reads this kind", file, skipped);
    Note(kWithoutNamespace,
         "no namespace is named, and others name one: it is taken for another than theirs; --namespace says which",
         file, part.without_namespace);
    with_namespace_ |= part.with_namespace;
    for (const auto& [kind, skipped] : part.once) {
      Note("once " + kind, kind + " that runs once: no workload, and not audited", file, skipped);
    }
    for (std::size_t i = 0; i < part.objects.size(); ++i) {
      ObjectPtr& object = part.objects[i];
      object->source.file = static_cast<std::int32_t>(file);
      if (i < part.lines.size()) loaded_.lines.Add(object->source, std::move(part.lines[i]));
      AddObject(std::move(object));
    }
  }

  void Finish() {
    std::erase(loaded_.objects, nullptr);
    if (!with_namespace_) notes_.erase(kWithoutNamespace);
    for (auto& [key, note] : notes_) loaded_.notes.push_back(std::move(note));
    std::move(doubled_.begin(), doubled_.end(), std::back_inserter(loaded_.notes));
  }

 private:
  void Note(const std::string& key, std::string message, std::size_t file, const Skipped& skipped) {
    if (skipped.count == 0) return;
    auto [note, is_new] = notes_.try_emplace(key, LoadNote{std::move(message), 0, loaded_.files[file], skipped.line});
    note->second.count += skipped.count;
  }

  void AddObject(ObjectPtr object) {
    auto [known, is_new] =
        known_[static_cast<std::size_t>(object->kind)].try_emplace(object->key(), loaded_.objects.size());
    if (!is_new) {
      // As `kubectl apply -f` of all of them would leave it.
      ObjectPtr& earlier = loaded_.objects[known->second];
      doubled_.push_back(
          {Name(*object) + " is also in " + Place(loaded_.files, earlier->source) + "; the later one is audited", 1,
           loaded_.files[static_cast<std::size_t>(object->source.file)], object->source.line});
      earlier.reset();
      known->second = loaded_.objects.size();
    }
    loaded_.objects.push_back(std::move(object));
  }

  static constexpr const char* kWithoutNamespace = "without a namespace";

  LoadedManifests& loaded_;
  bool with_namespace_ = false;
  std::map<std::string, LoadNote> notes_;
  std::vector<LoadNote> doubled_;
  std::unordered_map<ObjectKey, std::size_t> known_[kKindCount];
};

}  // namespace

LoadedManifests LoadManifests(const std::vector<std::string>& paths, const ObjectDecoder& decoder,
                              const LoadOptions& options) {
  LoadedManifests loaded;
  ManifestFiles found = FindManifestFiles(paths);
  loaded.files = std::move(found.files);
  for (ManifestProblem& problem : found.errors)
    loaded.errors.push_back({std::move(problem.path), 0, std::move(problem.why)});
  for (std::string& chart : found.helm_charts) {
    loaded.notes.push_back(
        {"a Helm chart, passed over: render it first (`helm template " + chart + " | seaworthy scan -`)", 1, chart, 0});
  }
  Assembly assembly(loaded);
  std::vector<std::vector<ManifestPart>> results = Pool(loaded.files, decoder, options).Run();
  for (std::size_t file = 0; file < results.size(); ++file) {
    for (ManifestPart& part : results[file]) assembly.Add(file, std::move(part));
  }
  assembly.Finish();
  return loaded;
}

}  // namespace seaworthy::wiring
