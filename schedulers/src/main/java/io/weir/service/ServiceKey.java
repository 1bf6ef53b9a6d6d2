package io.weir.service;

import io.weir.packet.IpAddress;

/**
 * What names a virtual service: protocol, VIP and port, or a firewall mark and a family.
 *
 * @param protocol 6 TCP, 17 UDP, 132 SCTP; 0 for a firewall mark
 * @param address the VIP; the unspecified address for a firewall mark
 * @param port host order; 0 takes every port
 * @param fwmark 0 unless this is a firewall-mark service
 * @param ipv6 the family clients use
 */
public record ServiceKey(int protocol, IpAddress address, int port, int fwmark, boolean ipv6) {}
