/**
 * Packet bytes: read and written in place, checked once, never copied.
 *
 * <p>Here belong header layouts, checksums, addresses and the one-pass parser. Not here: devices, connections, routes,
 * anything that remembers a packet once it is gone.
 *
 * <p><b>Read in this order</b>: {@link io.weir.packet.InternetChecksum} (one's complement arithmetic, which makes NAT
 * cheap), {@link io.weir.packet.HeaderView} (the contract of all views), {@link io.weir.packet.Ipv4View} (the model of
 * one), {@link io.weir.packet.PacketParser} with {@link io.weir.packet.ParsedPacket} (what the packet path uses),
 * {@link io.weir.packet.PacketBuilder} (how the tests write packets down).
 *
 * <p><b>Byte order</b>: network order in the buffers, host order in every Java value. An IPv4 address is an int in a
 * view and a pair of longs {@code hi = 0, lo = 0x0000FFFF_aabbccdd} in a flow's key, so that IPv4 and IPv6 share their
 * code; an IPv6 address is a pair of longs; a MAC address is the low 48 bits of a long.
 *
 * <p><b>Threads</b>: views, parsers and parsed packets belong to one worker and are reused for every packet; static
 * functions and {@link io.weir.packet.IpAddress} are for any thread. Nothing here blocks, and nothing that a worker
 * calls allocates or throws; {@link io.weir.packet.PacketBuilder}, {@link io.weir.packet.PacketPrinter} and text are
 * for the control plane, people and tests.
 *
 * <p><b>Layout of a frame</b>, with the names that {@link io.weir.packet.ParsedPacket} gives to its parts:
 *
 * <pre>
 *   frameOffset                                                             frameOffset + frameLength
 *   |                l3Offset                         l4Offset                              |
 *   |                |                                |                                     |
 *   | Ethernet, tag  | IP, options or extensions      | TCP, UDP, ...  payload  | padding   |
 *   |linkHeaderLength|         l3HeaderLength         |        l4Length         |
 *                    |                      l3Length                            |
 * </pre>
 */
@NullMarked
package io.weir.packet;

import org.jspecify.annotations.NullMarked;
