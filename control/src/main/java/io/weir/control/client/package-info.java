/**
 * The other end of the control socket: what a command sends and gets back, and the small program behind
 * {@code ipvsadm}.
 *
 * <p>Only {@code java.base}, no lambdas and no string concatenation: a command has to answer in a few milliseconds beyond
 * the start of the virtual machine. Read in this order: Call (the wire), IpvsadmMain (the command).
 */
@NullMarked
package io.weir.control.client;

import org.jspecify.annotations.NullMarked;
