@NullMarked
package io.weir.sched;

import org.jspecify.annotations.NullMarked;
