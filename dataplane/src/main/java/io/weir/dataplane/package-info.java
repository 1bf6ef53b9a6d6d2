/**
 * The data plane: what happens to a packet between the device it came from and the device it leaves by.
 *
 * <p>Here: the path itself, the life of a connection, the way out, and what the director says as a host. Devices are in
 * {@code io}, forwarding methods in {@code forward}, routes and neighbours in {@code route}, the answers of a VIP in
 * {@code host}, fragments and segments in {@code segment}. Not here: text. Names and addresses arrive parsed, in an
 * immutable {@link io.weir.dataplane.ConfigSnapshot}.
 *
 * <p><b>Thread</b>: all of it belongs to one worker; {@link io.weir.dataplane.DataPlane} makes its thread, and nothing
 * else waits, locks or logs.
 *
 * <p><b>Read in this order</b>: PacketPath, PacketContext, NewConnections, Connections, Egress, Rewriter, Worker.
 */
@NullMarked
package io.weir.dataplane;

import org.jspecify.annotations.NullMarked;
