@NullMarked
package io.weir.bench.wire;

import org.jspecify.annotations.NullMarked;
