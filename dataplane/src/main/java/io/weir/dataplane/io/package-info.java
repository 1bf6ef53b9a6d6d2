@NullMarked
package io.weir.dataplane.io;

import org.jspecify.annotations.NullMarked;
