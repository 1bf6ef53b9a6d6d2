package io.weir.dataplane.io;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.weir.dataplane.io.GuardRules.Change;
import io.weir.dataplane.io.GuardRules.Delta;
import io.weir.dataplane.io.GuardRules.Endpoint;
import io.weir.dataplane.route.InterfaceInfo.Prefix;
import io.weir.packet.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Everything that the guard does, it does with the shortcut in front of it; what single frames become is in XdpProgramIT. */
@Tag("netns")
class IngressShortcutIT extends IngressGuardIT {
    private static final Delta<Endpoint> NO_PORTS = new Delta<>(List.of(), List.of());
    private static final Delta<IpAddress> NO_SERVERS = new Delta<>(List.of(), List.of());

    private final List<IngressShortcut> opened = new ArrayList<>();

    @Override
    List<RuleFollower> followers() {
        final IngressShortcut shortcut = Objects.requireNonNull(IngressShortcut.open(List.of("l0", "l1")));
        opened.add(shortcut);
        return List.of(shortcut);
    }

    @Override
    void ended() {
        opened.forEach(IngressShortcut::close);
        opened.clear();
    }

    @Test
    void shouldEndRatherThanKnowHalfOfTheRules() {
        try (VethPair pair = new VethPair();
                IngressShortcut shortcut = pair.lb().call(() -> IngressShortcut.open(List.of("l0")))) {
            assertNotNull(shortcut);
            final List<Prefix> tooMany = new ArrayList<>();
            for (int i = 0; i < 5_000; i++) {
                tooMany.add(new Prefix(IpAddress.ofV4(0x0B00_0000 + (i << 8)), 24));
            }
            shortcut.follow(new Change(tooMany, NO_PORTS, NO_PORTS, NO_SERVERS));
            assertFalse(shortcut.isOpen());
        }
    }

    @Test
    void shouldNotBeThereWithoutInterfaces() {
        assertNull(IngressShortcut.open(List.of()));
    }
}
