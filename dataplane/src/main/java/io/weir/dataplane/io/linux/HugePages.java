package io.weir.dataplane.io.linux;

import io.weir.conntrack.MemoryAdvice;

/**
 * Asks for transparent huge pages (madvise(2)): a table of a million connections is then a hundred pages, not fifty
 * thousand, and a lookup seldom waits for the page table. A kernel that has none says no, and nothing changes.
 *
 * <p>A table in a file has them only if the file lies in memory and {@code shmem_enabled} is {@code advise} or more.
 */
public final class HugePages {
    /** For the tables of connections. */
    public static final MemoryAdvice ADVICE =
            (address, bytes) -> LibC.madvise(address, bytes, LinuxConstants.MADV_HUGEPAGE);

    private HugePages() {}
}
