/**
 * The C library and the kernel's layouts: system calls, ring and ioctl structures. Nothing here knows what a packet is.
 *
 * <p>The only package that uses jnr-ffi. Read in this order: LinuxConstants, LibC, NativeSelfTest, PacketSocket,
 * TpacketRing, InterfaceControl.
 *
 * <p><b>Thread</b>: {@link io.weir.dataplane.io.linux.LibC} may be called by any thread; all others belong to the device
 * that made them.
 */
@NullMarked
package io.weir.dataplane.io.linux;

import org.jspecify.annotations.NullMarked;
