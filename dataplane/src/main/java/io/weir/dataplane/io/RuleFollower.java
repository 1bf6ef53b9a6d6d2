package io.weir.dataplane.io;

/**
 * A device that leaves to the host's stack what the director does not want, and must therefore be told what it does want.
 *
 * <p>The rules are those of {@link IngressGuard}, which passes them on.
 *
 * <p><b>Thread</b>: control, one at a time. <b>Fails</b>: with one line.
 */
public interface RuleFollower {
    /** These rules hold from now on; what the old and the new ones have in common is in force all the time. */
    void follow(GuardRules rules);

    /** This is new in the rules, or gone from them. */
    void follow(GuardRules.Change change);
}
