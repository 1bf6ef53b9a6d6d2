/**
 * Devices: where frames come from and go to, one interface and one file each, and capture files.
 *
 * <p>Knows link headers and offload descriptions, nothing above. Read in this order: PacketBatch, PacketDevice,
 * MemoryDevice (the contract without a kernel), PacketDevices (the registry), AfPacketDevice.
 *
 * <p><b>Thread</b>: a device belongs to one worker; its counters may be read by any thread.
 */
@NullMarked
package io.weir.dataplane.io;

import org.jspecify.annotations.NullMarked;
