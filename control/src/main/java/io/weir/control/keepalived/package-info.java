/**
 * The language of {@code keepalived.conf}: read as keepalived reads it, and said back line by line what is used, what is
 * ignored and why. The values it becomes ({@link io.weir.control.keepalived.KeepalivedConfig}) drive the health checks
 * and VRRP, whatever file they came from.
 *
 * <p>Read in this order: SourceReader (files, variables, conditions), Statement (lines and blocks), Block (what a block
 * holds, asked by name), KeepalivedReader (the whole), LineReport (what became of every line).
 *
 * <p><b>Thread</b>: any one. <b>Source</b>: keepalived.conf(5) of keepalived 2.2.
 */
@NullMarked
package io.weir.control.keepalived;

import org.jspecify.annotations.NullMarked;
