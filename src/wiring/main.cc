#include "wiring/cli.h"

int main(int argc, char** argv) { return seaworthy::wiring::Main(argc, argv); }
