/**
 * A real Linux kernel with IPVS for tests: Debian's user-mode-linux, whose root is the host's, read-only.
 *
 * <p>Needs the packages user-mode-linux, ipvsadm, iproute2, iptables and kmod; no rights of root.
 */
@NullMarked
package io.weir.control.guest;

import org.jspecify.annotations.NullMarked;
