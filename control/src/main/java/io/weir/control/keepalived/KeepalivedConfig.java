package io.weir.control.keepalived;

import io.weir.packet.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a configuration asks of the director: services with their checks, VRRP, notification.
 */
public record KeepalivedConfig(
        GlobalSettings global,
        List<ServiceSettings> services,
        List<VrrpSettings> instances,
        List<SyncGroup> syncGroups,
        List<TrackScript> scripts,
        List<TrackFile> files,
        List<TrackProcess> processes,
        List<GarpGroup> garpGroups,
        List<BfdSettings> bfdInstances,
        List<LinkDelay> linkDelays) {

    /** The configuration that asks for nothing. */
    public static final KeepalivedConfig EMPTY = new KeepalivedConfig(
            GlobalSettings.DEFAULTS,
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of());

    /** Is anything to be checked or elected? */
    public boolean isEmpty() {
        return services.isEmpty() && instances.isEmpty();
    }

    /**
     * A command to run on an event.
     *
     * @param command the program and its arguments
     * @param user null for the configured or default one
     * @param group null for the user's own
     */
    public record Script(List<String> command, @Nullable String user, @Nullable String group) {}

    /**
     * {@code vrrp_sync_group}.
     *
     * @param trackingWeight weights of tracked things count although the instance is in a group
     * @param tellsPriority FIFOs are told when the priority of a member changes
     */
    public record SyncGroup(
            String name,
            List<String> members,
            Tracking tracking,
            Notify notices,
            boolean trackingWeight,
            boolean tellsPriority,
            int line) {}

    /** {@code vrrp_script}. Times in milliseconds. */
    public record TrackScript(
            String name,
            Script script,
            long intervalMs,
            long timeoutMs,
            int weight,
            boolean reverse,
            int rise,
            int fall,
            boolean initFail) {}

    /** {@code track_file}. */
    public record TrackFile(String name, String path, int weight, boolean reverse) {}

    /** How the parameters of a process must be those that are configured: the first ones, or also the last one's start. */
    public enum ParameterMatch {
        PARTIAL,
        INITIAL
    }

    /**
     * {@code vrrp_track_process}.
     *
     * @param command the process's name, or path, and its parameters
     * @param match null: all parameters as they are
     * @param fullCommand the path is that of the command line, not the kernel's name of the process
     */
    public record TrackProcess(
            String name,
            List<String> command,
            @Nullable ParameterMatch match,
            int weight,
            boolean reverse,
            int quorum,
            int quorumMax,
            long forkDelayMs,
            long terminateDelayMs,
            boolean fullCommand) {}

    /**
     * {@code bfd_instance}. Times in microseconds.
     *
     * @param source null: the kernel's choice
     * @param multiplier how many of our packets the neighbour may miss
     * @param passive does not speak first
     * @param ttl of our packets, or their hop limit
     * @param maxHops by how much that of the neighbour's may have become less
     * @param weight for those that track it and say none
     */
    public record BfdSettings(
            String name,
            IpAddress neighbour,
            @Nullable IpAddress source,
            long minRxUs,
            long minTxUs,
            long idleTxUs,
            int multiplier,
            boolean passive,
            int ttl,
            int maxHops,
            int weight,
            boolean reverse) {}

    /**
     * {@code garp_group}: interfaces that share their announcements' intervals.
     *
     * @param garpIntervalMs -1 for the global one, as {@code gnaIntervalMs}
     */
    public record GarpGroup(List<String> interfaces, long garpIntervalMs, long gnaIntervalMs) {}

    /** A line of {@code interface_up_down_delays}: how long the change of a link must last to count. */
    public record LinkDelay(String name, long downMs, long upMs) {}

    /**
     * Something whose state moves a priority.
     *
     * @param weight 0: its failure is a fault
     */
    public record Tracked(String name, int weight, boolean reverse) {}

    /** What an instance or group watches. */
    public record Tracking(
            List<Tracked> interfaces,
            List<Tracked> scripts,
            List<Tracked> files,
            List<Tracked> processes,
            List<Tracked> bfdInstances) {}

    /**
     * Scripts for VRRP's transitions.
     *
     * @param tellsDeleted a reload that drops the instance says DELETED, not FAULT
     */
    public record Notify(
            @Nullable Script master,
            @Nullable Script backup,
            @Nullable Script fault,
            @Nullable Script stop,
            @Nullable Script any,
            @Nullable Script lowerPriority,
            @Nullable Script deleted,
            boolean tellsDeleted,
            boolean mail) {}

    /**
     * An address that moves with an instance.
     *
     * @param length of its prefix
     * @param device null for the instance's own
     */
    public record VirtualAddress(IpAddress address, int length, @Nullable String device) {}
}
