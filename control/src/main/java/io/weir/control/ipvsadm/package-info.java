/** ipvsadm's command language and listings, and our own words where IPVS has none. */
@NullMarked
package io.weir.control.ipvsadm;

import org.jspecify.annotations.NullMarked;
