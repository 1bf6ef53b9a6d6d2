package io.weir.control;

import java.io.IOException;
import java.net.NetworkInterface;

/** The interfaces of the machine, also those that the director has no device on: sync messages may go by any. */
final class HostInterfaces {
    private HostInterfaces() {}

    /** The MTU of an interface by its name; 0 if there is none. */
    static int mtu(String name) {
        try {
            final NetworkInterface found = NetworkInterface.getByName(name);
            return found == null ? 0 : found.getMTU();
        } catch (IOException e) {
            return 0;
        }
    }
}
