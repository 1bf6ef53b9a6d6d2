@NullMarked
package io.weir.dataplane;

import org.jspecify.annotations.NullMarked;
