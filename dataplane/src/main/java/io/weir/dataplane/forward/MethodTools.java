package io.weir.dataplane.forward;

import io.weir.conntrack.ConnectionTable;
import io.weir.dataplane.Egress;
import io.weir.dataplane.FtpHelper;

/**
 * What a forwarding method works with; one worker's.
 *
 * @param table where the connection's addresses are
 * @param egress sends what the method made
 * @param ftp reads the text of FTP control connections
 */
public record MethodTools(ConnectionTable table, Egress egress, FtpHelper ftp) {}
