/**
 * A lab of network namespaces with a client, a director, real servers and the networks between them, for the demo and
 * for tests with the kernel's own stacks at both ends.
 *
 * <p>Everything is made with {@code ip}, {@code nft}, {@code nginx} and {@code tcpdump}, as a reader would by hand, and
 * nothing outside the lab's own namespaces and folder is touched.
 *
 * <p>Read in this order: LabPlan (the picture), Lab, Demo.
 */
@NullMarked
package io.weir.control.lab;

import org.jspecify.annotations.NullMarked;
