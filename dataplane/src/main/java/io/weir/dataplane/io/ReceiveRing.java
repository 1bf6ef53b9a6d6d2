package io.weir.dataplane.io;

/** The receiving half of an AF_PACKET device. <b>Thread</b>: the worker. */
interface ReceiveRing {
    /** Adds waiting frames to the batch; returns how many. */
    int receive(PacketBatch batch, int interfaceIndex);

    /** Hands back the memory of all frames received so far. */
    void release();
}
