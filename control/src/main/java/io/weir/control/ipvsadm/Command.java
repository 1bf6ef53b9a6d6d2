package io.weir.control.ipvsadm;

import io.weir.control.state.ServerSpec;
import io.weir.control.state.ServiceSpec;
import io.weir.control.state.SyncDaemon;
import io.weir.packet.IpAddress;
import io.weir.service.ServiceKey;
import org.jspecify.annotations.Nullable;

/** What a command line asks for. */
public sealed interface Command {
    /** {@code -A}. */
    record AddService(ServiceSpec service) implements Command {}

    /** {@code -E}. */
    record EditService(ServiceSpec service) implements Command {}

    /** {@code -D}. */
    record DeleteService(ServiceKey service) implements Command {}

    /** {@code -C}. */
    record Clear() implements Command {}

    /** {@code -a}. */
    record AddServer(ServiceKey service, ServerSpec server) implements Command {}

    /** {@code -e}. */
    record EditServer(ServiceKey service, ServerSpec server) implements Command {}

    /**
     * {@code -d}.
     *
     * @param ipv6 the family the address was written in
     */
    record DeleteServer(ServiceKey service, IpAddress address, boolean ipv6, int port) implements Command {}

    /** {@code -P}, ours. */
    record AddLocalAddress(ServiceKey service, IpAddress address) implements Command {}

    /** {@code -Q}, ours. */
    record DeleteLocalAddress(ServiceKey service, IpAddress address) implements Command {}

    /** {@code -G}, ours; null is all services. */
    record ListLocalAddresses(@Nullable ServiceKey service) implements Command {}

    /** {@code -L}. */
    record ListTable(ListOptions options) implements Command {}

    /** {@code -Z}; null is all services. */
    record Zero(@Nullable ServiceKey service) implements Command {}

    /** {@code --set}, in seconds; 0 leaves a value. */
    record SetTimeouts(int tcp, int tcpFin, int udp) implements Command {}

    /** {@code --start-daemon}; {@code maxLength} 0 is the default. */
    record StartDaemon(SyncDaemon daemon) implements Command {}

    /** {@code --stop-daemon}. */
    record StopDaemon(boolean master) implements Command {}

    /** {@code -S}. */
    record Save(boolean numeric) implements Command {}

    /** {@code -R}: lines follow on standard input. */
    record Restore() implements Command {}

    /** A restore's line that the option library complains of; the restore goes on. */
    record Unreadable(IpvsadmException complaint) implements Command {}

    /** {@code -h}. */
    record Help() implements Command {}

    /** {@code -v}. */
    record Version() implements Command {}
}
