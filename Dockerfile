# The director in a container. It needs the host's network, or interfaces given to it, and seven capabilities, of which four
# are left once it runs, as the user weir:
#   docker build -t weir .
#   docker run --network host --cap-drop ALL --cap-add NET_RAW --cap-add NET_ADMIN --cap-add IPC_LOCK --cap-add BPF \
#       --cap-add SETUID --cap-add SETGID --cap-add SETPCAP --ulimit memlock=-1 \
#       -v /etc/weir:/etc/weir:ro -v weir-state:/var/lib/weir weir
# A device tun:NAME also needs: --device /dev/net/tun
FROM debian:12 AS build
RUN apt-get update && apt-get install -y --no-install-recommends maven openjdk-17-jdk-headless && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN WEIR_NO_INSTALL=1 ./weir package && cp control/target/weir_*.deb /weir.deb

FROM debian:12-slim
COPY --from=build /weir.deb /tmp/weir.deb
# The socket's folder is systemd's to make, and there is none here.
RUN apt-get update && apt-get install -y --no-install-recommends /tmp/weir.deb \
    && rm -rf /tmp/weir.deb /var/lib/apt/lists/* \
    && install -d -o weir -g weir /run/weir
ENV STATE_DIRECTORY=/var/lib/weir
VOLUME /var/lib/weir
STOPSIGNAL SIGTERM
# As its user: the control socket is for nobody else.
HEALTHCHECK --interval=10s --start-period=10s \
    CMD ["setpriv", "--reuid=weir", "--regid=weir", "--clear-groups", "ipvsadm", "-L", "--timeout"]
# Never root while it runs, as in the systemd unit. nft and ip, which it starts, get the same capabilities.
ENTRYPOINT ["setpriv", "--reuid=weir", "--regid=weir", "--clear-groups", \
    "--inh-caps=-all,+net_raw,+net_admin,+ipc_lock,+bpf", "--ambient-caps=-all,+net_raw,+net_admin,+ipc_lock,+bpf", \
    "--bounding-set=-all,+net_raw,+net_admin,+ipc_lock,+bpf", "--no-new-privs", "/usr/lib/weir/weir"]
CMD ["run", "-c", "/etc/weir/weir.yaml"]
