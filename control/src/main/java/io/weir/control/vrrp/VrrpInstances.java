package io.weir.control.vrrp;

import io.weir.control.vrrp.Election.State;

/** Takes what one instance has decided. */
interface VrrpInstances {
    /** Its state has changed; sync groups, addresses and scripts follow. */
    void changed(VrrpInstance instance, State from, State to);

    /** It hears no master: do the others of its sync group agree that it becomes one? */
    boolean mayBecomeMaster(VrrpInstance instance);

    /** As master it has heard another master of lower priority. */
    void lowerMaster(VrrpInstance instance);

    /** What is tracked has changed its priority. */
    void priorityChanged(VrrpInstance instance);
}
