/** Firewall marks: iptables' syntax into the data plane's rules. */
@NullMarked
package io.weir.control.mark;

import org.jspecify.annotations.NullMarked;
