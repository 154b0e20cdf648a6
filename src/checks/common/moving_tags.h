// Tags that publishers move: the same reference gives another image tomorrow. Data for image-tag.
//
// Source: CHECKLIST "image-tag", and the tags under which Docker's official images, Debian, Node.js and the usual CI
// templates publish whatever is newest on a branch or channel; looked through on 2026-11-20. Compared without regard to
// case.
#pragma once

#include <string_view>

namespace seaworthy::checks {

inline constexpr std::string_view kMovingTags[] = {
    "latest", "stable",     "main",    "master",  "trunk", "edge",     "dev",      "develop",
    "devel",  "nightly",    "release", "test",    "rc",    "snapshot", "canary",   "lts",
    "prod",   "production", "staging", "current", "head",  "testing",  "unstable", "mainline",
};

// What an image is built on or for. Alone (alpine) they name no version, and behind a moving tag they change nothing
// (lts-slim, 16-alpine, 8-jdk17, 16-debian-12): a number behind one is its own.
inline constexpr std::string_view kTagVariants[] = {
    "alpine",  "slim",     "bookworm",          "bullseye",   "buster",      "trixie", "jammy", "noble", "focal",
    "debian",  "ubuntu",   "distroless",        "nonroot",    "debug",       "apache", "fpm",   "perl",  "cli",
    "minimal", "rootless", "management",        "fips",       "standard",    "full",   "jre",   "jdk",   "openjdk",
    "temurin", "eclipse",  "corretto",          "oracle",     "oraclelinux", "php",    "glibc", "musl",  "uclibc",
    "amd64",   "arm64",    "windowsservercore", "nanoserver",
};

}  // namespace seaworthy::checks
