// What of a process's memory stays in it once its start is over.
#pragma once

namespace seaworthy::support {

// To be called before threads are started: few arenas of malloc, so that what one thread frees another can use.
void LimitArenas();

// Gives back what the start has needed and steady work does not: free memory of malloc, and the clean pages of program
// and libraries, which come back from the page cache as they are used: some page faults
// thereafter are its price.
void GiveBackStartMemory();

}  // namespace seaworthy::support
