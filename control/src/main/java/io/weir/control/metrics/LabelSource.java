package io.weir.control.metrics;

import io.prometheus.metrics.model.snapshots.Labels;
import java.util.List;

/** Where the labels of the next scrape can be had before it comes, piece by piece. <b>Thread</b>: that of the scrapes. */
public interface LabelSource {
    /** Has none. */
    LabelSource NONE = new LabelSource() {
        @Override
        public List<Labels> next() {
            return List.of();
        }

        @Override
        public List<Labels> all() {
            return List.of();
        }
    };

    /** Some of those that are new since they were asked for; empty if none are. */
    List<Labels> next();

    /** All that were made and still hold. */
    List<Labels> all();
}
