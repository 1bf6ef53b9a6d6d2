package io.weir.dataplane.forward;

import io.weir.conntrack.ConnectionTable;
import io.weir.dataplane.Egress;

/**
 * What a forwarding method works with; one worker's.
 *
 * @param table where the connection's addresses are
 * @param egress sends what the method made
 */
public record MethodTools(ConnectionTable table, Egress egress) {}
