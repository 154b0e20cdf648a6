#include "support/version.h"

namespace seaworthy::support {

std::string_view Version() { return SEAWORTHY_VERSION; }
std::string_view Commit() { return SEAWORTHY_COMMIT; }

}  // namespace seaworthy::support
