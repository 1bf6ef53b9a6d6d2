package io.weir.bench;

import java.util.List;

/**
 * The flags of the virtual machine a benchmark is forked with: those of the parent POM's {@code weir.jvm.flags}, and no
 * bounds checks, as in production. They are repeated here because an annotation takes constants only; a test compares.
 */
public final class BenchFlags {
    static final String EXPORTS = "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED";
    static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";
    static final String NO_X86ASM = "-Djnr.ffi.x86asm.enabled=false";
    static final String DISABLE_BOUNDS_CHECKS = "-Dagrona.disable.bounds.checks=true";

    /** All of them, for those who can take a list. */
    public static final List<String> ALL = List.of(EXPORTS, NATIVE_ACCESS, NO_X86ASM, DISABLE_BOUNDS_CHECKS);

    private BenchFlags() {}
}
