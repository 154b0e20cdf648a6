// The command line: one binary, its subcommands and their flags.
#pragma once

namespace seaworthy::wiring {

// Parses and runs; returns the exit code.
int Main(int argc, char** argv);

}  // namespace seaworthy::wiring
