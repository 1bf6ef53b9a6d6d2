@NullMarked
package io.weir.dataplane.forward;

import org.jspecify.annotations.NullMarked;
