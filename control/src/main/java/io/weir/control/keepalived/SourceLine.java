package io.weir.control.keepalived;

/**
 * One line after variables, conditions and repetitions are done.
 *
 * @param file it came from
 * @param number in that file, from 1
 */
record SourceLine(String file, int number, String text) {}
