# syntax=docker/dockerfile:1
# The operator's image: the release build, the shared libraries that it needs, and nothing else. No shell, no package manager.
#
#   docker build -t registry.example/seaworthy/seaworthy:0.1.0 --build-arg VERSION=0.1.0 --build-arg COMMIT="$(git rev-parse --short=12 HEAD)" .
#
# BuildKit is needed for the compiler's cache. tests/image/build.sh builds this file with buildah, runs the result and checks it.
ARG BASE=docker.io/library/debian:bookworm-slim

# hadolint ignore=DL3006
FROM ${BASE} AS build
# The newest of what Debian 12 has, with its security updates: versions are in the image's SBOM, not pinned here.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends \
    g++ cmake ninja-build ccache ca-certificates python3 \
    libcpprest-dev nlohmann-json3-dev prometheus-cpp-dev libspdlog-dev libcli11-dev libboost-dev libyaml-dev libre2-dev zlib1g-dev libssl-dev \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY CMakeLists.txt CMakePresets.json VERSION LICENSE ./
COPY cmake cmake
COPY include include
COPY src src
COPY packaging packaging
ARG COMMIT=unknown
# What is compiled does not stay in the layer: with its debug information it is large, and the cache has it.
RUN --mount=type=cache,target=/ccache \
  export CCACHE_DIR=/ccache \
  && cmake --preset release -DSEAWORTHY_BUILD_TESTS=OFF -DSEAWORTHY_COMMIT="${COMMIT}" \
  && cmake --build --preset release --target seaworthy \
  && packaging/rootfs.sh build/release/seaworthy /rootfs \
  && rm -rf build

FROM scratch
ARG VERSION=0.1.0
ARG COMMIT=unknown
LABEL org.opencontainers.image.title="seaworthy" \
  org.opencontainers.image.description="Audits every workload of a Kubernetes cluster against a production-readiness checklist, continuously" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${COMMIT}"
COPY --from=build /rootfs /
# By number: runAsNonRoot cannot tell who a name is.
USER 65532:65532
EXPOSE 8080 8081
ENTRYPOINT ["/usr/bin/seaworthy"]
CMD ["run"]
