package io.weir.control.vrrp;

import io.weir.control.vrrp.Election.State;

/** Takes what one instance has decided. */
interface VrrpInstances {
    /** Its state has changed; sync groups, addresses and scripts follow. */
    void changed(VrrpInstance instance, State from, State to);

    /** As master it has heard another master of lower priority. */
    void lowerMaster(VrrpInstance instance);
}
