#include "wiring/progress.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

namespace seaworthy::wiring {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Progress, SaysHowFarTheWorkIs) {
  ProgressCount count;
  EXPECT_EQ(ProgressLine(count, 3), "reading  3 s") << "nobody knows how much there is";
  count.total = 4;
  count.done = 1;
  EXPECT_EQ(ProgressLine(count, 3), "reading [#######.......................]  25 %");
  count.done = 9;
  EXPECT_THAT(ProgressLine(count, 3), HasSubstr("] 100 %")) << "never more";
}

// What appears on a terminal while the work lasts that long.
std::string Shown(std::chrono::milliseconds work) {
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
  EXPECT_GE(terminal, 0);
  EXPECT_EQ(::grantpt(terminal), 0);
  EXPECT_EQ(::unlockpt(terminal), 0);
  const int mine = ::open(::ptsname(terminal), O_RDWR | O_NOCTTY);
  const int before = ::dup(STDERR_FILENO);
  ::dup2(mine, STDERR_FILENO);
  {
    ProgressCount count;
    count.total = 10;
    ProgressBar bar(count);
    std::this_thread::sleep_for(work);
  }
  ::dup2(before, STDERR_FILENO);
  ::close(before);
  // Once nobody has the terminal open, what was written comes whole, and then an end.
  ::close(mine);
  std::string shown;
  char text[4096];
  for (ssize_t size = 0; (size = ::read(terminal, text, sizeof text)) > 0;)
    shown.append(text, static_cast<std::size_t>(size));
  ::close(terminal);
  return shown;
}

TEST(Progress, AppearsAfterASecondAndGoesAway) {
  ::setenv("TERM", "xterm", 1);
  const std::string shown = Shown(std::chrono::milliseconds(1500));
  EXPECT_THAT(shown, HasSubstr("reading [....."));
  EXPECT_THAT(shown, EndsWith("\r\033[K"));
}

TEST(Progress, IsSilentAboutQuickWork) { EXPECT_THAT(Shown(std::chrono::milliseconds(50)), IsEmpty()); }

TEST(Progress, IsForTerminalsOnly) {
  ::setenv("TERM", "dumb", 1);
  EXPECT_THAT(Shown(std::chrono::milliseconds(1200)), IsEmpty());
}

}  // namespace
}  // namespace seaworthy::wiring
