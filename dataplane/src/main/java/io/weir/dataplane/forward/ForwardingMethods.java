package io.weir.dataplane.forward;

import java.util.List;
import java.util.function.Function;

/** The forwarding methods there are; <b>one line adds one</b>. */
public final class ForwardingMethods {
    private static final List<Function<MethodTools, ForwardingMethod>> ALL =
            List.of(Masquerading::new, LocalNode::new, Tunnelling::new, DirectRouting::new, Bypass::new, FullNat::new);

    private ForwardingMethods() {}

    /** One worker's set, indexed by {@link ForwardingMethod#code}. */
    public static ForwardingMethod[] create(MethodTools tools) {
        final ForwardingMethod[] methods = new ForwardingMethod[ALL.size()];
        for (final Function<MethodTools, ForwardingMethod> maker : ALL) {
            final ForwardingMethod method = maker.apply(tools);
            methods[method.code()] = method;
        }
        return methods;
    }
}
