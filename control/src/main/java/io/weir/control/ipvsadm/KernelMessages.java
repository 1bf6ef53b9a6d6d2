package io.weir.control.ipvsadm;

import io.weir.control.state.StateException;
import io.weir.control.state.StateException.Reason;

/** What ipvsadm says when the kernel refuses: the same error number means different things to different commands. */
final class KernelMessages {
    private KernelMessages() {}

    static IpvsadmException explain(Command command, StateException refusal) {
        return new IpvsadmException(text(command, refusal.reason()), IpvsadmException.FAILED);
    }

    static String text(Command command, Reason reason) {
        final boolean server = command instanceof Command.AddServer
                || command instanceof Command.EditServer
                || command instanceof Command.DeleteServer;
        final boolean local =
                command instanceof Command.AddLocalAddress || command instanceof Command.DeleteLocalAddress;
        return switch (reason) {
            case EXISTS -> {
                if (command instanceof Command.StartDaemon) {
                    yield "Daemon has already run";
                }
                if (local) {
                    yield "Local address already exists";
                }
                yield server ? "Destination already exists" : "Service already exists";
            }
            case NO_ENTRY -> {
                if (local) {
                    yield "No such local address";
                }
                yield server ? "No such destination" : "Scheduler or persistence engine not found";
            }
            case NO_SERVICE -> {
                if (command instanceof Command.StopDaemon) {
                    yield "No daemon is running";
                }
                yield server || local || command instanceof Command.ListLocalAddresses
                        ? "Service not defined"
                        : "No such service";
            }
            case INVALID -> "Invalid operation.  Possibly wrong module version, address not unicast, ...";
            case RANGE -> "Numerical result out of range";
            case NO_DEVICE -> "No such device";
            case NO_MEMORY -> "Memory allocation problem";
            case IO_ERROR -> "Input/output error";
            case ONE_WORKER -> "Persistence engines and shadows need one worker (worker: count: 1)";
        };
    }
}
