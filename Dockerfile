# The director in a container. It needs the host's network, or interfaces given to it, and three capabilities:
#   docker build -t weir .
#   docker run --network host --cap-drop ALL --cap-add NET_RAW --cap-add NET_ADMIN --cap-add IPC_LOCK \
#       -v /etc/weir:/etc/weir:ro -v weir-state:/var/lib/weir weir
FROM debian:12 AS build
RUN apt-get update && apt-get install -y --no-install-recommends maven openjdk-17-jdk-headless && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN WEIR_NO_INSTALL=1 ./weir package && cp control/target/weir_*.deb /weir.deb

FROM debian:12-slim
COPY --from=build /weir.deb /tmp/weir.deb
RUN apt-get update && apt-get install -y --no-install-recommends /tmp/weir.deb \
    && rm -rf /tmp/weir.deb /var/lib/apt/lists/*
VOLUME /var/lib/weir
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s CMD ["ipvsadm", "-L", "--timeout"]
ENTRYPOINT ["/usr/lib/weir/weir"]
CMD ["run", "-c", "/etc/weir/weir.yaml"]
