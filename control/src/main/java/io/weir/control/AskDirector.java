package io.weir.control;

import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/** A command that asks a running director: its options say which one. */
abstract class AskDirector implements Callable<Integer> {
    private static final byte[] NOTHING = {};

    @Mixin
    private RemoteCommand remote = new RemoteCommand();

    /** Which director, and how to reach it. */
    final RemoteCommand remote() {
        return remote;
    }

    /** Asks without an input; what the director prints is printed here. */
    final int ask(String... words) throws RunException {
        return remote.call(NOTHING, words);
    }
}
