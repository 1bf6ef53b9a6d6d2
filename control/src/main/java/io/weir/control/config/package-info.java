/**
 * The daemon's configuration file: YAML read with its line numbers, checked as a whole, turned into values.
 *
 * <p>Read in this order: WeirConfig (what there is), ConfigReader (what is allowed), ServiceRules (services as ipvsadm
 * lines).
 */
@NullMarked
package io.weir.control.config;

import org.jspecify.annotations.NullMarked;
