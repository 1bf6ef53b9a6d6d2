/**
 * The report on all schedulers: speed by JMH and quality by simulation, as a page, as JSON and as text.
 *
 * <p>Read in this order: {@link io.weir.bench.report.SchedulersCommand}, {@link io.weir.bench.report.Report},
 * {@link io.weir.bench.report.HtmlReport}.
 */
@NullMarked
package io.weir.bench.report;

import org.jspecify.annotations.NullMarked;
