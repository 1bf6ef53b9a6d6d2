package io.weir.conntrack;

/** A condition on a record that the table cannot judge by itself. */
public interface RecordTest {
    /** Does the record of this id satisfy it? On the thread of the table's owner. */
    boolean test(int id);
}
