package io.weir.sched;

/** Flag bits of {@code ipvsadm -b}, with the kernel's IP_VS_SVC_F_SCHED* values. */
public final class SchedulerFlags {
    public static final int FLAG_1 = 0x0008;
    public static final int FLAG_2 = 0x0010;
    public static final int FLAG_3 = 0x0020;
    public static final int SH_FALLBACK = FLAG_1;
    public static final int SH_PORT = FLAG_2;
    public static final int MH_FALLBACK = FLAG_1;
    public static final int MH_PORT = FLAG_2;

    /** conhash and maglev hash the client's port, too. */
    public static final int HASH_PORT = FLAG_2;

    private SchedulerFlags() {}
}
