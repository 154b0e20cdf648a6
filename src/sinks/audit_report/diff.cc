#include "sinks/audit_report/diff.h"

#include <algorithm>

namespace seaworthy::sinks::audit_report {
namespace {

int Badness(Verdict verdict) { return verdict == Verdict::kFail ? 2 : verdict == Verdict::kWarn ? 1 : 0; }

class Comparison {
 public:
  Comparison(const KnownReport& before, const KnownReport& after) {
    diff_.before = &before;
    diff_.after = &after;
  }

  Diff Make() {
    std::size_t i = 0, k = 0;
    const std::vector<KnownSubject>& olds = diff_.before->subjects;
    const std::vector<KnownSubject>& news = diff_.after->subjects;
    while (i < olds.size() || k < news.size()) {  // both are sorted
      const int order = i == olds.size() ? 1 : k == news.size() ? -1 : olds[i].ref.compare(news[k].ref);
      if (order < 0) {
        if (olds[i].workload) diff_.gone.push_back(&olds[i]);
        ++i;
      } else if (order > 0) {
        New(news[k++]);
      } else {
        Both(olds[i++], news[k++]);
      }
    }
    for (std::vector<Change>* list :
         {&diff_.regressions, &diff_.mended, &diff_.answered, &diff_.unseen, &diff_.fresh}) {
      std::stable_sort(list->begin(), list->end(), [](const Change& a, const Change& b) {
        if (a.finding->severity != b.finding->severity) return a.finding->severity > b.finding->severity;
        return Badness(a.to) > Badness(b.to);
      });
    }
    std::stable_sort(diff_.scores.begin(), diff_.scores.end(),
                     [](const ScoreChange& a, const ScoreChange& b) { return Gain(a) < Gain(b); });
    return std::move(diff_);
  }

 private:
  static int Gain(const ScoreChange& change) {
    return change.after->score.value_or(0) - change.before->score.value_or(0);
  }
  bool Knew(const std::string& check) const {
    return std::binary_search(diff_.before->checks.begin(), diff_.before->checks.end(), check);
  }

  void New(const KnownSubject& subject) {
    if (subject.workload) diff_.added.push_back(&subject);
    for (const KnownFinding& finding : subject.findings) {
      if (finding.verdict == Verdict::kFail)
        diff_.regressions.push_back({&subject, &finding, Verdict::kNa, finding.verdict, true});
    }
  }

  void Both(const KnownSubject& before, const KnownSubject& after) {
    if (after.workload && before.score != after.score) diff_.scores.push_back({&before, &after});
    std::size_t i = 0, k = 0;
    while (i < before.findings.size() || k < after.findings.size()) {
      const int order = i == before.findings.size()  ? 1
                        : k == after.findings.size() ? -1
                                                     : before.findings[i].check.compare(after.findings[k].check);
      if (order < 0) {
        const KnownFinding& gone = before.findings[i++];
        if (Badness(gone.verdict) != 0) diff_.unseen.push_back({&before, &gone, gone.verdict, Verdict::kNa, false});
      } else if (order > 0) {
        const KnownFinding& came = after.findings[k++];
        if (Badness(came.verdict) == 0) continue;
        const Change change{&after, &came, Verdict::kNa, came.verdict, false};
        (Knew(came.check) ? diff_.regressions : diff_.fresh).push_back(change);
      } else {
        Turn(after, before.findings[i++], after.findings[k++]);
      }
    }
  }

  void Turn(const KnownSubject& subject, const KnownFinding& before, const KnownFinding& after) {
    const int was = Badness(before.verdict), is = Badness(after.verdict);
    Change change{&subject, &after, before.verdict, after.verdict, false};
    if (is > was || (is == 2 && was == 2 && after.severity > before.severity)) {
      diff_.regressions.push_back(change);
    } else if (is < was) {
      change.finding = &before;  // what was said of it then
      if (after.verdict == Verdict::kUnknown) {
        diff_.unseen.push_back(change);
      } else if (after.verdict == Verdict::kWaived || after.verdict == Verdict::kAttested) {
        diff_.answered.push_back(change);
      } else {
        diff_.mended.push_back(change);
      }
    }
  }

  Diff diff_;
};

}  // namespace

Diff Compare(const KnownReport& before, const KnownReport& after) { return Comparison(before, after).Make(); }

std::size_t CountRegressions(const Diff& diff, Severity least) {
  return static_cast<std::size_t>(
      std::count_if(diff.regressions.begin(), diff.regressions.end(),
                    [&](const Change& change) { return change.finding->severity >= least; }));
}

}  // namespace seaworthy::sinks::audit_report
