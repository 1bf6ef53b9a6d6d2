/**
 * Schedulers that users bring: jars in a folder, each in a class loader of its own, tried in a virtual machine of its own
 * before the director takes them.
 *
 * <p><b>Read in this order</b>: PluginFolder, PluginTrial, PluginTrialMain, PluginJar.
 */
@NullMarked
package io.weir.control.plugin;

import org.jspecify.annotations.NullMarked;
