/**
 * The scheduler contract: what every scheduler keeps to, whoever wrote it.
 *
 * <p>The built-in ones pass it in the tests, a plug-in before it is taken. Unlike the schedulers themselves this package
 * makes threads and looks at the clock; no packet comes here.
 *
 * <p><b>Read in this order</b>: SchedulerContract, SharedUseClause, SpeedClause, ContractService.
 */
@NullMarked
package io.weir.sched.contract;

import org.jspecify.annotations.NullMarked;
