package io.weir.conntrack;

/** Is told of the large pieces of a table's memory before they are touched, and may ask the kernel for huge pages. */
@FunctionalInterface
public interface MemoryAdvice {
    /** Pages as the system gives them. */
    MemoryAdvice NONE = (address, bytes) -> {};

    /**
     * Called once for each piece, by the thread that makes the table.
     *
     * @param address the first byte; a multiple of 2 MiB in anonymous memory, of a page in a file
     * @param bytes how many
     */
    void advise(long address, long bytes);
}
